/** Power of a signal; 0 of an empty one. */
export function meanSquare(signal: Float32Array): number {
  let sum = 0;
  for (const sample of signal) sum += sample * sample;
  return sum / Math.max(1, signal.length);
}
