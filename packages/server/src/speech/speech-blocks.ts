import { setImmediate } from 'node:timers/promises';
import { BLOCK_SAMPLES, type CodeLayout, OPUS_FRAME_SAMPLES, SPEECH_RATE_HZ } from '@parley/sdk';
import type { FaceEncoder, TtsPart } from '../engines/contracts.ts';
import { Resampler } from '../engines/resample.ts';
import { Channel } from '../turn/channel.ts';
import { type Patience, watch } from '../turn/watchdog.ts';
import { OpusSpeechEncoder } from './opus-speech-encoder.ts';

/** 100 ms of an utterance: the voice and the face that belongs to it. */
export interface SpeechBlock {
  /** First sample at 24 kHz, a multiple of 2400. */
  readonly startSample: number;
  /** Class indices, frames x heads. */
  readonly codes: Uint8Array;
  readonly codeFrames: number;
  /** Opus frames of 20 ms, five of them. */
  readonly audio: Uint8Array[];
  readonly first: boolean;
  readonly last: boolean;
}

/** Where a clause lies in the utterance. */
export interface ClauseSpan {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
}

export interface SpeechBlocksOptions {
  readonly face: FaceEncoder;
  /** Seed of the sampled part of the face. */
  readonly seed: number;
  readonly layout: CodeLayout;
  /** Face frames a second; divides 24 000, and 100 ms is a whole number of frames. */
  readonly fps: number;
  /** Codes of the neutral face, for frames that the encoder left out. */
  readonly neutral: Uint8Array;
  /** How long the face encoder may take over audio that it was given. */
  readonly patience: Patience;
  /** Pitch and speed of the voice against the synthesiser's own, 1 leaves it alone. */
  readonly pitch: number;
  /** How far listeners are from the end of what was produced, ms; `Infinity` while they have heard nothing. */
  readonly headroomMs: (producedSamples: number) => number;
  /** Told of each clause as soon as its place is known, before its blocks come. */
  readonly onClause: (clause: ClauseSpan) => void;
}

/** Below this headroom the utterance is continued with silence until the next clause is ready, ms. */
const STARVING_MS = 400;
/** Audio that may wait for the face encoder, in pieces of 100 ms. */
const FACE_QUEUE_PIECES = 20;
/** Voice that waits for its face; beyond this the face encoder is at work rather than waiting for input. */
const BUSY_SAMPLES = 4 * BLOCK_SAMPLES;
/** Silence after the last clause, so that the mouth closes before the utterance ends. */
const TAIL_SAMPLES = BLOCK_SAMPLES;

/**
 * From synthesised clauses to blocks of Opus frames and face codes: resampled to 24 kHz, encoded by the face model and by
 * Opus, cut into 100 ms. When the next clause is late, silence keeps the utterance's clock running, and the face alive.
 */
export async function* speechBlocks(
  parts: AsyncIterable<TtsPart>,
  options: SpeechBlocksOptions,
  signal: AbortSignal,
): AsyncGenerator<SpeechBlock, void, undefined> {
  const controller = new AbortController();
  const inner = AbortSignal.any([signal, controller.signal]);
  const faceInput = new Channel<Float32Array>(FACE_QUEUE_PIECES);
  const audio: Uint8Array[] = [];
  const feeding = feed(parts, options, faceInput, audio, inner).catch((error) => faceInput.fail(error));
  try {
    yield* assemble(options, faceInput, audio, inner);
  } finally {
    controller.abort(new DOMException('The utterance is over', 'AbortError'));
    faceInput.close();
    await feeding;
  }
}

/** Parts in, 24 kHz pieces to the face encoder and Opus frames to `audio`, in step. */
async function feed(
  parts: AsyncIterable<TtsPart>,
  options: SpeechBlocksOptions,
  faceInput: Channel<Float32Array>,
  audio: Uint8Array[],
  signal: AbortSignal,
): Promise<void> {
  const opus = new OpusSpeechEncoder();
  const cutter = new PieceCutter();
  let produced = 0;

  const append = async (pcm: Float32Array): Promise<void> => {
    produced += pcm.length;
    for (const piece of cutter.push(pcm)) {
      audio.push(...opus.push(piece));
      if (!(await faceInput.send(piece))) signal.throwIfAborted();
      // A long clause comes at once; the room's other work goes in between.
      await setImmediate();
    }
  };

  const speech = parts[Symbol.asyncIterator]();
  try {
    // The next clause is synthesised while this one is encoded; its error is met when its turn comes.
    const ahead = () => {
      const result = speech.next();
      result.catch(() => {});
      return result;
    };
    let next = ahead();
    for (;;) {
      const result = await nextUnlessStarving(next, () =>
        produced === 0 ? Number.POSITIVE_INFINITY : options.headroomMs(produced),
      );
      if (result === 'starving') {
        await append(new Float32Array(BLOCK_SAMPLES));
        continue;
      }
      if (result.done) break;
      next = ahead();
      const { text, pcm } = result.value;
      const rateHz = pitchedRateHz(result.value.rateHz, options.pitch);
      const samples = Math.round((pcm.length * SPEECH_RATE_HZ) / rateHz);
      options.onClause({ text, startSample: produced, endSample: produced + samples });
      for (const piece of to24kHz(pcm, rateHz)) await append(piece);
    }
  } finally {
    Promise.resolve(speech.return?.()).catch(() => {});
  }
  if (produced > 0) {
    await append(new Float32Array(TAIL_SAMPLES));
    await append(new Float32Array((BLOCK_SAMPLES - (produced % BLOCK_SAMPLES)) % BLOCK_SAMPLES));
    audio.push(...opus.flush());
  }
  faceInput.close();
}

