/**
 * Inverse of a symmetric 3 x 3 matrix; both as xx, xy, xz, yy, yz, zz.
 *
 * @param at - Where the result stands in `out`.
 */
export function invertSymmetric3(
  xx: number,
  xy: number,
  xz: number,
  yy: number,
  yz: number,
  zz: number,
  out: Float64Array,
  at: number,
): void {
  const c0 = yy * zz - yz * yz;
  const c1 = xz * yz - xy * zz;
  const c2 = xy * yz - xz * yy;
  const determinant = xx * c0 + xy * c1 + xz * c2;
  out[at] = c0 / determinant;
  out[at + 1] = c1 / determinant;
  out[at + 2] = c2 / determinant;
  out[at + 3] = (xx * zz - xz * xz) / determinant;
  out[at + 4] = (xy * xz - xx * yz) / determinant;
  out[at + 5] = (xx * yy - xy * xy) / determinant;
}
