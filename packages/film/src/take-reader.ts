/** A second or less of a take. */
export interface TakePart {
  /** frames x controls. */
  readonly controls: Float32Array<ArrayBuffer>;
  readonly frames: number;
  /** Mono sound that belongs to these frames, or comes soon after. */
  readonly sound: Float32Array<ArrayBuffer>;
}

/** Bytes before the numbers: how many frames, how many samples, each uint32 little-endian. */
const HEAD_BYTES = 8;

/**
 * Reads a take part by part from `next`: the head, then frames x controls and the samples as float32.
 * @param controls Numbers in a frame.
 */
export async function* readTake(url: string, controls: number): AsyncGenerator<TakePart> {
  for (;;) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(await response.text());
    const bytes = await response.arrayBuffer();
    const [frames = 0, samples = 0] = new Uint32Array(bytes, 0, 2);
    if (frames === 0 && samples === 0) return;
    const sound = HEAD_BYTES + frames * controls * 4;
    yield {
      frames,
      controls: new Float32Array(bytes, HEAD_BYTES, frames * controls),
      // A copy: encoders look at the whole buffer below an array.
      sound: new Float32Array(bytes.slice(sound, sound + samples * 4)),
    };
  }
}
