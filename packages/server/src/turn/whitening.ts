/** Order of the prediction: two coefficients for each resonance of a voice at 8 kHz, and some for its tilt. */
const ORDER = 20;
/** Noise that is added to the autocorrelation at lag 0, as a share of it: gaps in the spectrum are not filled with coding noise. */
const FLOOR = 0.01;

/**
 * The filter that takes the resonances from a voice (linear prediction: Makhoul 1975). Where two signals are searched for each other after it,
 * voices that have nothing in common but vowels agree less, and echoes in reverberant rooms more.
 * @returns Coefficients from lag 0 on, the first is 1.
 */
export function whitening(signal: Float32Array): Float64Array {
  const auto = new Float64Array(ORDER + 1);
  for (let lag = 0; lag <= ORDER; lag++)
    for (let i = lag; i < signal.length; i++) auto[lag] += signal[i] * signal[i - lag];
  const filter = new Float64Array(ORDER + 1);
  const before = new Float64Array(ORDER + 1);
  filter[0] = 1;
  let error = auto[0] * (1 + FLOOR);
  if (!(error > 0)) return filter;
  for (let order = 1; order <= ORDER; order++) {
    let sum = auto[order];
    for (let i = 1; i < order; i++) sum += filter[i] * auto[order - i];
    const reflection = -sum / error;
    before.set(filter);
    for (let i = 1; i <= order; i++) filter[i] = before[i] + reflection * before[order - i];
    error *= 1 - reflection * reflection;
  }
  return filter;
}

/** The end of a signal, filtered. @param samples How much of it. */
export function filtered(signal: Float32Array, filter: Float64Array, samples: number): Float32Array {
  const out = new Float32Array(samples);
  const from = signal.length - samples;
  for (let i = 0; i < samples; i++) {
    let sum = 0;
    const most = Math.min(filter.length - 1, from + i);
    for (let lag = 0; lag <= most; lag++) sum += filter[lag] * signal[from + i - lag];
    out[i] = sum;
  }
  return out;
}
