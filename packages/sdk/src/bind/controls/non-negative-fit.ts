/** Sweeps over all columns; a few dozen columns settle in some tens. */
const SWEEPS = 400;

/**
 * Weights of 0 and more with which columns add up to a target best, least squares; by coordinate descent on the normal
 * equations, which a few columns need no more than. Chen and Plemmons, "Nonnegativity constraints in numerical analysis", 2009.
 *
 * @param columns - All of the target's length.
 * @returns The weights, and which part of the target's length is left over, 0 to 1.
 */
export function nonNegativeFit(
  columns: readonly Float32Array[],
  target: Float32Array,
): { weights: Float64Array; residual: number } {
  const n = columns.length;
  const gram = columns.map((a) => columns.map((b) => dot(a, b)));
  const right = columns.map((a) => dot(a, target));
  const weights = new Float64Array(n);
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let i = 0; i < n; i++) {
      if (!(gram[i][i] > 0)) continue;
      let rest = right[i];
      for (let k = 0; k < n; k++) if (k !== i) rest -= gram[i][k] * weights[k];
      weights[i] = Math.max(0, rest / gram[i][i]);
    }
  const size = dot(target, target);
  let left = size;
  for (let i = 0; i < n; i++) {
    left -= 2 * weights[i] * right[i];
    for (let k = 0; k < n; k++) left += weights[i] * weights[k] * gram[i][k];
  }
  return { weights, residual: size > 0 ? Math.sqrt(Math.max(0, left) / size) : 0 };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
