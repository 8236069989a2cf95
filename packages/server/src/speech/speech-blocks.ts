import { setImmediate } from 'node:timers/promises';
import {
  BLOCK_SAMPLES,
  type CodeLayout,
  type Emotion,
  OPUS_FRAME_SAMPLES,
  SPEECH_RATE_HZ,
} from '@parley/sdk';
import type { FaceAudio, FaceEncoder, TimedPhone, TtsPart } from '../engines/contracts.ts';
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
  /** The same voice before Opus, 2400 samples at 24 kHz. */
  readonly voice: Float32Array;
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
  /** How the speaker feels; asked once, when the first clause is there. Default: neutral. */
  readonly emotion?: () => Emotion | undefined;
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
/** Voice that may wait for its face, Opus frames: two seconds. It bounds what waits for the face encoder, too. */
const AUDIO_QUEUE_FRAMES = 100;
/** Voice without its face; beyond this the face encoder is at work rather than waiting for input. */
const BUSY_SAMPLES = 4 * BLOCK_SAMPLES;
/** Silence after the last clause, so that the mouth closes before the utterance ends. */
const TAIL_SAMPLES = BLOCK_SAMPLES;

/** What runs between the voice and the blocks. */
interface Stages {
  /** On its way to the face encoder, ahead of its Opus frames. */
  readonly face: Channel<FaceAudio>;
  readonly audio: Channel<Uint8Array>;
  /** The voice before Opus, a block a piece, each before its Opus frames. */
  readonly voice: Float32Array[];
  /** Samples that the face encoder was given. */
  givenSamples: number;
  /** Settles when the first clause is there, or none will come. */
  readonly begun: PromiseWithResolvers<void>;
}

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
  const stages: Stages = {
    // Bounded by the Opus frames that follow each piece. A bound in pieces would be a deadlock where they are short: the
    // block waits for frames of a piece that waits for room here, and only the next block would make room.
    face: new Channel(Number.POSITIVE_INFINITY),
    audio: new Channel(AUDIO_QUEUE_FRAMES),
    voice: [],
    givenSamples: 0,
    begun: Promise.withResolvers(),
  };
  const fail = (error: unknown) => {
    stages.begun.resolve();
    stages.face.fail(error);
    stages.audio.fail(error);
  };
  inner.addEventListener('abort', () => fail(inner.reason), { once: true });
  const feeding = feed(parts, options, stages, inner).catch(fail);
  try {
    yield* assemble(options, stages, inner);
  } finally {
    controller.abort(new DOMException('The utterance is over', 'AbortError'));
    await feeding;
  }
}

/** Parts in; what they say to the face encoder, and then its Opus frames, in step. */
async function feed(
  parts: AsyncIterable<TtsPart>,
  options: SpeechBlocksOptions,
  stages: Stages,
  signal: AbortSignal,
): Promise<void> {
  const opus = new OpusSpeechEncoder();
  const cutter = new PieceCutter();
  let produced = 0;
  let knowsPhones = false;

  const send = async <T>(channel: Channel<T>, item: T): Promise<void> => {
    if (!(await channel.send(item))) {
      signal.throwIfAborted();
      throw new DOMException('Nobody listens any more', 'AbortError');
    }
  };

  const append = async (speech: FaceAudio): Promise<void> => {
    const pcm = speech instanceof Float32Array ? speech : speech.pcm;
    if (pcm.length === 0) return;
    produced += pcm.length;
    stages.givenSamples = produced;
    stages.begun.resolve();
    await send(stages.face, speech);
    for (const piece of cutter.push(pcm)) {
      stages.voice.push(piece);
      for (const frame of opus.push(piece)) await send(stages.audio, frame);
      // A long clause comes at once; the room's other work goes in between.
      await setImmediate();
    }
  };
  const silence = (samples: number) => {
    const pcm = new Float32Array(samples);
    return append(knowsPhones ? { pcm, phones: [] } : pcm);
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
        await silence(BLOCK_SAMPLES);
        continue;
      }
      if (result.done) break;
      next = ahead();
      const { text, phones } = result.value;
      const rateHz = pitchedRateHz(result.value.rateHz, options.pitch);
      const samples = Math.round((result.value.pcm.length * SPEECH_RATE_HZ) / rateHz);
      options.onClause({ text, startSample: produced, endSample: produced + samples });
      knowsPhones = phones !== undefined;
      const pieces = to24kHz(result.value.pcm, rateHz);
      if (phones) await append({ pcm: await join(pieces, samples), phones: phonesAt24kHz(phones, rateHz) });
      else for (const piece of pieces) await append(piece);
    }
  } finally {
    Promise.resolve(speech.return?.()).catch(() => {});
  }
  if (produced > 0) {
    await silence(TAIL_SAMPLES);
    await silence((BLOCK_SAMPLES - (produced % BLOCK_SAMPLES)) % BLOCK_SAMPLES);
    stages.face.close();
    for (const frame of opus.flush()) await send(stages.audio, frame);
  }
  stages.begun.resolve();
  stages.face.close();
  stages.audio.close();
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

