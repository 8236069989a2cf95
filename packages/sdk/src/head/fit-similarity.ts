/** Turn, uniform scale and shift: `q = scale * rotation * p + shift`. */
export interface Similarity {
  /** 3 x 3, row by row. */
  readonly rotation: Float64Array;
  readonly scale: number;
  readonly shift: readonly [number, number, number];
}

/**
 * The similarity that carries the points `from` to `to` with the least squared error.
 * B. K. P. Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
 *
 * @param from - xyz per point.
 * @param to - xyz per point; as many points as `count`, at least.
 */
export function fitSimilarity(from: Float32Array, to: Float32Array, count: number): Similarity {
  const a = centroid(from, count);
  const b = centroid(to, count);
  const covariance = new Float64Array(9);
  let spreadFrom = 0;
  let spreadTo = 0;
  for (let i = 0; i < count * 3; i += 3) {
    for (let row = 0; row < 3; row++) {
      const p = from[i + row] - a[row];
      spreadFrom += p * p;
      spreadTo += (to[i + row] - b[row]) ** 2;
      for (let column = 0; column < 3; column++) {
        covariance[row * 3 + column] += p * (to[i + column] - b[column]);
      }
    }
  }
  const rotation = rotationOf(covariance);
  const scale = Math.sqrt(spreadTo / spreadFrom);
  const at = (row: number) =>
    b[row] - scale * (rotation[row * 3] * a[0] + rotation[row * 3 + 1] * a[1] + rotation[row * 3 + 2] * a[2]);
  return { rotation, scale, shift: [at(0), at(1), at(2)] };
}

function centroid(points: Float32Array, count: number): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < count * 3; i++) sum[i % 3] += points[i] / count;
  return sum;
}

/** Horn's 4 x 4 matrix; its dominant eigenvector, found by shifted power iteration, is the rotation's quaternion. */
function rotationOf(s: Float64Array): Float64Array {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = s;
  const n = [
    [xx + yy + zz, yz - zy, zx - xz, xy - yx],
    [yz - zy, xx - yy - zz, xy + yx, zx + xz],
    [zx - xz, xy + yx, yy - xx - zz, yz + zy],
    [xy - yx, zx + xz, yz + zy, zz - xx - yy],
  ];
  const shift = Math.max(...n.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0)));
  let q = [1, 0.01, 0.02, 0.03];
  for (let step = 0; step < 500; step++) {
    const next = n.map((row, i) => row.reduce((sum, value, j) => sum + value * q[j], shift * q[i]));
    const length = Math.hypot(...next);
    q = next.map((value) => value / length);
  }
  const [w, x, y, z] = q;
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
