import type { Asr, AsrPart } from '../contracts.ts';
import { decodeSpeech, type Transcript } from './decode-speech.ts';
import { SpeechBuffer } from './speech-buffer.ts';
import { WhisperModel, type WhisperModelOptions } from './whisper-model.ts';
import { WhisperVocabulary } from './whisper-vocabulary.ts';

export interface WhisperOptions extends WhisperModelOptions {
  readonly vocabularyPath: string;
  readonly configPath: string;
  /** ISO 639-1 code of what is spoken, several with commas between, or `auto`. English-only models ignore it. */
  readonly language: string;
  /** New speech before the next partial result, in seconds, at least 1; 0 for none. */
  readonly partialEverySeconds: number;
}

const RATE_HZ = 16_000;

/**
 * Whisper on ONNX Runtime. An utterance of any length is heard in pieces of at most 28 s, cut at the quietest place.
 * Partial results are made only while nothing else is being transcribed, and stop at once for a final one.
 * Paper: Radford et al. 2022, https://arxiv.org/abs/2212.04356
 */
export class Whisper implements Asr {
  readonly device: string;
  readonly #model: WhisperModel;
  readonly #vocabulary: WhisperVocabulary;
  readonly #options: WhisperOptions;
  #busy: Promise<unknown> = Promise.resolve();
  #jobs = 0;
  #partial: AbortController | null = null;

  private constructor(model: WhisperModel, vocabulary: WhisperVocabulary, options: WhisperOptions) {
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.device = model.device;
  }

  static async load(options: WhisperOptions): Promise<Whisper> {
    const [model, vocabulary] = await Promise.all([
      WhisperModel.load(options),
      WhisperVocabulary.load(options.vocabularyPath, options.configPath),
    ]);
    return new Whisper(model, vocabulary, options);
  }

  async *transcribe(input: AsyncIterable<Float32Array>, signal: AbortSignal): AsyncGenerator<AsrPart> {
    const buffer = new SpeechBuffer();
    const done: Transcript[] = [];
    const stepSamples = Math.max(1, this.#options.partialEverySeconds) * RATE_HZ;
    let heardSamples = 0;
    let ready: { readonly transcript: Transcript; readonly endSample: number } | null = null;
    const partials: string[] = [];
    for await (const chunk of input) {
      signal.throwIfAborted();
      buffer.push(chunk);
      while (buffer.isFull) done.push(await this.#run(buffer.takePiece(), signal));
      while (partials.length > 0) yield { type: 'partial', text: partials.shift()! };
      const isDue = buffer.endSample - heardSamples >= stepSamples || buffer.hasPausedSince(heardSamples);
      if (this.#options.partialEverySeconds === 0 || this.#jobs > 0 || !isDue) continue;
      heardSamples = buffer.endSample;
      const endSample = heardSamples;
      this.#runPartial(buffer.copy(), signal).then(
        (transcript) => {
          if (!transcript) return;
          ready = { transcript, endSample };
          partials.push(joinTexts([...done, transcript]));
        },
        () => {},
      );
    }
    signal.throwIfAborted();
    const last = ready as { readonly transcript: Transcript; readonly endSample: number } | null;
    // Nothing but silence came after the newest partial result: it is the final one already.
    const isHeard =
      last !== null && last.endSample > buffer.startSample && buffer.isQuietFrom(last.endSample);
    if (isHeard) done.push(last.transcript);
    else if (buffer.length > 0 || done.length === 0) done.push(await this.#run(buffer.copy(), signal));
    const tokens = done.reduce((sum, piece) => sum + piece.tokens, 0);
    const weigh = (value: (piece: Transcript) => number) =>
      done.reduce((sum, piece) => sum + value(piece) * (piece.tokens + 1), 0) / (tokens + done.length);
    yield {
      type: 'final',
      text: joinTexts(done),
      averageLogProbability: weigh((piece) => piece.averageLogProbability),
      noSpeechProbability: weigh((piece) => piece.noSpeechProbability),
    };
  }

  async close(): Promise<void> {
    await this.#busy.catch(() => {});
    await this.#model.close();
  }

  /** One piece at a time: two at once would only slow each other down. */
  #run(pcm: Float32Array, signal: AbortSignal): Promise<Transcript> {
    this.#partial?.abort();
    return this.#queue(pcm, signal);
  }

  async #runPartial(pcm: Float32Array, signal: AbortSignal): Promise<Transcript | null> {
    const controller = new AbortController();
    this.#partial = controller;
    try {
      return await this.#queue(pcm, AbortSignal.any([signal, controller.signal]));
    } finally {
      if (this.#partial === controller) this.#partial = null;
    }
  }

  #queue(pcm: Float32Array, signal: AbortSignal): Promise<Transcript> {
    this.#jobs++;
    const job = this.#busy.then(() => {
      signal.throwIfAborted();
      return decodeSpeech(this.#model, this.#vocabulary, pcm, this.#options.language, signal);
    });
    this.#busy = job.then(
      () => this.#jobs--,
      () => this.#jobs--,
    );
    return job;
  }
}

function joinTexts(pieces: readonly Transcript[]): string {
  return pieces
    .map(({ text }) => text)
    .filter(Boolean)
    .join(' ');
}
