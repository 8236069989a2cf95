/**
 * Area-weighted vertex normals of a triangle mesh.
 *
 * @param positions - xyz per vertex.
 * @param indices - Three vertex indices per triangle, counter-clockwise seen from outside in a right-handed space.
 * @param out - Receives xyz per vertex, of unit length; zero where no triangle touches a vertex.
 * @returns `out`.
 */
export function vertexNormals<Numbers extends Float32Array | Float64Array>(
  positions: Float32Array | Float64Array,
  indices: Uint32Array,
  out: Numbers,
): Numbers {
  out.fill(0);
  for (let t = 0; t < indices.length; t += 3) addTriangleNormal(positions, indices, t, 1, out);
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.sqrt(out[i] * out[i] + out[i + 1] * out[i + 1] + out[i + 2] * out[i + 2]);
    if (length === 0) continue;
    out[i] /= length;
    out[i + 1] /= length;
    out[i + 2] /= length;
  }
  return out;
}

/**
 * Adds a triangle's normal, as long as twice its area, to the sums of its three vertices.
 *
 * @param positions - xyz per vertex.
 * @param indices - Three vertex indices per triangle, counter-clockwise seen from outside in a right-handed space.
 * @param at - Where in `indices` the triangle begins.
 * @param sign - 1 to add it, -1 to take it away again.
 * @param sums - xyz per vertex.
 */
export function addTriangleNormal(
  positions: Float32Array | Float64Array,
  indices: Uint32Array,
  at: number,
  sign: number,
  sums: Float32Array | Float64Array,
): void {
  const a = indices[at] * 3;
  const b = indices[at + 1] * 3;
  const c = indices[at + 2] * 3;
  const ux = positions[b] - positions[a];
  const uy = positions[b + 1] - positions[a + 1];
  const uz = positions[b + 2] - positions[a + 2];
  const vx = positions[c] - positions[a];
  const vy = positions[c + 1] - positions[a + 1];
  const vz = positions[c + 2] - positions[a + 2];
  const nx = sign * (uy * vz - uz * vy);
  const ny = sign * (uz * vx - ux * vz);
  const nz = sign * (ux * vy - uy * vx);
  sums[a] += nx;
  sums[a + 1] += ny;
  sums[a + 2] += nz;
  sums[b] += nx;
  sums[b + 1] += ny;
  sums[b + 2] += nz;
  sums[c] += nx;
  sums[c + 1] += ny;
  sums[c + 2] += nz;
}
