import { Fourier } from './fourier.ts';

/** Samples that a search looks at. */
const SPAN = 16_384;

/** Where two signals agree best, and how well. */
export interface Agreement {
  /** Samples by which the first is behind the second. */
  readonly lag: number;
  /** Normalised correlation there, 0 to 1. */
  readonly correlation: number;
}

/** Finds what was played in what was heard: cross-correlation by Fourier transform, normalised at each lag. */
export class EchoSearch {
  static readonly span = SPAN;
  readonly #fourier = new Fourier(SPAN);
  readonly #real = new Float32Array(SPAN);
  readonly #imaginary = new Float32Array(SPAN);
  readonly #energy = new Float64Array(SPAN + 1);

  /**
   * @param heard,played At least {@link EchoSearch.span} samples that end at the same time.
   * @param samples How much of the end of `heard` is looked for.
   * @param from,to Lags that come into question; beyond the span they are left out.
   * @param possible Tells which of them do; all by default.
   */
  find(
    heard: Float32Array,
    played: Float32Array,
    samples: number,
    from = 0,
    to = Number.POSITIVE_INFINITY,
    possible?: { admits(lag: number): boolean },
  ): Agreement {
    const real = this.#real;
    const imaginary = this.#imaginary;
    const energy = this.#energy;
    real.fill(0);
    real.set(heard.subarray(heard.length - samples), SPAN - samples);
    imaginary.set(played.subarray(played.length - SPAN));
    let heardEnergy = 0;
    for (let i = SPAN - samples; i < SPAN; i++) heardEnergy += real[i] * real[i];
    for (let i = 0; i < SPAN; i++) energy[i + 1] = energy[i] + imaginary[i] * imaginary[i];
    this.#correlate();
    let best = 0;
    let bestLag = from;
    for (let lag = from; lag <= Math.min(to, SPAN - samples); lag++) {
      const playedEnergy = energy[SPAN - lag] - energy[SPAN - samples - lag];
      const correlation = Math.abs(imaginary[lag] / SPAN) / Math.sqrt(heardEnergy * playedEnergy + 1e-9);
      if (correlation <= best || possible?.admits(lag) === false) continue;
      best = correlation;
      bestLag = lag;
    }
    return { lag: bestLag, correlation: best };
  }

  /** Both signals in one transform, as real and imaginary part; their cross-correlation comes back in `#imaginary`. */
  #correlate(): void {
    const real = this.#real;
    const imaginary = this.#imaginary;
    this.#fourier.transform(real, imaginary);
    for (let k = 0; k <= SPAN / 2; k++) {
      const mirror = (SPAN - k) % SPAN;
      const xRe = (real[k] + real[mirror]) / 2;
      const xIm = (imaginary[k] - imaginary[mirror]) / 2;
      const yRe = (imaginary[k] + imaginary[mirror]) / 2;
      const yIm = (real[mirror] - real[k]) / 2;
      const re = xRe * yRe + xIm * yIm;
      const im = xIm * yRe - xRe * yIm;
      // Real and imaginary part swapped, so that the forward transform goes backwards.
      real[k] = im;
      imaginary[k] = re;
      real[mirror] = -im;
      imaginary[mirror] = re;
    }
    this.#fourier.transform(real, imaginary);
  }
}
