import { angleBetween } from './walker.ts';

const CAPACITY = 16;

/**
 * Another visitor's way, smoothed: positions arrive a dozen times a second and are shown `delayMs` later, interpolated
 * between two of them. After the last one they stand still.
 */
export class RemoteMotion {
  readonly #timesMs = new Float64Array(CAPACITY);
  readonly #xs = new Float32Array(CAPACITY);
  readonly #zs = new Float32Array(CAPACITY);
  readonly #yaws = new Float32Array(CAPACITY);
  readonly #delayMs: number;
  #count = 0;

  /** Filled by {@link sample}: metres and radians. */
  x = 0;
  z = 0;
  yaw = 0;

  constructor(delayMs = 140) {
    this.#delayMs = delayMs;
  }

  /** @param atMs When it arrived, on the clock that {@link sample} uses. */
  push(atMs: number, x: number, z: number, yaw: number): void {
    const slot = this.#count % CAPACITY;
    this.#timesMs[slot] = atMs;
    this.#xs[slot] = x;
    this.#zs[slot] = z;
    this.#yaws[slot] = yaw;
    this.#count++;
  }

  /** Sets {@link x}, {@link z} and {@link yaw} to the place at `nowMs` minus the delay. */
  sample(nowMs: number): void {
    if (this.#count === 0) return;
    const at = nowMs - this.#delayMs;
    const oldest = Math.max(0, this.#count - CAPACITY);
    let after = this.#count - 1;
    while (after > oldest && this.#timesMs[(after - 1) % CAPACITY] > at) after--;
    const b = after % CAPACITY;
    if (after === oldest || this.#timesMs[b] <= at) {
      this.#take(b);
      return;
    }
    const a = (after - 1) % CAPACITY;
    const span = this.#timesMs[b] - this.#timesMs[a];
    const share = span > 0 ? (at - this.#timesMs[a]) / span : 1;
    this.x = this.#xs[a] + (this.#xs[b] - this.#xs[a]) * share;
    this.z = this.#zs[a] + (this.#zs[b] - this.#zs[a]) * share;
    this.yaw = this.#yaws[a] + angleBetween(this.#yaws[a], this.#yaws[b]) * share;
  }

  #take(slot: number): void {
    this.x = this.#xs[slot];
    this.z = this.#zs[slot];
    this.yaw = this.#yaws[slot];
  }
}
