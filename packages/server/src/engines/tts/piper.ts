import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import type { TimedPhone, Tts, TtsPart } from '../contracts.ts';
import { type Device, openOnnxSession } from '../onnx-session.ts';
import { phonemise } from './phonemise.ts';
import { readModelWithOutputs } from './read-model-with-outputs.ts';
import { speakClauses } from './speak-clauses.ts';
import { speakable } from './speakable.ts';
import { SynthesisQueue } from './synthesis-queue.ts';

export interface PiperOptions {
  /** The voice's `.onnx`. */
  readonly modelPath: string;
  /** Its `.onnx.json`. */
  readonly configPath: string;
  readonly device: Device;
  readonly threads: number;
  /** 1 = the voice's own pace, 1.2 = a fifth slower. */
  readonly lengthScale: number;
  /** How much one take differs from another: 1 as the voice was made, 0 for the same sound of the same words. */
  readonly variation: number;
}

interface PiperConfig {
  readonly audio: { readonly sample_rate: number };
  readonly inference: { readonly noise_scale: number; readonly noise_w: number };
  readonly phoneme_id_map: Readonly<Record<string, readonly number[]>>;
}

/** The duration predictor's answer, in frames of `HOP_SAMPLES`, one per input symbol. */
const DURATIONS = '/Ceil_output_0';
const HOP_SAMPLES = 256;
/** Measured: the voice's phones sound this much earlier than its durations say (`models/data.py` corrects by the same). */
const LABEL_LAG_SECONDS = 0.007;
const STRESS_MARKS = ['', 'ˈ', 'ˌ'] as const;

/** The symbols that the voice reads, and which of them belong to which phone. */
interface Script {
  readonly ids: number[];
  readonly phones: { readonly ipa: string; readonly stress: 0 | 1 | 2; readonly from: number; to: number }[];
}

/**
 * A Piper voice (VITS) on ONNX Runtime, with the time of every phone. Paper: Kim et al. 2021, "Conditional Variational
 * Autoencoder with Adversarial Learning for End-to-End Text-to-Speech", https://arxiv.org/abs/2106.06103
 */
export class Piper implements Tts {
  readonly device: string;
  readonly rateHz: number;
  readonly #session: ort.InferenceSession;
  readonly #config: PiperConfig;
  readonly #lengthScale: number;
  readonly #variation: number;
  readonly #queue = new SynthesisQueue();

  private constructor(
    session: ort.InferenceSession,
    device: string,
    config: PiperConfig,
    { lengthScale, variation }: PiperOptions,
  ) {
    this.#session = session;
    this.device = device;
    this.#config = config;
    this.rateHz = config.audio.sample_rate;
    this.#lengthScale = lengthScale;
    this.#variation = variation;
  }

  static async load(options: PiperOptions): Promise<Piper> {
    const [model, config] = await Promise.all([
      readModelWithOutputs(options.modelPath, [DURATIONS]),
      readFile(options.configPath, 'utf8'),
    ]);
    const { session, device } = await openOnnxSession(model, options);
    return new Piper(session, device, JSON.parse(config) as PiperConfig, options);
  }

  async *speak(clauses: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<TtsPart> {
    yield* speakClauses(clauses, this.#queue, (text) => this.#synthesise(text), signal);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #synthesise(text: string): Promise<TtsPart | null> {
    const { ids, phones } = this.#script(speakable(text));
    if (phones.length === 0) return null;
    const { noise_scale, noise_w } = this.#config.inference;
    const result = await this.#session.run({
      input: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      input_lengths: new ort.Tensor('int64', [BigInt(ids.length)], [1]),
      scales: new ort.Tensor(
        'float32',
        [noise_scale * this.#variation, this.#lengthScale, noise_w * this.#variation],
        [3],
      ),
    });
    const pcm = result.output!.data as Float32Array;
    const timed = this.#time(phones, result[DURATIONS]!.data as Float32Array, pcm.length);
    return { text, pcm, rateHz: this.rateHz, phones: timed };
  }

  #script(text: string): Script {
    const map = this.#config.phoneme_id_map;
    const blank = map._!;
    const ids = [...map['^']!, ...blank];
    const phones: Script['phones'] = [];
    const write = (symbols: string) => {
      for (const symbol of symbols.normalize('NFD')) {
        const id = map[symbol];
        if (id) ids.push(...id, ...blank);
      }
    };
    for (const piece of phonemise(text)) {
      if (piece.type === 'mark') {
        write(piece.mark);
        continue;
      }
      for (const { ipa, stress } of piece.phones) {
        const from = ids.length;
        write(STRESS_MARKS[stress] + ipa);
        phones.push({ ipa, stress, from, to: ids.length });
      }
    }
    ids.push(...map.$!);
    return { ids, phones };
  }

  #time(phones: Script['phones'], frames: Float32Array, length: number): TimedPhone[] {
    const lag = Math.round(LABEL_LAG_SECONDS * this.rateHz);
    const ends = new Int32Array(frames.length + 1);
    for (let i = 0; i < frames.length; i++) ends[i + 1] = ends[i]! + frames[i]! * HOP_SAMPLES;
    // The blank between two symbols belongs half to each.
    const place = (symbol: number) =>
      Math.min(length, Math.max(0, Math.round((ends[symbol - 1]! + ends[symbol]!) / 2) - lag));
    return phones.map(({ ipa, stress, from, to }) => ({
      phone: ipa,
      stress,
      startSample: place(from),
      endSample: place(to),
    }));
  }
}
