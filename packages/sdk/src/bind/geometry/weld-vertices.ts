/** Part of the surface's extent within which two vertices are the same point. */
const SAME_PLACE = 2e-6;

/** Vertices of a file joined where they lie at one place. */
export interface WeldedVertices {
  /** xyz of the welded vertices. */
  readonly positions: Float64Array;
  /** For each vertex of the file its welded one. */
  readonly of: Uint32Array;
}

/** Joins vertices at one place (up to two millionths of the extent); the copies at seams of UVs and normals become one. */
export function weldVertices(positions: Float64Array): WeldedVertices {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]) || 1;
  const cell = extent * SAME_PLACE;
  const count = positions.length / 3;
  const of = new Uint32Array(count);
  const sources: number[] = [];
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, count * 2)));
  const table = new Int32Array(size).fill(-1);
  const keys = new Int32Array(count * 3);
  for (let v = 0; v < count; v++) {
    const kx = Math.round((positions[v * 3] - low[0]) / cell);
    const ky = Math.round((positions[v * 3 + 1] - low[1]) / cell);
    const kz = Math.round((positions[v * 3 + 2] - low[2]) / cell);
    let slot = (Math.imul(kx, 73856093) ^ Math.imul(ky, 19349663) ^ Math.imul(kz, 83492791)) & (size - 1);
    for (;;) {
      const welded = table[slot];
      if (welded < 0) {
        table[slot] = sources.length;
        keys.set([kx, ky, kz], sources.length * 3);
        of[v] = sources.length;
        sources.push(v);
        break;
      }
      if (keys[welded * 3] === kx && keys[welded * 3 + 1] === ky && keys[welded * 3 + 2] === kz) {
        of[v] = welded;
        break;
      }
      slot = (slot + 1) & (size - 1);
    }
  }
  const out = new Float64Array(sources.length * 3);
  sources.forEach((v, i) => {
    for (let axis = 0; axis < 3; axis++) out[i * 3 + axis] = positions[v * 3 + axis];
  });
  return { positions: out, of };
}
