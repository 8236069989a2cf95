/** Index of the largest of `classes` logits from `offset` on. */
export function likeliestClass(logits: Float32Array, offset: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[offset + c]! > logits[offset + best]!) best = c;
  return best;
}

/**
 * Draws a class from `classes` logits from `offset` on.
 * @param temperature Divides the logits; 0 takes the likeliest.
 * @param draw Uniform in [0, 1).
 */
export function sampleClass(
  logits: Float32Array,
  offset: number,
  classes: number,
  temperature: number,
  draw: number,
): number {
  const peak = likeliestClass(logits, offset, classes);
  if (temperature <= 0) return peak;
  const weight = (c: number) => Math.exp((logits[offset + c]! - logits[offset + peak]!) / temperature);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += weight(c);
  let left = draw * sum;
  for (let c = 0; c < classes; c++) {
    left -= weight(c);
    if (left < 0) return c;
  }
  return peak;
}
