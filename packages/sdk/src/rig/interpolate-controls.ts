/**
 * Linear interpolation of two frames of controls. Rotations are small, so they are interpolated like weights.
 * @param a Controls at t = 0.
 * @param b Controls at t = 1, as many.
 * @param t Place between them, 0 to 1.
 * @param out Receives the result; may be `a` or `b`.
 */
export function interpolateControls(
  a: Float32Array,
  b: Float32Array,
  t: number,
  out: Float32Array,
): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = a[i] + (b[i] - a[i]) * t;
  return out;
}
