import type { FaceDecoder } from '../decoder/face-decoder.ts';
import { ParleyError } from '../errors.ts';
import type { FaceManifest } from '../model/face-manifest.ts';

/** Windows that are decoded at once while an idle loop is loaded. */
const IDLE_BATCH = 128;

/**
 * The face of an NPC that does not speak: a seamless loop, addressed by the room's clock, so that every client sees
 * the same blink.
 */
export class IdleLoop {
  /** Frames of the loop. */
  readonly frames: number;
  /** Numbers in a frame. */
  readonly controls: number;
  readonly #fps: number;
  readonly #values: Float32Array;

  /**
   * @param values frames x controls.
   * @param controls Numbers in a frame.
   * @param fps Frames a second.
   */
  constructor(values: Float32Array, controls: number, fps: number) {
    if (values.length === 0 || values.length % controls !== 0)
      throw new RangeError(`${values.length} numbers are not whole frames of ${controls}`);
    this.#values = values;
    this.#fps = fps;
    this.controls = controls;
    this.frames = values.length / controls;
  }

  /** Length of the loop in ms. */
  get durationMs(): number {
    return (this.frames * 1000) / this.#fps;
  }

  /**
   * Writes the controls of a moment. Allocates nothing.
   * @param roomMs Room clock, any number.
   * @param out Receives the controls.
   */
  sampleControls(roomMs: number, out: Float32Array): void {
    const { frames, controls } = this;
    const position = (roomMs * this.#fps) / 1000;
    const whole = Math.floor(position);
    const t = position - whole;
    const from = ((whole % frames) + frames) % frames;
    const a = from * controls;
    const b = ((from + 1) % frames) * controls;
    for (let i = 0; i < controls; i++) {
      const value = this.#values[a + i];
      out[i] = value + (this.#values[b + i] - value) * t;
    }
  }
}

/**
 * Decodes `idle.bin` once.
 * @param bytes The whole file: uint8 [frames, heads].
 * @param manifest Shapes.
 * @param decoder Any decoder of the same model.
 * @throws ParleyError `bad-export` if the file does not fit the manifest.
 */
export async function loadIdleLoop(
  bytes: Uint8Array,
  manifest: FaceManifest,
  decoder: FaceDecoder,
): Promise<IdleLoop> {
  const { heads, classes, window, fps } = manifest.codec;
  const { frames } = manifest.idle;
  if (bytes.length !== frames * heads || bytes.some((code) => code >= classes))
    throw new ParleyError(
      'bad-export',
      `idle.bin must hold ${frames} x ${heads} codes below ${classes}; export the model again`,
    );
  const controls = manifest.controls.length;
  const values = new Float32Array(frames * controls);
  for (let start = 0; start < frames; start += IDLE_BATCH) {
    const batch = Math.min(IDLE_BATCH, frames - start);
    const codes = new Int32Array(batch * window * heads);
    for (let row = 0; row < batch; row++)
      for (let w = 0; w < window; w++) {
        // The loop is seamless: the frames before the first are the last ones.
        const frame = (((start + row - window + 1 + w) % frames) + frames) % frames;
        codes.set(bytes.subarray(frame * heads, (frame + 1) * heads), (row * window + w) * heads);
      }
    values.set(await decoder.decode(codes, batch), start * controls);
  }
  return new IdleLoop(values, controls, fps);
}
