import { fitSimilarity } from '../../head/fit-similarity.ts';
import { applySimilarity, type Similarity } from '../../head/similarity.ts';
import { distance, trustAt } from '../geometry/robust-weights.ts';

/**
 * The similarity that takes points to others while those that lie far off count less: weights are divided by
 * 1 + (distance / tolerance)².
 * @param from xyz triples.
 * @param to As many.
 * @param weights One for each point, not negative.
 * @param tolerance In the unit of `to`.
 * @returns undefined if fewer than three points count, or all are in one place.
 */
export function fitSimilarityRobustly(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights: ArrayLike<number>,
  tolerance: number,
): Similarity | undefined {
  if (!isSpread(from, weights) || !isSpread(to, weights)) return undefined;
  let fit = fitSimilarity(from, to, { weights });
  const lowered = new Float64Array(weights.length);
  for (let round = 0; round < 4; round++) {
    const moved = applySimilarity(fit, from);
    for (let i = 0; i < lowered.length; i++) {
      lowered[i] = weights[i] * trustAt(distance(moved, to, i), tolerance);
    }
    fit = fitSimilarity(from, to, { weights: lowered });
  }
  return fit;
}

/** Whether three points or more count, and not all lie in one place. */
function isSpread(points: ArrayLike<number>, weights: ArrayLike<number>): boolean {
  let counting = 0;
  let first = -1;
  let apart = false;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] > 0)) continue;
    counting++;
    if (first < 0) first = i;
    for (let axis = 0; axis < 3; axis++) if (points[3 * i + axis] !== points[3 * first + axis]) apart = true;
  }
  return counting >= 3 && apart;
}
