/** Taps of the low-pass, odd and symmetric: 60 dB down above 13.5 kHz at 48 kHz. */
const TAPS = 47;

/** Halves the rate of a stream of sound; one instance per stream. */
export class HalfBand {
  readonly #filter = lowPass();
  #history = new Float32Array(TAPS - 1);
  #skip = 0;

  /** Samples, at the higher rate, by which the output lags the input. */
  static readonly delaySamples = (TAPS - 1) / 2;

  /** @returns half as many samples, on average. */
  process(input: Float32Array): Float32Array {
    const joined = new Float32Array(this.#history.length + input.length);
    joined.set(this.#history);
    joined.set(input, this.#history.length);
    const out = new Float32Array(Math.ceil((input.length - this.#skip) / 2));
    for (let n = 0, at = this.#skip; n < out.length; n++, at += 2) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += this.#filter[tap] * joined[at + tap];
      out[n] = sum;
    }
    this.#skip = (this.#skip + input.length) % 2;
    this.#history = joined.slice(joined.length - (TAPS - 1));
    return out;
  }
}

function lowPass(): Float32Array {
  const filter = new Float32Array(TAPS);
  const middle = (TAPS - 1) / 2;
  const cutoff = 0.242;
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const x = tap - middle;
    const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    const t = (2 * Math.PI * tap) / (TAPS - 1);
    filter[tap] = sinc * (0.42 - 0.5 * Math.cos(t) + 0.08 * Math.cos(2 * t));
    sum += filter[tap];
  }
  return filter.map((value) => value / sum);
}
