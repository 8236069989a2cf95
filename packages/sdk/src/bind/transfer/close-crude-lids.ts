import { type BindTemplate, landmarkPositions } from '../template/bind-template.ts';
import { lineAt } from './lip-line.ts';

/** Lids of fewer vertices than this, both together, are too crude to take their motion from single places of the template. */
const CRUDE = 60;
/** Up to this far above the margin a vertex of a crude lid is its edge, and from the second distance on it stays; metres. */
const EDGE = [0.003, 0.011] as const;

/**
 * Where the vertices of crude lids go in a blink: what is at the margin goes to the line on which the template's lids meet, what is above
 * or below it follows less and less.
 *
 * @param registered - V x 3, the template on the head; `blink` its offsets there.
 * @param positions - xyz of the head's vertices.
 * @param sides - 1 for vertices of the upper lid, 2 for the lower.
 * @param upper - Landmarks of the upper lid's margin; `lower` those below them, in the same order.
 * @param corners - Landmarks of the eye's corners.
 * @returns Offsets of vertices and how far each holds against those that the vertex has, 0 to 1; null where the lids are fine enough.
 */
export function closeCrudeLids(
  template: BindTemplate,
  registered: Float64Array,
  blink: Float64Array,
  positions: Float64Array,
  sides: Uint8Array,
  upper: readonly number[],
  lower: readonly number[],
  corners: readonly number[],
): Map<number, { readonly offset: readonly [number, number, number]; readonly share: number }> | null {
  const lids: number[] = [];
  sides.forEach((side, v) => {
    if (side !== 0) lids.push(v);
  });
  if (lids.length === 0 || lids.length > CRUDE) return null;
  const at = landmarkPositions(template.landmarks, registered);
  const moved = landmarkPositions(template.landmarks, blink);
  const ends = corners.map((id) => [at[id * 3], at[id * 3 + 1], at[id * 3 + 1], at[id * 3 + 1]]);
  const rows = [
    ...ends,
    ...upper.map((u, i) => {
      const l = lower[i];
      const x = (at[u * 3] + at[l * 3]) / 2;
      const [high, low] = [at[u * 3 + 1], at[l * 3 + 1]];
      return [x, high, low, (high + moved[u * 3 + 1] + low + moved[l * 3 + 1]) / 2];
    }),
  ].sort((a, b) => a[0] - b[0]);
  const [xs, highs, lows, meets] = [0, 1, 2, 3].map((k) => Float64Array.from(rows, (row) => row[k]));
  const out = new Map<number, { offset: [number, number, number]; share: number }>();
  for (const v of lids) {
    const [x, y] = [positions[v * 3], positions[v * 3 + 1]];
    const beside = Math.max(xs[0] - x, x - xs[xs.length - 1], 0);
    const beyond = sides[v] === 1 ? y - lineAt(xs, highs, x) : lineAt(xs, lows, x) - y;
    const away = Math.max(beyond, 0) + beside;
    const t = Math.max(0, Math.min(1, (EDGE[1] - away) / (EDGE[1] - EDGE[0])));
    if (t === 0) continue;
    out.set(v, { offset: [0, lineAt(xs, meets, x) - y, 0], share: t * t * (3 - 2 * t) });
  }
  return out;
}
