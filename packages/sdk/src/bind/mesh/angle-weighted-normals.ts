import { toUnitLength, triangleNormal } from '../../head/triangle-normal.ts';

/**
 * Smooth unit normals: the mean of the adjacent triangles' normals, weighted by their angle at the vertex, so that they do not
 * depend on how polygons were cut. A vertex without area has the normal 0.
 * @param positions xyz triples.
 * @param triangles Three vertices each; on places of a weld, or every seam gets an edge.
 * @see {@link https://doi.org/10.1080/10867651.1998.10487487 | Thürmer and Wüthrich, Computing Vertex Normals from Polygonal Facets}
 */
export function angleWeightedNormals(positions: Float32Array, triangles: Uint32Array): Float32Array {
  const out = new Float32Array(positions.length);
  const normal = new Float64Array(3);
  for (let t = 0; t < triangles.length; t += 3) {
    triangleNormal(positions, triangles, t, normal);
    const [x, y, z] = normal;
    const area = Math.sqrt(x * x + y * y + z * z);
    if (!(area > 0)) continue;
    for (let k = 0; k < 3; k++) {
      const vertex = 3 * triangles[t + k];
      const next = 3 * triangles[t + ((k + 1) % 3)];
      const last = 3 * triangles[t + ((k + 2) % 3)];
      let dot = 0;
      for (let axis = 0; axis < 3; axis++) {
        const at = positions[vertex + axis];
        dot += (positions[next + axis] - at) * (positions[last + axis] - at);
      }
      const weight = Math.atan2(area, dot) / area;
      for (let axis = 0; axis < 3; axis++) out[vertex + axis] += normal[axis] * weight;
    }
  }
  return toUnitLength(out);
}
