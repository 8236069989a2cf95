/** Distance of the i-th points of two lists, xyz each. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, i: number): number {
  return Math.hypot(a[3 * i] - b[3 * i], a[3 * i + 1] - b[3 * i + 1], a[3 * i + 2] - b[3 * i + 2]);
}

/**
 * Weight of what lies `away` from where it should, for least squares that are solved again and again: 1 at 0, a half at `half`
 * (Cauchy's).
 */
export function trustAt(away: number, half: number): number {
  return 1 / (1 + (away / half) ** 2);
}
