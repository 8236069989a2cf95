import type { Tts, TtsPart } from '../contracts.ts';
import { stripMarkup } from '../tts/strip-markup.ts';
import { type Endpoint, postToEndpoint } from './endpoint.ts';
import { readAudio } from './read-audio.ts';

export interface OpenAiTtsOptions extends Endpoint {
  readonly voice: string;
  /** Rate of raw PCM answers in Hz. */
  readonly rateHz: number;
  readonly format: 'pcm' | 'wav';
  /** 1 = the voice's own pace, 1.2 = a fifth slower. */
  readonly lengthScale: number;
}

/** Smaller pieces than this wait for more. */
const PART_SECONDS = 0.1;

/** A voice behind `POST audio/speech`; its audio is passed on while it arrives. */
export class OpenAiTts implements Tts {
  readonly #options: OpenAiTtsOptions;

  constructor(options: OpenAiTtsOptions) {
    this.#options = options;
  }

  /** @throws ParleyError as `postToEndpoint`, or `endpoint-malformed` for audio that cannot be read. */
  async *speak(clauses: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<TtsPart> {
    for await (const clause of clauses) {
      const input = stripMarkup(clause).trim();
      if (/[\p{L}\p{N}]/u.test(input)) yield* this.#speakClause(clause, input, signal);
    }
    signal.throwIfAborted();
  }

  async *#speakClause(clause: string, input: string, signal: AbortSignal): AsyncGenerator<TtsPart> {
    const { model, voice, format, rateHz, lengthScale } = this.#options;
    const content = {
      model,
      voice,
      input,
      response_format: format,
      ...(lengthScale !== 1 && { speed: 1 / lengthScale }),
    };
    const answer = await postToEndpoint(this.#options, 'audio/speech', content, signal);
    let text = clause;
    let waiting: Float32Array[] = [];
    let waitingSamples = 0;
    let rate = rateHz;
    for await (const { pcm, rateHz: partRateHz } of readAudio(answer.body, rateHz)) {
      rate = partRateHz;
      waiting.push(pcm);
      waitingSamples += pcm.length;
      if (waitingSamples < rate * PART_SECONDS) continue;
      yield { text, pcm: join(waiting, waitingSamples), rateHz: rate };
      text = '';
      waiting = [];
      waitingSamples = 0;
    }
    if (waitingSamples > 0) yield { text, pcm: join(waiting, waitingSamples), rateHz: rate };
  }
}

function join(pieces: readonly Float32Array[], length: number): Float32Array {
  const whole = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
