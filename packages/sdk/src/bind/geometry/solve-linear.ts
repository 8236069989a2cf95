/**
 * Solves A x = b for a small dense matrix and several right sides (Gauss, partial pivoting).
 *
 * @param a - n x n, row by row; overwritten.
 * @param b - n x columns, row by row; overwritten by x, which is also returned.
 * @throws RangeError when the matrix is singular.
 */
export function solveLinear(a: Float64Array, b: Float64Array, columns: number): Float64Array {
  const n = b.length / columns;
  let largest = 0;
  for (const value of a) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let row = i + 1; row < n; row++)
      if (Math.abs(a[row * n + i]) > Math.abs(a[pivot * n + i])) pivot = row;
    if (!(Math.abs(a[pivot * n + i]) > 1e-12 * largest)) throw new RangeError('the matrix is singular');
    if (pivot !== i) {
      swapRows(a, n, i, pivot);
      swapRows(b, columns, i, pivot);
    }
    for (let row = i + 1; row < n; row++) {
      const factor = a[row * n + i] / a[i * n + i];
      if (factor === 0) continue;
      for (let k = i; k < n; k++) a[row * n + k] -= factor * a[i * n + k];
      for (let k = 0; k < columns; k++) b[row * columns + k] -= factor * b[i * columns + k];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = 0; k < columns; k++) {
      let sum = b[i * columns + k];
      for (let j = i + 1; j < n; j++) sum -= a[i * n + j] * b[j * columns + k];
      b[i * columns + k] = sum / a[i * n + i];
    }
  }
  return b;
}

function swapRows(values: Float64Array, width: number, i: number, j: number): void {
  const row = values.slice(i * width, (i + 1) * width);
  values.copyWithin(i * width, j * width, (j + 1) * width);
  values.set(row, j * width);
}
