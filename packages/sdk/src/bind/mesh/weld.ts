import { boundsOf } from './bounds.ts';

/** Vertices that lie at one place, as one. */
export interface Weld {
  /** Number of places. */
  readonly count: number;
  /** Place of every vertex. */
  readonly places: Uint32Array;
  /** For every place its first vertex. */
  readonly vertices: Uint32Array;
}

/** Vertices nearer to each other than this, as a share of the box's diagonal, are one. */
export const WELD_TOLERANCE = 1e-6;

/**
 * Finds coincident vertices: those of seams, and of triangle soups. Places are numbered in the order of their first vertices.
 * A vertex joins the first place within `tolerance` of it, so that no chain of near vertices grows together.
 * @param positions xyz triples.
 * @param tolerance Distance in the unit of `positions`. Default {@link WELD_TOLERANCE} of the diagonal; 0 welds equal ones only.
 */
export function weld(positions: Float32Array, tolerance?: number): Weld {
  const n = positions.length / 3;
  if (n === 0) return { count: 0, places: new Uint32Array(0), vertices: new Uint32Array(0) };
  const { min, diagonal } = boundsOf(positions);
  const within = tolerance ?? diagonal * WELD_TOLERANCE;
  // Cells no smaller than 2^-24 of the box: cell numbers stay exact integers.
  const cell = Math.max(within * 4, diagonal * 2 ** -24, Number.MIN_VALUE);
  const places = new Uint32Array(n);
  const vertices = new Uint32Array(n);
  const slots = 2 ** Math.ceil(Math.log2(n * 2 + 16));
  const mask = slots - 1;
  const first = new Int32Array(slots).fill(-1);
  const next = new Int32Array(n);
  let count = 0;
  const slotOf = (x: number, y: number, z: number): number => {
    let h = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return (h ^ (h >>> 13)) & mask;
  };
  for (let i = 0; i < n; i++) {
    const x = positions[3 * i];
    const y = positions[3 * i + 1];
    const z = positions[3 * i + 2];
    const gx = (x - min[0]) / cell;
    const gy = (y - min[1]) / cell;
    const gz = (z - min[2]) / cell;
    const edge = within / cell;
    let found = -1;
    for (let cx = Math.floor(gx - edge); cx <= gx + edge && found < 0; cx++)
      for (let cy = Math.floor(gy - edge); cy <= gy + edge && found < 0; cy++)
        for (let cz = Math.floor(gz - edge); cz <= gz + edge && found < 0; cz++)
          for (let place = first[slotOf(cx, cy, cz)]; place >= 0; place = next[place]) {
            const at = 3 * vertices[place];
            const dx = positions[at] - x;
            const dy = positions[at + 1] - y;
            const dz = positions[at + 2] - z;
            if (dx * dx + dy * dy + dz * dz <= within * within) {
              found = place;
              break;
            }
          }
    if (found < 0) {
      found = count++;
      vertices[found] = i;
      const slot = slotOf(Math.floor(gx), Math.floor(gy), Math.floor(gz));
      next[found] = first[slot];
      first[slot] = found;
    }
    places[i] = found;
  }
  return { count, places, vertices: vertices.slice(0, count) };
}

/** A triangle list on places; triangles that welding made degenerate stay in, so that their numbers stay the same. */
export function weldTriangles(triangles: Uint32Array, { places }: Weld): Uint32Array {
  return Uint32Array.from(triangles, (vertex) => places[vertex]);
}
