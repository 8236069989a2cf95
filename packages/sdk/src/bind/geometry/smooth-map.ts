import { solveLinear } from './solve-linear.ts';

/** Steps of Newton's method for the way back; each halves its stride while that does not help. */
const NEWTON_STEPS = 30;
/** The way back is exact to this, metres. */
const EXACT = 1e-6;

/**
 * A smooth map of space that takes some points to others: multiquadrics with an affine part (Hardy, "Multiquadric equations of
 * topography and other irregular surfaces", 1971), the rounded form of the biharmonic spline, which bends space as little as
 * the points allow.
 */
export class SmoothMap {
  readonly #centres: Float64Array;
  /** Three per centre, then three for 1, x, y and z each. */
  readonly #weights: Float64Array;
  readonly #round: number;

  /**
   * @param from - xyz of each point; no two in one place, not all in a plane.
   * @param to - Where each should go.
   * @param softness - For each point by how much it may be missed: 0 is exact; length, as `from`.
   * @param round - Radius over which the map is rounded at the points.
   * @throws RangeError when the points do not determine a map.
   */
  constructor(from: Float64Array, to: Float64Array, softness: ArrayLike<number>, round: number) {
    const count = from.length / 3;
    const n = count + 4;
    const a = new Float64Array(n * n);
    const b = new Float64Array(n * 3);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++)
        a[i * n + j] = -Math.hypot(
          from[3 * i] - from[3 * j],
          from[3 * i + 1] - from[3 * j + 1],
          from[3 * i + 2] - from[3 * j + 2],
          round,
        );
      a[i * n + i] += softness[i];
      for (let k = 0; k < 4; k++) {
        const value = k === 0 ? 1 : from[3 * i + k - 1];
        a[i * n + count + k] = value;
        a[(count + k) * n + i] = value;
      }
      for (let axis = 0; axis < 3; axis++) b[3 * i + axis] = to[3 * i + axis];
    }
    this.#weights = solveLinear(a, b, 3);
    this.#centres = from.slice();
    this.#round = round;
  }

  /** Maps points, xyz each. */
  apply(points: Float64Array, out: Float64Array = new Float64Array(points.length)): Float64Array {
    const place = new Float64Array(3);
    for (let i = 0; i < points.length; i += 3) {
      this.#at(points[i], points[i + 1], points[i + 2], place, null);
      out.set(place, i);
    }
    return out;
  }

  /** How much space grows at a point: the determinant of the derivative; negative where the map folds. */
  growthAt(x: number, y: number, z: number): number {
    const slope = new Float64Array(9);
    this.#at(x, y, z, new Float64Array(3), slope);
    return determinant(slope);
  }

  /**
   * The points that come to lie at some places (damped Newton).
   *
   * @param places - xyz each.
   * @param start - Guesses, xyz each.
   */
  invert(places: Float64Array, start: Float64Array): Float64Array {
    const out = start.slice();
    const at = new Float64Array(3);
    const slope = new Float64Array(9);
    const step = new Float64Array(3);
    for (let i = 0; i < places.length; i += 3) {
      let [x, y, z] = [start[i], start[i + 1], start[i + 2]];
      const missBy = (): number => {
        for (let axis = 0; axis < 3; axis++) step[axis] = places[i + axis] - at[axis];
        return Math.hypot(step[0], step[1], step[2]);
      };
      this.#at(x, y, z, at, slope);
      let miss = missBy();
      for (let round = 0; round < NEWTON_STEPS && miss > EXACT; round++) {
        const [dx, dy, dz] = solve3(slope, step);
        let stride = 1;
        for (let half = 0; half < 6; half++, stride /= 2) {
          this.#at(x + stride * dx, y + stride * dy, z + stride * dz, at, slope);
          if (missBy() < miss) break;
        }
        const now = missBy();
        if (now >= miss) break;
        x += stride * dx;
        y += stride * dy;
        z += stride * dz;
        miss = now;
      }
      out[i] = x;
      out[i + 1] = y;
      out[i + 2] = z;
    }
    return out;
  }

  /** The place of a point and, row by row, the derivative there. */
  #at(x: number, y: number, z: number, place: Float64Array, slope: Float64Array | null): void {
    const centres = this.#centres;
    const w = this.#weights;
    const affine = centres.length;
    const square = this.#round * this.#round;
    for (let row = 0; row < 3; row++) {
      place[row] =
        w[affine + row] + w[affine + 3 + row] * x + w[affine + 6 + row] * y + w[affine + 9 + row] * z;
      if (slope)
        for (let column = 0; column < 3; column++)
          slope[3 * row + column] = w[affine + 3 * (column + 1) + row];
    }
    for (let c = 0; c < centres.length; c += 3) {
      const dx = x - centres[c];
      const dy = y - centres[c + 1];
      const dz = z - centres[c + 2];
      const r = Math.sqrt(dx * dx + dy * dy + dz * dz + square);
      for (let row = 0; row < 3; row++) {
        const weight = w[c + row];
        place[row] -= weight * r;
        if (!slope) continue;
        slope[3 * row] -= (weight * dx) / r;
        slope[3 * row + 1] -= (weight * dy) / r;
        slope[3 * row + 2] -= (weight * dz) / r;
      }
    }
  }
}

function determinant(m: Float64Array): number {
  return (
    m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6])
  );
}

function solve3(m: Float64Array, b: Float64Array): [number, number, number] {
  const d = determinant(m);
  if (Math.abs(d) < 1e-9) return [b[0], b[1], b[2]];
  const column = (k: number): number => {
    const with_ = m.slice();
    for (let row = 0; row < 3; row++) with_[3 * row + k] = b[row];
    return determinant(with_) / d;
  };
  return [column(0), column(1), column(2)];
}
