import type { FaceDecoder, FaceManifest } from '@parley/sdk';

/** Plays face codes at the model's frame rate, each batch after the one before it. */
export class CodePlayer {
  readonly #manifest: FaceManifest;
  readonly #decoder: FaceDecoder;
  /** The last codes, oldest first, which the next window begins with. */
  readonly #past: Int32Array;
  #frames: Float32Array[] = [];
  #startMs = 0;

  constructor(manifest: FaceManifest, decoder: FaceDecoder) {
    const { window, heads, neutral } = manifest.codec;
    this.#manifest = manifest;
    this.#decoder = decoder;
    this.#past = new Int32Array(window * heads);
    for (let i = 0; i < this.#past.length; i++) this.#past[i] = neutral[i % heads];
  }

  /**
   * Adds frames to the end.
   *
   * @param codes - frames x heads class indices.
   * @param nowMs - When the first one is shown, unless others are still to come before it.
   * @throws RangeError when `codes` are not whole frames.
   */
  async push(codes: ArrayLike<number>, nowMs: number): Promise<void> {
    const { window, heads, fps } = this.#manifest.codec;
    const count = codes.length / heads;
    if (count === 0 || !Number.isInteger(count)) {
      throw new RangeError(`${codes.length} codes are not whole frames of ${heads}`);
    }
    const windows = new Int32Array(count * window * heads);
    for (let frame = 0; frame < count; frame++) {
      this.#past.copyWithin(0, heads);
      for (let head = 0; head < heads; head++) {
        this.#past[(window - 1) * heads + head] = codes[frame * heads + head];
      }
      windows.set(this.#past, frame * window * heads);
    }
    const values = await this.#decoder.decode(windows, count);
    const played = ((nowMs - this.#startMs) * fps) / 1000;
    if (played >= this.#frames.length) {
      // The last frame stays, so that the next batch is reached from it smoothly.
      this.#frames = this.#frames.slice(-1);
      this.#startMs = nowMs;
    }
    const size = this.#decoder.controls;
    for (let frame = 0; frame < count; frame++) {
      this.#frames.push(values.slice(frame * size, (frame + 1) * size));
    }
  }

  /** Writes the controls of a moment; returns false, and writes nothing, before the first frame has come. */
  sampleControls(nowMs: number, out: Float32Array): boolean {
    const last = this.#frames.length - 1;
    if (last < 0) return false;
    const position = Math.min(last, Math.max(0, ((nowMs - this.#startMs) * this.#manifest.codec.fps) / 1000));
    const from = this.#frames[Math.floor(position)];
    const to = this.#frames[Math.min(last, Math.floor(position) + 1)];
    const t = position % 1;
    for (let i = 0; i < from.length; i++) out[i] = from[i] + (to[i] - from[i]) * t;
    return true;
  }
}
