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
  for (let t = 0; t < indices.length; t += 3) {
    const a = indices[t] * 3;
    const b = indices[t + 1] * 3;
    const c = indices[t + 2] * 3;
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    out[a] += nx;
    out[a + 1] += ny;
    out[a + 2] += nz;
    out[b] += nx;
    out[b + 1] += ny;
    out[b + 2] += nz;
    out[c] += nx;
    out[c + 1] += ny;
    out[c + 2] += nz;
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.sqrt(out[i] * out[i] + out[i + 1] * out[i + 1] + out[i + 2] * out[i + 2]);
    if (length === 0) continue;
    out[i] /= length;
    out[i + 1] /= length;
    out[i + 2] /= length;
  }
  return out;
}
