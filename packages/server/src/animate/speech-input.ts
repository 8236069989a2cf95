import { ParleyError, SPEECH_RATE_HZ } from '@parley/sdk';
import { type ReadProgress, streamAudio } from '../audio/stream-audio.ts';
import type { AudioChunk, FaceAudio, TimedPhone, Tts } from '../engines/contracts.ts';
import { Resampler, resample } from '../engines/resample.ts';
import { splitClauses } from '../turn/clause-splitter.ts';

/** What is to be animated: a sound file, text for a voice, or what a voice has spoken. */
export type SpeechSource =
  | { readonly path: string }
  | { readonly text: string; readonly tts: Tts }
  | { readonly pieces: readonly SpeechPiece[] };

/** A piece of the sound, with its phones where a voice of ours spoke them. */
export interface SpeechPiece extends AudioChunk {
  readonly phones?: readonly TimedPhone[];
}

/** Silence after a spoken text, so that the mouth closes before the end. */
const TAIL_SECONDS = 0.2;

/**
 * The sound of a source in order, mono, at whatever rate it has.
 * @throws ParleyError `bad-audio`, and what the voice throws.
 */
export async function* openSpeech(
  source: SpeechSource,
  onProgress: ReadProgress,
  signal: AbortSignal,
): AsyncGenerator<SpeechPiece> {
  if ('path' in source) {
    for await (const chunk of streamAudio(source.path, onProgress)) {
      signal.throwIfAborted();
      yield chunk;
    }
    return;
  }
  if ('pieces' in source) {
    for (const [i, piece] of source.pieces.entries()) {
      signal.throwIfAborted();
      yield piece;
      onProgress((i + 1) / source.pieces.length);
    }
    return;
  }
  const { text, tts } = source;
  let spokenCharacters = 0;
  let rateHz = 0;
  let knowsPhones = false;
  for await (const part of tts.speak(splitClauses(once(text)), signal)) {
    rateHz = part.rateHz;
    knowsPhones = part.phones !== undefined;
    yield part;
    spokenCharacters += part.text.length;
    onProgress(Math.min(1, spokenCharacters / text.length));
  }
  if (rateHz === 0)
    throw new ParleyError('bad-arguments', 'There is nothing to say in the text: give words or numbers');
  onProgress(1);
  const silence = { pcm: new Float32Array(Math.round(TAIL_SECONDS * rateHz)), rateHz };
  yield knowsPhones ? { ...silence, phones: [] } : silence;
}

/**
 * How long a source sounds. A file is read for that and forgotten; a text is spoken, and its sound kept (some 300 MB for an
 * hour), since a voice may not say it alike again.
 *
 * @returns The length, and what to open for the sound.
 * @throws ParleyError as {@link openSpeech}.
 */
export async function measureSpeech(
  source: SpeechSource,
  onProgress: ReadProgress,
  signal: AbortSignal,
): Promise<{ readonly seconds: number; readonly source: SpeechSource }> {
  const isFile = 'path' in source;
  const pieces: SpeechPiece[] = [];
  let seconds = 0;
  for await (const piece of openSpeech(source, onProgress, signal)) {
    seconds += piece.pcm.length / piece.rateHz;
    if (!isFile) pieces.push(piece);
  }
  return { seconds, source: isFile ? source : { pieces } };
}

async function* once<T>(item: T): AsyncGenerator<T> {
  yield item;
}

/**
 * The sound as face encoders hear it, at 24 kHz. Pieces of one rate without phones are one signal; a piece with phones is
 * one by itself.
 */
export async function* toFaceAudio(pieces: AsyncIterable<SpeechPiece>): AsyncGenerator<FaceAudio> {
  for await (const audio of at24kHz(pieces))
    if ((audio instanceof Float32Array ? audio : audio.pcm).length > 0) yield audio;
}

async function* at24kHz(pieces: AsyncIterable<SpeechPiece>): AsyncGenerator<FaceAudio> {
  const plain = new RateChanger(SPEECH_RATE_HZ);
  for await (const piece of pieces) {
    const { pcm, rateHz, phones } = piece;
    if (!phones) {
      yield plain.push(piece);
      continue;
    }
    yield plain.flush();
    const toSample = (sample: number) => Math.round((sample * SPEECH_RATE_HZ) / rateHz);
    yield {
      pcm: rateHz === SPEECH_RATE_HZ ? pcm : resample(pcm, rateHz, SPEECH_RATE_HZ),
      phones: phones.map((phone) => ({
        ...phone,
        startSample: toSample(phone.startSample),
        endSample: toSample(phone.endSample),
      })),
    };
  }
  yield plain.flush();
}

/** Brings pieces to one rate; where their own rate changes, a new signal begins. */
export class RateChanger {
  readonly #toHz: number;
  #fromHz = 0;
  #resampler: Resampler | null = null;

  /** @param toHz Wanted rate. */
  constructor(toHz: number) {
    this.#toHz = toHz;
  }

  /** @returns What is known by now; more comes with the next piece or `flush`. */
  push({ pcm, rateHz }: AudioChunk): Float32Array {
    if (rateHz === this.#fromHz && this.#resampler) return this.#resampler.push(pcm);
    const before = this.flush();
    this.#fromHz = rateHz;
    this.#resampler = new Resampler(rateHz, this.#toHz);
    const after = this.#resampler.push(pcm);
    if (before.length === 0) return after;
    const both = new Float32Array(before.length + after.length);
    both.set(before);
    both.set(after, before.length);
    return both;
  }

  /** @returns The rest of the signal; the next piece begins another. */
  flush(): Float32Array {
    const rest = this.#resampler?.flush() ?? new Float32Array(0);
    this.#resampler = null;
    return rest;
  }
}
