import type { Similarity } from '../found-face.ts';
import { applySimilarity, fitWeightedSimilarity } from '../geometry/fit-weighted-similarity.ts';

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
  let fit = fitWeightedSimilarity(from, to, weights);
  const lowered = new Float64Array(weights.length);
  for (let round = 0; round < 4; round++) {
    const moved = applySimilarity(fit, from);
    for (let i = 0; i < lowered.length; i++) {
      const off = distance(moved, to, i) / tolerance;
      lowered[i] = weights[i] / (1 + off * off);
    }
    fit = fitWeightedSimilarity(from, to, lowered);
  }
  return fit;
}

/** Distance of the i-th points of two lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, i: number): number {
  return Math.hypot(a[3 * i] - b[3 * i], a[3 * i + 1] - b[3 * i + 1], a[3 * i + 2] - b[3 * i + 2]);
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
