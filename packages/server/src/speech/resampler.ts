/** Zero crossings of the sinc on each side. */
const HALF_WIDTH = 12;
/** Steps between two zero crossings in the table. */
const TABLE_STEPS = 256;

/** Hann-windowed sinc, sampled finely, one side. */
const SINC = new Float32Array(HALF_WIDTH * TABLE_STEPS + 2);
for (let i = 0; i < SINC.length; i++) {
  const x = i / TABLE_STEPS;
  const window = x < HALF_WIDTH ? 0.5 + 0.5 * Math.cos((Math.PI * x) / HALF_WIDTH) : 0;
  SINC[i] = x === 0 ? 1 : (Math.sin(Math.PI * x) / (Math.PI * x)) * window;
}

/**
 * Streaming resampler, windowed sinc after Smith, "Digital Audio Resampling"
 * (https://ccrma.stanford.edu/~jos/resample/). The output has no delay: output sample 0 is input sample 0.
 */
export class Resampler {
  readonly #step: number;
  readonly #cutoff: number;
  readonly #reach: number;
  /** Input not yet done with; `#origin` is the input index of its first sample. */
  #held = new Float32Array(0);
  #origin = 0;
  #received = 0;
  #produced = 0;

  /** @throws {RangeError} when a rate is not positive. */
  constructor(fromHz: number, toHz: number) {
    if (!(fromHz > 0 && toHz > 0))
      throw new RangeError(`Sample rates must be positive: ${fromHz} to ${toHz} Hz`);
    this.#step = fromHz / toHz;
    this.#cutoff = Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(HALF_WIDTH / this.#cutoff);
  }

  /** Takes the next input and returns what can be computed of the output. */
  push(pcm: Float32Array): Float32Array {
    this.#received += pcm.length;
    return this.#produce(pcm, Math.ceil((this.#received - this.#reach) / this.#step));
  }

  /** The rest of the output, as if silence followed. The total is the input's length times the ratio, rounded. */
  flush(): Float32Array {
    return this.#produce(new Float32Array(0), Math.round(this.#received / this.#step));
  }

  #produce(pcm: Float32Array, until: number): Float32Array {
    const held = new Float32Array(this.#held.length + pcm.length);
    held.set(this.#held);
    held.set(pcm, this.#held.length);
    const out = new Float32Array(Math.max(0, until - this.#produced));
    const scale = this.#cutoff * TABLE_STEPS;
    for (let i = 0; i < out.length; i++) {
      const centre = (this.#produced + i) * this.#step;
      const first = Math.max(this.#origin, Math.ceil(centre - this.#reach));
      const last = Math.min(this.#received - 1, Math.floor(centre + this.#reach));
      let sum = 0;
      for (let n = first; n <= last; n++) {
        const x = Math.abs(n - centre) * scale;
        const cell = x | 0;
        if (cell >= SINC.length - 1) continue;
        sum += held[n - this.#origin] * (SINC[cell] + (x - cell) * (SINC[cell + 1] - SINC[cell]));
      }
      out[i] = sum * this.#cutoff;
    }
    this.#produced += out.length;
    const done = Math.max(0, Math.floor(this.#produced * this.#step) - this.#reach - this.#origin);
    this.#held = held.slice(Math.min(done, held.length));
    this.#origin += Math.min(done, held.length);
    return out;
  }
}
