/** What hisses is looked at in pieces of this length, ms. */
export const HISS_FRAME_MS = 20;

const ABOVE_HZ = 4_000;
/** Quality factors of the two halves of a fourth-order Butterworth filter. */
const QUALITIES = [0.541_196_1, 1.306_563];

/** Power of a stream above 4 kHz, where "s" and "f" are and voices are not, for each 20 ms of it. */
export class HissLevel {
  readonly #halves: HighPass[];
  readonly #frameSamples: number;
  #sum = 0;
  #count = 0;

  constructor(rateHz: number) {
    this.#halves = QUALITIES.map((quality) => new HighPass(rateHz, quality));
    this.#frameSamples = (HISS_FRAME_MS * rateHz) / 1000;
  }

  /** @param onFrame Gets the mean square of each piece that is complete. */
  push(pcm: Float32Array, onFrame: (power: number) => void): void {
    const [first, second] = this.#halves;
    for (const sample of pcm) {
      const high = second.next(first.next(sample));
      this.#sum += high * high;
      if (++this.#count < this.#frameSamples) continue;
      onFrame(this.#sum / this.#count);
      this.#sum = 0;
      this.#count = 0;
    }
  }
}

/** Half of the filter: a second-order section, by the bilinear transform. */
class HighPass {
  readonly #b: number;
  readonly #a1: number;
  readonly #a2: number;
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  constructor(rateHz: number, quality: number) {
    const omega = Math.tan((Math.PI * ABOVE_HZ) / rateHz);
    this.#b = 1 / (1 + omega / quality + omega * omega);
    this.#a1 = 2 * (omega * omega - 1) * this.#b;
    this.#a2 = (1 - omega / quality + omega * omega) * this.#b;
  }

  next(x: number): number {
    const y = this.#b * (x - 2 * this.#x1 + this.#x2) - this.#a1 * this.#y1 - this.#a2 * this.#y2;
    this.#x2 = this.#x1;
    this.#x1 = x;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}
