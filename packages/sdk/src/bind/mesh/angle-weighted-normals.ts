/**
 * Smooth unit normals: the mean of the adjacent triangles' normals, weighted by their angle at the vertex, so that they do not
 * depend on how polygons were cut. A vertex without area has the normal 0.
 * @param positions xyz triples.
 * @param triangles Three vertices each; on places of a weld, or every seam gets an edge.
 * @see {@link https://doi.org/10.1080/10867651.1998.10487487 | Thürmer and Wüthrich, Computing Vertex Normals from Polygonal Facets}
 */
export function angleWeightedNormals(positions: Float32Array, triangles: Uint32Array): Float32Array {
  const out = new Float32Array(positions.length);
  const p = positions;
  for (let i = 0; i < triangles.length; i += 3) {
    const a = 3 * triangles[i];
    const b = 3 * triangles[i + 1];
    const c = 3 * triangles[i + 2];
    const abx = p[b] - p[a];
    const aby = p[b + 1] - p[a + 1];
    const abz = p[b + 2] - p[a + 2];
    const acx = p[c] - p[a];
    const acy = p[c + 1] - p[a + 1];
    const acz = p[c + 2] - p[a + 2];
    const nx = aby * acz - abz * acy;
    const ny = abz * acx - abx * acz;
    const nz = abx * acy - aby * acx;
    const area = Math.sqrt(nx * nx + ny * ny + nz * nz);
    if (!(area > 0)) continue;
    const bcx = p[c] - p[b];
    const bcy = p[c + 1] - p[b + 1];
    const bcz = p[c + 2] - p[b + 2];
    const angleA = Math.atan2(area, abx * acx + aby * acy + abz * acz);
    const angleB = Math.atan2(area, -(abx * bcx + aby * bcy + abz * bcz));
    const weights = [angleA, angleB, Math.PI - angleA - angleB];
    for (let k = 0; k < 3; k++) {
      const at = 3 * triangles[i + k];
      const weight = weights[k] / area;
      out[at] += nx * weight;
      out[at + 1] += ny * weight;
      out[at + 2] += nz * weight;
    }
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.hypot(out[i], out[i + 1], out[i + 2]);
    if (length > 0) for (let k = 0; k < 3; k++) out[i + k] /= length;
  }
  return out;
}
