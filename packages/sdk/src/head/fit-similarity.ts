import type { Similarity } from './similarity.ts';

/** Settings of {@link fitSimilarity}. */
export interface FitSimilarityOptions {
  /** One per point, not negative; all 1 when absent. */
  readonly weights?: ArrayLike<number>;
  /**
   * `least-squares` (default): the best one in that direction (Umeyama 1991); `spreads`: the ratio of the spreads, which leads
   * back the same way; `none`: 1.
   */
  readonly scale?: 'least-squares' | 'spreads' | 'none';
}

/**
 * The rotation, uniform scale and shift that carry `from` to `to` with least weighted squares.
 * B. K. P. Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
 *
 * @param from - xyz per point.
 * @param to - xyz per point; more of them than of `from` are ignored.
 */
export function fitSimilarity(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { weights, scale: kind = 'least-squares' }: FitSimilarityOptions = {},
): Similarity {
  const a = [0, 0, 0];
  const b = [0, 0, 0];
  let sum = 0;
  const count = from.length / 3;
  for (let i = 0; i < count; i++) {
    const w = weights ? weights[i] : 1;
    if (w === 0) continue;
    sum += w;
    for (let axis = 0; axis < 3; axis++) {
      a[axis] += w * from[i * 3 + axis];
      b[axis] += w * to[i * 3 + axis];
    }
  }
  if (sum > 0) {
    for (let axis = 0; axis < 3; axis++) {
      a[axis] /= sum;
      b[axis] /= sum;
    }
  }
  const s = new Float64Array(9);
  let spread = 0;
  let spreadTo = 0;
  for (let i = 0; i < count; i++) {
    const w = weights ? weights[i] : 1;
    if (w === 0) continue;
    for (let row = 0; row < 3; row++) {
      const p = from[i * 3 + row] - a[row];
      spread += w * p * p;
      spreadTo += w * (to[i * 3 + row] - b[row]) ** 2;
      for (let column = 0; column < 3; column++)
        s[row * 3 + column] += w * p * (to[i * 3 + column] - b[column]);
    }
  }
  const rotation = rotationOfCovariance(s);
  let trace = 0;
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) trace += rotation[column * 3 + row] * s[row * 3 + column];
  }
  const ratio = kind === 'spreads' ? Math.sqrt(spreadTo / spread) : trace / spread;
  const scale = kind === 'none' || spread === 0 ? 1 : Math.max(1e-12, ratio);
  const translation = new Float64Array(3);
  for (let row = 0; row < 3; row++) {
    translation[row] =
      b[row] -
      scale * (rotation[row * 3] * a[0] + rotation[row * 3 + 1] * a[1] + rotation[row * 3 + 2] * a[2]);
  }
  return { scale, rotation, translation };
}

/** Horn's 4 x 4 matrix; the eigenvector of its largest eigenvalue (Jacobi) is the quaternion. */
export function rotationOfCovariance(s: Float64Array): Float64Array {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = s;
  const m = [
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ];
  const vectors = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        all += m[i][j] ** 2;
        if (i !== j) off += m[i][j] ** 2;
      }
    }
    if (off <= 1e-30 * all) break;
    for (let p = 0; p < 3; p++) {
      for (let q = p + 1; q < 4; q++) rotatePlane(m, vectors, p, q);
    }
  }
  let best = 0;
  for (let i = 1; i < 4; i++) if (m[i][i] > m[best][best]) best = i;
  const [w, x, y, z] = vectors.map((row) => row[best]);
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - z * w),
    2 * (x * z + y * w),
    2 * (x * y + z * w),
    1 - 2 * (x * x + z * z),
    2 * (y * z - x * w),
    2 * (x * z - y * w),
    2 * (y * z + x * w),
    1 - 2 * (x * x + y * y),
  );
}

function rotatePlane(m: number[][], vectors: number[][], p: number, q: number): void {
  if (m[p][q] === 0) return;
  const theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < 4; k++) {
    const kp = m[k][p];
    const kq = m[k][q];
    m[k][p] = c * kp - s * kq;
    m[k][q] = s * kp + c * kq;
  }
  for (let k = 0; k < 4; k++) {
    const pk = m[p][k];
    const qk = m[q][k];
    m[p][k] = c * pk - s * qk;
    m[q][k] = s * pk + c * qk;
    const vp = vectors[k][p];
    const vq = vectors[k][q];
    vectors[k][p] = c * vp - s * vq;
    vectors[k][q] = s * vp + c * vq;
  }
}
