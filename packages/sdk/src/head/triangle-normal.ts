/**
 * The normal of one triangle, as long as twice its area.
 *
 * @param positions - xyz per vertex.
 * @param indices - Three vertex indices per triangle, counter-clockwise seen from outside in a right-handed space.
 * @param at - Where in `indices` the triangle begins.
 * @param out - Receives xyz.
 */
export function triangleNormal(
  positions: Float32Array | Float64Array,
  indices: Uint32Array,
  at: number,
  out: Float64Array,
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
  out[0] = uy * vz - uz * vy;
  out[1] = uz * vx - ux * vz;
  out[2] = ux * vy - uy * vx;
}

/** Makes each vector of length 1, in place. @param vectors - xyz each; those of length 0 stay. @returns `vectors`. */
export function toUnitLength<Numbers extends Float32Array | Float64Array>(vectors: Numbers): Numbers {
  for (let i = 0; i < vectors.length; i += 3) {
    const x = vectors[i];
    const y = vectors[i + 1];
    const z = vectors[i + 2];
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length === 0) continue;
    vectors[i] = x / length;
    vectors[i + 1] = y / length;
    vectors[i + 2] = z / length;
  }
  return vectors;
}
