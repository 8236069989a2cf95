import { toUnitLength, triangleNormal } from '../../head/triangle-normal.ts';

/**
 * Unit normals of triangles, xyz each; zero where a triangle has no area.
 *
 * @param positions - xyz per vertex.
 * @param indices - Triangles, counter-clockwise from outside.
 */
export function triangleNormals(positions: Float64Array, indices: Uint32Array): Float64Array {
  const out = new Float64Array(indices.length);
  for (let t = 0; t < indices.length; t += 3) triangleNormal(positions, indices, t, out.subarray(t, t + 3));
  return toUnitLength(out);
}
