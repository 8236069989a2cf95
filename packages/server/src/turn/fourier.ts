/** Fast Fourier transforms of one size, in place, radix 2 (Cooley and Tukey 1965). */
export class Fourier {
  readonly size: number;
  readonly #cos: Float32Array;
  readonly #sin: Float32Array;

  /** @param size A power of two. */
  constructor(size: number) {
    this.size = size;
    this.#cos = Float32Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
    this.#sin = Float32Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  }

  /** Forwards; backwards (times `size`) with real and imaginary part swapped. */
  transform(real: Float32Array, imaginary: Float32Array): void {
    const { size } = this;
    const cosines = this.#cos;
    const sines = this.#sin;
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i >= j) continue;
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
    for (let step = 2; step <= size; step <<= 1) {
      const half = step >> 1;
      const stride = size / step;
      for (let start = 0; start < size; start += step)
        for (let k = 0; k < half; k++) {
          const cos = cosines[k * stride];
          const sin = -sines[k * stride];
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
}