/** A clause at the rate of speech, in pieces: `round(samples · 24000 / rateHz)` samples in all. */
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

/** The room's other work goes in between the pieces. */
async function join(pieces: Iterable<Float32Array>, samples: number): Promise<Float32Array> {
  const whole = new Float32Array(samples);
  let filled = 0;
  for (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
    await setImmediate();
  }
  return whole;
}

/** The same phones at the rate of speech. One instant keeps one sample, so neighbours still touch. */
function phonesAt24kHz(phones: readonly TimedPhone[], rateHz: number): TimedPhone[] {
  const at = (sample: number) => Math.round((sample * SPEECH_RATE_HZ) / rateHz);
  return phones.map((phone) => ({
    ...phone,
    startSample: at(phone.startSample),
    endSample: at(phone.endSample),
  }));
}

/** Face codes in, whole blocks out, each with the Opus frames of the same samples. */
async function* assemble(
  options: SpeechBlocksOptions,
  stages: Stages,
  signal: AbortSignal,
): AsyncGenerator<SpeechBlock, void, undefined> {
  const { heads } = options.layout;
  const samplesPerFrame = SPEECH_RATE_HZ / options.fps;
  const framesPerBlock = BLOCK_SAMPLES / samplesPerFrame;
  const opusPerBlock = BLOCK_SAMPLES / OPUS_FRAME_SAMPLES;
  const frames = stages.audio[Symbol.asyncIterator]();
  let codes = new Uint8Array(0);
  let seenSamples = 0;
  let startSample = 0;
  let held: SpeechBlock | null = null;

  /** The next block's Opus frames; fewer at the end of the voice. */
  const takeAudio = async (): Promise<Uint8Array[]> => {
    const taken: Uint8Array[] = [];
    while (taken.length < opusPerBlock) {
      const frame = await frames.next();
      if (frame.done) break;
      taken.push(frame.value);
    }
    return taken;
  };
  const makeBlock = (audio: Uint8Array[]): SpeechBlock => {
    const block: SpeechBlock = {
      startSample,
      codes: codes.slice(0, framesPerBlock * heads),
      codeFrames: framesPerBlock,
      audio,
      voice: stages.voice.shift() ?? new Float32Array(BLOCK_SAMPLES),
      first: startSample === 0,
      last: false,
    };
    codes = codes.slice(framesPerBlock * heads);
    startSample += BLOCK_SAMPLES;
    return block;
  };

  try {
    // One block is held back, as only the end of the stream tells which one is the last.
    await stages.begun.promise;
    const emotion = options.emotion?.();
    const faceOptions = { seed: options.seed, ...(emotion && { emotion }) };
    const faces = options.face.encode(stages.face, faceOptions, signal);
    const isBusy = () => stages.givenSamples - seenSamples > BUSY_SAMPLES;
    for await (const part of watch(faces, { engine: 'face', patience: options.patience, isBusy }, signal)) {
      const grown = new Uint8Array(codes.length + part.frames * heads);
      grown.set(codes);
      grown.set(part.codes.subarray(0, part.frames * heads), codes.length);
      codes = grown;
      seenSamples += part.frames * samplesPerFrame;
      while (codes.length >= framesPerBlock * heads) {
        const audio = await takeAudio();
        if (audio.length === 0) break;
        if (held) yield held;
        held = makeBlock(audio);
      }
    }
    for (let audio = await takeAudio(); audio.length > 0; audio = await takeAudio()) {
      if (held) yield held;
      const lacking = framesPerBlock * heads - codes.length;
      if (lacking > 0) codes = withNeutral(codes, options.neutral, lacking / heads);
      held = makeBlock(audio);
    }
    if (held) yield { ...held, last: true };
  } finally {
    await frames.return?.(undefined);
  }
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
