import type { FaceManifest } from '@parley/sdk';
import type { FaceDecoder } from '@parley/sdk/decoder-node';
import type { FaceCodes } from '../engines/contracts.ts';

/** Consecutive frames of a face: frame n is the face at n / fps seconds. */
export interface FaceFrames {
  readonly startFrame: number;
  readonly frames: number;
  /** frames x heads class indices. */
  readonly codes: Uint8Array;
  /** frames x controls, in the manifest's order and units. */
  readonly controls: Float32Array;
}

/** Frames that are decoded in one run. */
const BATCH_FRAMES = 30;

/**
 * Decodes codes as they come, as every client does, in batches of up to a second.
 * @param codes From the face encoder, without gaps.
 */
export async function* decodeFrames(
  codes: AsyncIterable<FaceCodes>,
  decoder: FaceDecoder,
  { codec, controls }: FaceManifest,
): AsyncGenerator<FaceFrames> {
  const { heads, window } = codec;
  /** The frames before the next batch that its windows look back on, then the batch. */
  const past = new Uint8Array((window - 1 + BATCH_FRAMES) * heads);
  for (let i = 0; i < (window - 1) * heads; i++) past[i] = codec.neutral[i % heads]!;
  let startFrame = 0;
  let waiting = 0;

  const decode = async (): Promise<FaceFrames> => {
    const windows = new Int32Array(waiting * window * heads);
    for (let frame = 0; frame < waiting; frame++)
      windows.set(past.subarray(frame * heads, (frame + window) * heads), frame * window * heads);
    const values = await decoder.decode(windows, waiting);
    const first = (window - 1) * heads;
    const block: FaceFrames = {
      startFrame,
      frames: waiting,
      codes: past.slice(first, first + waiting * heads),
      controls: clamped(values, controls),
    };
    past.copyWithin(0, waiting * heads, waiting * heads + first);
    startFrame += waiting;
    waiting = 0;
    return block;
  };

  for await (const part of codes) {
    for (let frame = 0; frame < part.frames; frame++) {
      const at = (window - 1 + waiting) * heads;
      past.set(part.codes.subarray(frame * heads, (frame + 1) * heads), at);
      waiting++;
      if (waiting === BATCH_FRAMES) yield await decode();
    }
  }
  if (waiting > 0) yield await decode();
}

function clamped(values: Float32Array, controls: FaceManifest['controls']): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const { min, max } = controls[i % controls.length]!;
    out[i] = Math.min(Math.max(values[i]!, min), max);
  }
  return out;
}
