import type { Similarity } from '../found-face.ts';

/**
 * The similarity that takes points to others with the least weighted squared distance, by Horn's quaternions.
 * @param from xyz triples.
 * @param to As many.
 * @param weights One for each point, not negative.
 * @returns undefined if fewer than three points count, or all in one place.
 * @see {@link https://doi.org/10.1364/JOSAA.4.000629 | Horn 1987}
 */
export function fitSimilarity(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights: ArrayLike<number>,
): Similarity | undefined {
  const count = weights.length;
  const fromMean = [0, 0, 0];
  const toMean = [0, 0, 0];
  let sum = 0;
  let counting = 0;
  for (let i = 0; i < count; i++) {
    if (!(weights[i] > 0)) continue;
    counting++;
    sum += weights[i];
    for (let axis = 0; axis < 3; axis++) {
      fromMean[axis] += weights[i] * from[3 * i + axis];
      toMean[axis] += weights[i] * to[3 * i + axis];
    }
  }
  if (counting < 3) return undefined;
  for (let axis = 0; axis < 3; axis++) {
    fromMean[axis] /= sum;
    toMean[axis] /= sum;
  }
  const s = new Float64Array(9);
  let spread = 0;
  for (let i = 0; i < count; i++) {
    if (!(weights[i] > 0)) continue;
    for (let a = 0; a < 3; a++) {
      const x = from[3 * i + a] - fromMean[a];
      spread += weights[i] * x * x;
      for (let b = 0; b < 3; b++) s[3 * a + b] += weights[i] * x * (to[3 * i + b] - toMean[b]);
    }
  }
  if (!(spread > 0)) return undefined;
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = s;
  const [w, x, y, z] = largestEigenvector([
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ]);
  const rotation = Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  );
  let along = 0;
  for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) along += rotation[3 * b + a] * s[3 * a + b];
  const scale = along / spread;
  if (!(scale > 0)) return undefined;
  const translation = new Float64Array(3);
  for (let a = 0; a < 3; a++) {
    translation[a] = toMean[a];
    for (let b = 0; b < 3; b++) translation[a] -= scale * rotation[3 * a + b] * fromMean[b];
  }
  return { scale, rotation, translation };
}

/**
 * {@link fitSimilarity} that lets points that lie far off count less: weights are divided by 1 + (distance / tolerance)².
 * @param tolerance In the unit of `to`.
 */
export function fitSimilarityRobustly(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights: ArrayLike<number>,
  tolerance: number,
): Similarity | undefined {
  let fit = fitSimilarity(from, to, weights);
  const lowered = new Float64Array(weights.length);
  for (let round = 0; fit && round < 4; round++) {
    const moved = applySimilarity(fit, from);
    for (let i = 0; i < lowered.length; i++) {
      const off = distance(moved, to, i) / tolerance;
      lowered[i] = weights[i] / (1 + off * off);
    }
    fit = fitSimilarity(from, to, lowered);
  }
  return fit;
}

/** Points after a similarity. */
export function applySimilarity(
  { scale, rotation: r, translation: t }: Similarity,
  xyz: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(xyz.length);
  for (let i = 0; i < xyz.length; i += 3)
    for (let a = 0; a < 3; a++)
      out[i + a] = scale * (r[3 * a] * xyz[i] + r[3 * a + 1] * xyz[i + 1] + r[3 * a + 2] * xyz[i + 2]) + t[a];
  return out;
}

/** The similarity that leads back. */
export function invertSimilarity({ scale, rotation: r, translation: t }: Similarity): Similarity {
  const rotation = Float64Array.of(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
  const inverse = { scale: 1 / scale, rotation, translation: new Float64Array(3) };
  const moved = applySimilarity(inverse, t);
  for (let a = 0; a < 3; a++) inverse.translation[a] = -moved[a];
  return inverse;
}

/** Distance of the i-th points of two lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, i: number): number {
  return Math.hypot(a[3 * i] - b[3 * i], a[3 * i + 1] - b[3 * i + 1], a[3 * i + 2] - b[3 * i + 2]);
}

/** Jacobi's rotations on a symmetric matrix. */
function largestEigenvector(matrix: number[][]): number[] {
  const n = matrix.length;
  const m = matrix.map((row) => [...row]);
  const v: number[][] = m.map((_, i) => m.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 50; sweep++) {
    let off = 0;
    let size = 0;
    for (let p = 0; p < n; p++)
      for (let q = 0; q < n; q++) {
        size += m[p][q] * m[p][q];
        if (p !== q) off += m[p][q] * m[p][q];
      }
    if (off <= 1e-28 * size) break;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (m[p][q] === 0) continue;
        const theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const a = m[k][p];
          const b = m[k][q];
          m[k][p] = c * a - s * b;
          m[k][q] = s * a + c * b;
        }
        for (let k = 0; k < n; k++) {
          const a = m[p][k];
          const b = m[q][k];
          m[p][k] = c * a - s * b;
          m[q][k] = s * a + c * b;
          const x = v[k][p];
          const y = v[k][q];
          v[k][p] = c * x - s * y;
          v[k][q] = s * x + c * y;
        }
      }
  }
  let best = 0;
  for (let i = 1; i < n; i++) if (m[i][i] > m[best][best]) best = i;
  return v.map((row) => row[best]);
}
