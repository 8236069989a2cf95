import { ParleyError } from '@parley/sdk';
import { z } from 'zod';
import type { Embedder, Embedding } from '../contracts.ts';
import { normalise } from '../embed/normalise.ts';
import { type Endpoint, postToEndpoint, readText } from './endpoint.ts';

const reply = z.object({
  data: z.array(z.object({ index: z.int(), embedding: z.array(z.number()).min(1) })),
});

/** Texts in one request. */
const BATCH = 64;

/** Sentence embeddings behind `POST embeddings`. */
export class OpenAiEmbedder implements Embedder {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** @throws ParleyError as `postToEndpoint`, or `endpoint-malformed` for an answer that is none. */
  async *embed(texts: readonly string[], signal: AbortSignal): AsyncGenerator<Embedding> {
    for (let from = 0; from < texts.length; from += BATCH) {
      const input = texts.slice(from, from + BATCH);
      const { model } = this.#endpoint;
      const answer = await postToEndpoint(this.#endpoint, 'embeddings', { model, input }, signal);
      for (const embedding of this.#parse(await readText(answer), input.length))
        yield { vector: normalise(Float32Array.from(embedding)) };
    }
  }

  #parse(text: string, count: number): number[][] {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw this.#malformed(`"${text.slice(0, 80)}" is not JSON`, cause);
    }
    const parsed = reply.safeParse(json);
    if (!parsed.success || parsed.data.data.length !== count)
      throw this.#malformed(`"${text.slice(0, 80)}" are not ${count} embeddings`, parsed.error);
    return parsed.data.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
  }

  #malformed(why: string, cause?: unknown): ParleyError {
    const message = `${this.#endpoint.url} does not answer as OpenAI's embeddings API does: ${why}.`;
    return new ParleyError('endpoint-malformed', message, cause);
  }
}