/** The next part, or `starving` when the listeners would run out of sound first. */
async function nextUnlessStarving<T>(next: Promise<T>, headroomMs: () => number): Promise<T | 'starving'> {
  for (;;) {
    const spareMs = headroomMs() - STARVING_MS;
    if (spareMs === Number.POSITIVE_INFINITY) return await next;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, spareMs), 'timeout');
    });
    try {
      const result = await Promise.race([next, timeout]);
      if (result !== 'timeout') return result;
    } finally {
      clearTimeout(timer);
    }
    if (headroomMs() <= STARVING_MS) return 'starving';
  }
}

/** Read faster than it was made, a voice sounds higher. Steps of 250 Hz keep the resampler's filters few. */
function pitchedRateHz(rateHz: number, pitch: number): number {
  return pitch === 1 ? rateHz : Math.round((rateHz * pitch) / 250) * 250;
}

function* to24kHz(pcm: Float32Array, rateHz: number): Generator<Float32Array> {
  if (rateHz === SPEECH_RATE_HZ) {
    yield pcm;
    return;
  }
  const resampler = new Resampler(rateHz, SPEECH_RATE_HZ);
  for (let from = 0; from < pcm.length; from += BLOCK_SAMPLES)
    yield resampler.push(pcm.subarray(from, from + BLOCK_SAMPLES));
  yield resampler.flush();
}

/** Face codes in, whole blocks out, each with the Opus frames of the same samples. */
async function* assemble(
  options: SpeechBlocksOptions,
  faceInput: Channel<Float32Array>,
  audio: Uint8Array[],
  signal: AbortSignal,
): AsyncGenerator<SpeechBlock, void, undefined> {
  const { heads } = options.layout;
  const framesPerBlock = (BLOCK_SAMPLES * options.fps) / SPEECH_RATE_HZ;
  const opusPerBlock = BLOCK_SAMPLES / OPUS_FRAME_SAMPLES;
  let codes = new Uint8Array(0);
  let startSample = 0;
  let held: SpeechBlock | null = null;

  const take = (): SpeechBlock => {
    const block: SpeechBlock = {
      startSample,
      codes: codes.slice(0, framesPerBlock * heads),
      codeFrames: framesPerBlock,
      audio: audio.splice(0, opusPerBlock),
      first: startSample === 0,
      last: false,
    };
    codes = codes.slice(framesPerBlock * heads);
    startSample += BLOCK_SAMPLES;
    return block;
  };

  // One block is held back, as only the end of the stream tells which one is the last.
  const faces = options.face.encode(faceInput, { seed: options.seed }, signal);
  const isBusy = () => audio.length * OPUS_FRAME_SAMPLES > BUSY_SAMPLES;
  for await (const part of watch(faces, { engine: 'face', patience: options.patience, isBusy }, signal)) {
    const grown = new Uint8Array(codes.length + part.frames * heads);
    grown.set(codes);
    grown.set(part.codes.subarray(0, part.frames * heads), codes.length);
    codes = grown;
    while (codes.length >= framesPerBlock * heads && audio.length >= opusPerBlock) {
      if (held) yield held;
      held = take();
    }
  }
  while (audio.length > 0) {
    if (held) yield held;
    const lacking = framesPerBlock * heads - codes.length;
    if (lacking > 0) codes = withNeutral(codes, options.neutral, lacking / heads);
    held = take();
  }
  if (held) yield { ...held, last: true };
}

function withNeutral(codes: Uint8Array, neutral: Uint8Array, frames: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(codes.length + frames * neutral.length);
  out.set(codes);
  for (let frame = 0; frame < frames; frame++) out.set(neutral, codes.length + frame * neutral.length);
  return out;
}

/** Cuts a stream into pieces of one block. */
class PieceCutter {
  #held = new Float32Array(BLOCK_SAMPLES);
  #heldSamples = 0;

  *push(pcm: Float32Array): Generator<Float32Array> {
    let from = 0;
    while (from < pcm.length) {
      const count = Math.min(BLOCK_SAMPLES - this.#heldSamples, pcm.length - from);
      this.#held.set(pcm.subarray(from, from + count), this.#heldSamples);
      this.#heldSamples += count;
      from += count;
      if (this.#heldSamples === BLOCK_SAMPLES) {
        yield this.#held;
        this.#held = new Float32Array(BLOCK_SAMPLES);
        this.#heldSamples = 0;
      }
    }
  }
}
