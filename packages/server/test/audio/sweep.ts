/** Half a second of a rising tone between two quarters of silence, as `fixtures/sweep*` hold it. */
export function sweep(rateHz: number): Float32Array {
  return Float32Array.from({ length: rateHz }, (_, i) => {
    const t = i / rateHz;
    if (t <= 0.25 || t >= 0.75) return 0;
    return 0.488 * Math.sin((Math.PI * (t - 0.25)) / 0.5) * Math.sin(2 * Math.PI * (300 + 200 * t) * t);
  });
}

/** Correlation of two signals, 1 where they agree but for their loudness. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const other = b[i] ?? 0;
    ab += a[i] * other;
    aa += a[i] ** 2;
    bb += other ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
