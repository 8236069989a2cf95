import { fitSimilarity } from '../../head/fit-similarity.ts';
import { applySimilarity, invertSimilarity, type Similarity } from '../../head/similarity.ts';
import { distance, trustAt } from '../geometry/robust-weights.ts';

import { solveSymmetric } from '../geometry/solve-symmetric.ts';
import { type BindTemplate, landmarkPositions, type SkinLandmarks } from '../template/bind-template.ts';

/** Landmarks further from their place than this count half, in metres of the template. */
const HALF_TRUST = 0.006;
/** Rounds of similarity, modes and new weights. */
const ROUNDS = 8;
/** Modes that landmarks alone may move; the surface moves the others. */
export const LANDMARK_MODES = 30;
/** Pull of the modes to the mean person, in square metres: the square of how far landmarks are expected to be off. */
const PRIOR = 0.0035 ** 2;

/** Where the template goes, as far as landmarks tell. */
export interface LandmarkFit {
  /** Takes the template's frame to the head's. */
  readonly similarity: Similarity;
  /** Coefficients of the template's identity modes. */
  readonly coefficients: Float64Array;
  /** Weights of the landmarks after outliers were put down, one each. */
  readonly weights: Float64Array;
  /** Weighted mean distance of the landmarks in metres of the template. */
  readonly residual: number;
  /** True when left and right of the given landmarks were swapped. */
  readonly swapped: boolean;
  /** The given landmarks and their trust, with left and right the right way round. */
  readonly points: Float64Array;
  readonly trust: Float64Array;
}

/**
 * Fits similarity and identity modes to landmarks, putting down those that fit badly (iteratively reweighted least squares).
 *
 * @param points - xyz of each landmark in the head's frame.
 * @param trust - Weight of each landmark, 0 where it is unknown.
 */
export function fitLandmarks(template: BindTemplate, points: Float64Array, trust: Float64Array): LandmarkFit {
  const straight = fitOnce(template, points, trust);
  const mirror = mirrorOrder(template.landmarks, template.positions);
  const swappedPoints = new Float64Array(points.length);
  const swappedTrust = new Float64Array(trust.length);
  mirror.forEach((other, i) => {
    swappedTrust[i] = trust[other];
    swappedPoints.set(points.subarray(other * 3, other * 3 + 3), i * 3);
  });
  const swapped = fitOnce(template, swappedPoints, swappedTrust);
  // A face is nearly symmetric from the front, but its nose stands out one way only.
  return swapped.residual < straight.residual * 0.6
    ? { ...swapped, swapped: true, points: swappedPoints, trust: swappedTrust }
    : { ...straight, swapped: false, points, trust };
}

function fitOnce(
  { positions, modes, landmarks }: BindTemplate,
  points: Float64Array,
  trust: Float64Array,
): Pick<LandmarkFit, 'similarity' | 'coefficients' | 'weights' | 'residual'> {
  const rest = landmarkPositions(landmarks, positions);
  const count = Math.min(LANDMARK_MODES, modes.length);
  const basis = modes.slice(0, count).map((mode) => landmarkPositions(landmarks, mode));
  const coefficients = new Float64Array(modes.length);
  const prior = trust.map((w, i) => w * landmarks.trust[i]);
  const weights = prior.slice();
  let similarity: Similarity = fitSimilarity(rest, points, { weights });
  let residual = 0;
  const model = new Float64Array(rest.length);
  const local = new Float64Array(rest.length);
  for (let round = 0; round < ROUNDS; round++) {
    applySimilarity(invertSimilarity(similarity), points, local);
    if (round > 0) solveModes(basis, rest, local, weights, coefficients);
    addModes(rest, basis, coefficients, model);
    similarity = fitSimilarity(model, points, { weights });
    applySimilarity(invertSimilarity(similarity), points, local);
    let sum = 0;
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      if (prior[i] === 0) continue;
      const away = distance(model, local, i);
      sum += prior[i] * away;
      total += prior[i];
      weights[i] = prior[i] * trustAt(away, HALF_TRUST);
    }
    residual = total > 0 ? sum / total : Number.POSITIVE_INFINITY;
  }
  return { similarity, coefficients, weights, residual };
}

function solveModes(
  basis: readonly Float64Array[],
  rest: Float64Array,
  target: Float64Array,
  weights: Float64Array,
  out: Float64Array,
): void {
  const n = basis.length;
  if (n === 0) return;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < rest.length; i++) {
      const w = weights[Math.floor(i / 3)];
      if (w === 0) continue;
      b[k] += w * basis[k][i] * (target[i] - rest[i]);
      for (let l = 0; l <= k; l++) a[k * n + l] += w * basis[k][i] * basis[l][i];
    }
    a[k * n + k] += PRIOR * 3;
  }
  out.set(solveSymmetric(a, b));
}

/** `rest` and the modes' offsets times their coefficients. */
export function addModes(
  rest: ArrayLike<number>,
  modes: readonly ArrayLike<number>[],
  coefficients: ArrayLike<number>,
  out: Float64Array,
): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = rest[i];
  modes.forEach((mode, k) => {
    const c = coefficients[k];
    if (c === 0) return;
    for (let i = 0; i < out.length; i++) out[i] += c * mode[i];
  });
  return out;
}

/** For each landmark the one on the other side of the face. */
export function mirrorOrder(landmarks: SkinLandmarks, positions: ArrayLike<number>): Uint16Array {
  const points = landmarkPositions(landmarks, positions);
  const count = points.length / 3;
  return Uint16Array.from({ length: count }, (_, i) => {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < count; j++) {
      const away =
        (points[i * 3] + points[j * 3]) ** 2 +
        (points[i * 3 + 1] - points[j * 3 + 1]) ** 2 +
        (points[i * 3 + 2] - points[j * 3 + 2]) ** 2;
      if (away < least) {
        least = away;
        best = j;
      }
    }
    return best;
  });
}
