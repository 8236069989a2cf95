import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { TimedPhone, TtsPart } from '../contracts.ts';
import { type Device, openOnnxSession } from '../onnx-session.ts';
import { type KokoroSymbol, kokoroSymbols } from './kokoro-symbols.ts';
import { languageOfVoice } from './kokoro-voices.ts';
import { SPOKEN_LANGUAGES } from './languages/languages.ts';
import type { SpokenLanguage } from './languages/spoken-language.ts';
import { readModelWithOutputs } from './read-model-with-outputs.ts';
import { speakClauses } from './speak-clauses.ts';
import { SynthesisQueue } from './synthesis-queue.ts';

export interface KokoroOptions {
  /** The model's `.onnx`. */
  readonly modelPath: string;
  /** Its voices by name, each a file of style vectors. */
  readonly voicePaths: Readonly<Record<string, string>>;
  readonly device: Device;
  readonly threads: number;
  /** 1 = the voice's own pace, 1.2 = a fifth slower. */
  readonly lengthScale: number;
}

/** The duration predictor's answer, in frames of `HOP_SAMPLES`, one for each symbol, the silent ones at both ends included. */
const DURATIONS = '/encoder/Clip_output_0';
const HOP_SAMPLES = 600;
const RATE_HZ = 24_000;
/** Measured: the phones sound this much earlier than the durations say (`models/data.py` corrects by the same). */
const LABEL_LAG_SECONDS = 0.058;
/** Values of a style vector; a voice has one for each number of symbols. */
const STYLE_SIZE = 256;
/** Symbols that the model takes at once, and silence at both ends. */
const MOST_SYMBOLS = 510;

interface Voice {
  readonly styles: Float32Array;
  readonly language: SpokenLanguage;
}

/**
 * Kokoro (StyleTTS 2) on ONNX Runtime: one model, many voices in several languages, with the time of every phone. Paper: Li et
 * al. 2023, https://arxiv.org/abs/2306.07691
 */
export class Kokoro {
  readonly device: string;
  readonly #session: ort.InferenceSession;
  readonly #voices: ReadonlyMap<string, Voice>;
  readonly #speed: number;
  readonly #queue = new SynthesisQueue();

  private constructor(
    session: ort.InferenceSession,
    device: string,
    voices: ReadonlyMap<string, Voice>,
    speed: number,
  ) {
    this.#session = session;
    this.device = device;
    this.#voices = voices;
    this.#speed = speed;
  }

  /** @throws RangeError for a voice whose language is not known. */
  static async load(options: KokoroOptions): Promise<Kokoro> {
    const voices = new Map<string, Voice>();
    for (const [name, path] of Object.entries(options.voicePaths)) {
      const language = SPOKEN_LANGUAGES[languageOfVoice(name) ?? ''];
      if (!language) throw new RangeError(`Kokoro: the language of the voice "${name}" is not known.`);
      const bytes = await readFile(path);
      const styles = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      voices.set(name, { styles, language });
    }
    const model = await readModelWithOutputs(options.modelPath, [DURATIONS]);
    const { session, device } = await openOnnxSession(model, options);
    return new Kokoro(session, device, voices, 1 / options.lengthScale);
  }

  /** @throws RangeError for a voice that was not loaded. */
  async *speak(
    clauses: AsyncIterable<string>,
    voiceName: string,
    signal: AbortSignal,
  ): AsyncGenerator<TtsPart> {
    const voice = this.#voices.get(voiceName);
    if (!voice) throw new RangeError(`Kokoro: the voice "${voiceName}" was not loaded.`);
    yield* speakClauses(clauses, this.#queue, (text) => this.#synthesise(text, voice), signal);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #synthesise(text: string, { styles, language }: Voice): Promise<TtsPart | null> {
    const symbols = kokoroSymbols(language.phonemise(language.speakable(text))).slice(0, MOST_SYMBOLS);
    if (!symbols.some(({ phone }) => phone)) return null;
    const ids = [0, ...symbols.map(({ id }) => id), 0];
    const from = STYLE_SIZE * Math.min(symbols.length, styles.length / STYLE_SIZE - 1);
    const result = await this.#session.run({
      tokens: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      style: new ort.Tensor('float32', styles.slice(from, from + STYLE_SIZE), [1, STYLE_SIZE]),
      speed: new ort.Tensor('float32', [this.#speed], [1]),
    });
    const pcm = result.audio!.data as Float32Array;
    return {
      text,
      pcm,
      rateHz: RATE_HZ,
      phones: timePhones(symbols, result[DURATIONS]!.data as Float32Array, pcm.length),
    };
  }
}

/** The symbols of one phone follow each other; its time is theirs together. */
function timePhones(symbols: readonly KokoroSymbol[], frames: Float32Array, length: number): TimedPhone[] {
  const lag = Math.round(LABEL_LAG_SECONDS * RATE_HZ);
  const place = (sample: number) => Math.min(length, Math.max(0, Math.round(sample) - lag));
  const timed: TimedPhone[] = [];
  let at = frames[0]! * HOP_SAMPLES;
  let last: KokoroSymbol['phone'] = null;
  for (const [index, { phone }] of symbols.entries()) {
    const end = at + frames[index + 1]! * HOP_SAMPLES;
    if (phone && phone === last) {
      timed.push({ ...timed.pop()!, endSample: place(end) });
    } else if (phone) {
      timed.push({
        phone: phone.ipa,
        stress: phone.stress,
        startSample: place(at),
        endSample: place(end),
      });
    }
    last = phone;
    at = end;
  }
  return timed;
}
