/** The triangles for which `keeps` says so, in their order. */
export function keepTriangles(indices: Uint32Array, keeps: (triangle: number) => boolean): Uint32Array {
  const out = new Uint32Array(indices.length);
  let used = 0;
  for (let t = 0; t < indices.length / 3; t++) {
    if (!keeps(t)) continue;
    out[used++] = indices[t * 3];
    out[used++] = indices[t * 3 + 1];
    out[used++] = indices[t * 3 + 2];
  }
  return out.slice(0, used);
}
