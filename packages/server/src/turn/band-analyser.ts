/** Bands of an {@link BandAnalyser}, about a third of an octave to an octave wide, 200 Hz to 6 kHz. */
export const BANDS = 12;
/** Samples of 16 kHz between two spectra: 20 ms. */
export const BAND_FRAME_SAMPLES = 320;

const FFT_SAMPLES = 512;
const RATE_HZ = 16_000;
const LOWEST_HZ = 200;
const HIGHEST_HZ = 6_000;

const WINDOW = Float32Array.from(
  { length: FFT_SAMPLES },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FFT_SAMPLES),
);
const COS = Float32Array.from({ length: FFT_SAMPLES / 2 }, (_, i) =>
  Math.cos((2 * Math.PI * i) / FFT_SAMPLES),
);
const SIN = Float32Array.from({ length: FFT_SAMPLES / 2 }, (_, i) =>
  Math.sin((2 * Math.PI * i) / FFT_SAMPLES),
);
/** First bin of each band and the end of the last, evenly on the mel scale. */
const EDGES = Array.from({ length: BANDS + 1 }, (_, i) => {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const at = mel(LOWEST_HZ) + ((mel(HIGHEST_HZ) - mel(LOWEST_HZ)) * i) / BANDS;
  return Math.round((700 * (10 ** (at / 2595) - 1) * FFT_SAMPLES) / RATE_HZ);
});

/** Short-time power of a 16 kHz stream in bands, a frame every 20 ms. */
export class BandAnalyser {
  readonly #recent = new Float32Array(FFT_SAMPLES);
  readonly #real = new Float32Array(FFT_SAMPLES);
  readonly #imaginary = new Float32Array(FFT_SAMPLES);
  #filled = 0;

  /**
   * Feeds samples.
   * @returns The frames that became complete, each the mean power of its bands.
   */
  push(pcm: Float32Array): Float32Array[] {
    const frames: Float32Array[] = [];
    for (let from = 0; from < pcm.length; ) {
      const count = Math.min(BAND_FRAME_SAMPLES - this.#filled, pcm.length - from);
      this.#recent.copyWithin(0, count);
      this.#recent.set(pcm.subarray(from, from + count), FFT_SAMPLES - count);
      from += count;
      this.#filled += count;
      if (this.#filled < BAND_FRAME_SAMPLES) break;
      this.#filled = 0;
      frames.push(this.#analyse());
    }
    return frames;
  }

  /** A new stream begins. */
  reset(): void {
    this.#recent.fill(0);
    this.#filled = 0;
  }

  #analyse(): Float32Array {
    const real = this.#real;
    const imaginary = this.#imaginary;
    for (let i = 0; i < FFT_SAMPLES; i++) real[i] = this.#recent[i] * WINDOW[i];
    imaginary.fill(0);
    transform(real, imaginary);
    const bands = new Float32Array(BANDS);
    for (let band = 0; band < BANDS; band++) {
      let power = 0;
      for (let bin = EDGES[band]; bin < EDGES[band + 1]; bin++) power += real[bin] ** 2 + imaginary[bin] ** 2;
      bands[band] = power / (EDGES[band + 1] - EDGES[band]) / FFT_SAMPLES;
    }
    return bands;
  }
}

/** Fast Fourier transform in place, radix 2. */
function transform(real: Float32Array, imaginary: Float32Array): void {
  for (let i = 1, j = 0; i < FFT_SAMPLES; i++) {
    let bit = FFT_SAMPLES >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j], real[i]];
    [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
  }
  for (let size = 2; size <= FFT_SAMPLES; size <<= 1) {
    const half = size >> 1;
    const stride = FFT_SAMPLES / size;
    for (let start = 0; start < FFT_SAMPLES; start += size)
      for (let k = 0; k < half; k++) {
        const cos = COS[k * stride];
        const sin = -SIN[k * stride];
        const a = start + k;
        const b = a + half;
        const re = real[b] * cos - imaginary[b] * sin;
        const im = real[b] * sin + imaginary[b] * cos;
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
  }
}
