import { toUnitLength, triangleNormal } from './triangle-normal.ts';

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
  return toUnitLength(out);
}

/** Reused, as normals are computed in every frame. */
const normal = new Float64Array(3);

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
  triangleNormal(positions, indices, at, normal);
  const x = sign * normal[0];
  const y = sign * normal[1];
  const z = sign * normal[2];
  for (let corner = at; corner < at + 3; corner++) {
    const vertex = indices[corner] * 3;
    sums[vertex] += x;
    sums[vertex + 1] += y;
    sums[vertex + 2] += z;
  }
}
