/** Inverse of a column-major 4 x 4 whose last row is 0 0 0 1. */
export function inverseAffine(m: ArrayLike<number>): number[] {
  const at = (row: number, column: number) => m[column * 4 + row]!;
  const cofactor = (row: number, column: number) => {
    const [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
    const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
    return at(r1, c1) * at(r2, c2) - at(r1, c2) * at(r2, c1);
  };
  const determinant = at(0, 0) * cofactor(0, 0) + at(0, 1) * cofactor(0, 1) + at(0, 2) * cofactor(0, 2);
  const out = new Array<number>(16).fill(0);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) out[column * 4 + row] = cofactor(column, row) / determinant;
    for (let k = 0; k < 3; k++) out[12 + row]! -= out[k * 4 + row]! * at(k, 3);
  }
  out[15] = 1;
  return out;
}
