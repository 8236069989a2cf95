import type { Straightening } from '../register/straighten-head.ts';

/**
 * Offsets of a bent head as the head itself has them: from where a point is to where the bent head's point goes. What touches there
 * touches here, so lids that close do.
 *
 * @param bent - xyz per vertex on the bent head; `asItIs` the same vertices on the head itself.
 * @param offsets - xyz per vertex on the bent head.
 */
export function unbendOffsets(
  straightening: Straightening,
  bent: Float64Array,
  asItIs: Float64Array,
  offsets: Float64Array,
): Float64Array {
  const moving: number[] = [];
  for (let v = 0; v < offsets.length / 3; v++)
    if (offsets[v * 3] !== 0 || offsets[v * 3 + 1] !== 0 || offsets[v * 3 + 2] !== 0) moving.push(v);
  const goals = new Float64Array(moving.length * 3);
  moving.forEach((v, i) => {
    for (let axis = 0; axis < 3; axis++) goals[i * 3 + axis] = bent[v * 3 + axis] + offsets[v * 3 + axis];
  });
  const reached = straightening.fromStraight(goals);
  const out = new Float64Array(offsets.length);
  moving.forEach((v, i) => {
    for (let axis = 0; axis < 3; axis++) out[v * 3 + axis] = reached[i * 3 + axis] - asItIs[v * 3 + axis];
  });
  return out;
}
