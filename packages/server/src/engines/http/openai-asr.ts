import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import { writeWav } from '../../audio/write-wav.ts';
import { SpeechBuffer } from '../asr/speech-buffer.ts';
import type { Asr, AsrPart } from '../contracts.ts';
import { type Endpoint, postToEndpoint, readText } from './endpoint.ts';

export interface OpenAiAsrOptions extends Endpoint {
  /** ISO 639-1 code; with several, or `auto`, the endpoint finds out which it is. */
  readonly language: string;
}

const RATE_HZ = 16_000;
const segment = z.object({ avg_logprob: z.number().optional(), no_speech_prob: z.number().optional() });
const transcription = z.object({ text: z.string(), segments: z.array(segment).nullish() });

/**
 * Speech recognition behind `POST audio/transcriptions`. Speech of more than 28 s is sent in pieces. There are no
 * partial results; probabilities are those of the answer's segments, where the server gives any.
 */
export class OpenAiAsr implements Asr {
  readonly #options: OpenAiAsrOptions;

  constructor(options: OpenAiAsrOptions) {
    this.#options = options;
  }

  /** @throws ParleyError as `postToEndpoint`, or `endpoint-malformed`. */
  async *transcribe(input: AsyncIterable<Float32Array>, signal: AbortSignal): AsyncGenerator<AsrPart> {
    const buffer = new SpeechBuffer();
    const pieces: z.infer<typeof transcription>[] = [];
    for await (const chunk of input) {
      buffer.push(chunk);
      while (buffer.isFull) pieces.push(await this.#send(buffer.takePiece(), signal));
    }
    signal.throwIfAborted();
    if (buffer.length > 0) pieces.push(await this.#send(buffer.copy(), signal));
    const text = pieces
      .map((piece) => piece.text.trim())
      .filter(Boolean)
      .join(' ');
    const segments = pieces.flatMap((piece) => piece.segments ?? []);
    const mean = (values: (number | undefined)[], otherwise: number) => {
      const known = values.filter((value) => value !== undefined);
      return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : otherwise;
    };
    yield {
      type: 'final',
      text,
      averageLogProbability: mean(
        segments.map((each) => each.avg_logprob),
        0,
      ),
      noSpeechProbability: mean(
        segments.map((each) => each.no_speech_prob),
        text ? 0 : 1,
      ),
    };
  }

  async #send(pcm: Float32Array, signal: AbortSignal): Promise<z.infer<typeof transcription>> {
    const { model, language, url } = this.#options;
    const form = new FormData();
    const wav = writeWav(pcm, RATE_HZ) as Uint8Array<ArrayBuffer>;
    form.set('file', new Blob([wav], { type: 'audio/wav' }), 'speech.wav');
    form.set('model', model);
    form.set('response_format', 'json');
    if (language !== 'auto' && !language.includes(',')) form.set('language', language);
    const text = await readText(await postToEndpoint(this.#options, 'audio/transcriptions', form, signal));
    const parsed = transcription.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    const message = `${url} does not answer as OpenAI's transcription API does: "${text.slice(0, 80)}".`;
    throw new ParleyError('endpoint-malformed', message, parsed.error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
