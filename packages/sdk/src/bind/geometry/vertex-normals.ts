/** Unit normals of the vertices, weighted by area; 0 where there is no triangle. */
export function vertexNormals(
  positions: Float64Array,
  indices: Uint32Array,
  out = new Float64Array(positions.length),
): Float64Array {
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
    const x = uy * vz - uz * vy;
    const y = uz * vx - ux * vz;
    const z = ux * vy - uy * vx;
    for (const v of [a, b, c]) {
      out[v] += x;
      out[v + 1] += y;
      out[v + 2] += z;
    }
  }
  for (let v = 0; v < out.length; v += 3) {
    const length = Math.hypot(out[v], out[v + 1], out[v + 2]);
    if (length === 0) continue;
    out[v] /= length;
    out[v + 1] /= length;
    out[v + 2] /= length;
  }
  return out;
}
