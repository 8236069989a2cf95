import { ParleyError } from '@parley/sdk';
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import type { ChatMessage, Llm, LlmPart, LlmRequest } from '../contracts.ts';
import { type Endpoint, postToEndpoint, readText } from './endpoint.ts';

const failure = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });
const toolCall = z.object({
  index: z.int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
});
const said = z.object({ content: z.string().nullish(), tool_calls: z.array(toolCall).nullish() });
const choice = z.object({
  delta: said.nullish(),
  message: said.nullish(),
  finish_reason: z.string().nullish(),
});
const completion = z.object({ choices: z.array(choice) });

const DONE = '[DONE]';

/** A language model behind `POST chat/completions`, streamed as server-sent events. */
export class OpenAiLlm implements Llm {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /**
   * @throws ParleyError as `postToEndpoint`, or `endpoint-malformed` for an answer that is none, or `endpoint-refused`
   *   for an error within the stream.
   */
  async *generate(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmPart> {
    const { messages, maxTokens, temperature, tools } = request;
    const { model } = this.#endpoint;
    const content = {
      model,
      messages: messages.map(toOpenAi),
      max_tokens: maxTokens,
      temperature,
      stream: true,
      ...(tools?.length && {
        tools: tools.map(({ name, description, schema }) => ({
          type: 'function',
          function: { name, description, parameters: schema },
        })),
      }),
    };
    const answer = await postToEndpoint(this.#endpoint, 'chat/completions', content, signal);
    const events = answer.contentType.includes('application/json')
      ? [await readText(answer)]
      : readEvents(answer.body);
    let reason: 'stop' | 'length' | null = null;
    const calls = new Map<number, { id: string; name: string; json: string }>();
    for await (const data of events) {
      if (data === DONE) {
        reason ??= 'stop';
        break;
      }
      const [first] = this.#parse(data);
      const text = first?.delta?.content ?? first?.message?.content;
      if (text) yield { type: 'text-delta', text };
      // A call comes in pieces: its name first, then its arguments, a few letters at a time.
      for (const [place, piece] of (first?.delta?.tool_calls ?? first?.message?.tool_calls ?? []).entries()) {
        const index = piece.index ?? place;
        const call = calls.get(index) ?? { id: '', name: '', json: '' };
        calls.set(index, {
          id: piece.id || call.id,
          name: call.name + (piece.function?.name ?? ''),
          json: call.json + (piece.function?.arguments ?? ''),
        });
      }
      if (first?.finish_reason) reason = first.finish_reason === 'length' ? 'length' : 'stop';
    }
    if (!reason) throw this.#malformed('it ended before the answer was complete');
    for (const [index, { id, name, json }] of calls)
      yield { type: 'tool-call', call: { id: id || `call-${index}`, name, arguments: readArguments(json) } };
    yield { type: 'finish', reason };
  }

  #parse(data: string): z.infer<typeof completion>['choices'] {
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch (cause) {
      throw this.#malformed(`"${data.slice(0, 80)}" is not JSON`, cause);
    }
    const failed = failure.safeParse(json);
    if (failed.success) {
      const { error } = failed.data;
      const message = typeof error === 'string' ? error : error.message;
      throw new ParleyError('endpoint-refused', `${this.#endpoint.url} failed: ${message}`);
    }
    const parsed = completion.safeParse(json);
    if (!parsed.success) throw this.#malformed(`"${data.slice(0, 80)}" is no chat completion`, parsed.error);
    return parsed.data.choices;
  }

  #malformed(why: string, cause?: unknown): ParleyError {
    const message = `${this.#endpoint.url} does not answer as OpenAI's chat API does: ${why}.`;
    return new ParleyError('endpoint-malformed', message, cause);
  }
}

/** A message as OpenAI's API writes it. */
function toOpenAi({ role, content, toolCalls, toolCallId }: ChatMessage): object {
  if (role === 'tool') return { role, content, tool_call_id: toolCallId };
  if (!toolCalls?.length) return { role, content };
  const tool_calls = toolCalls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  return { role, content: content || null, tool_calls };
}

/** Arguments that are no JSON reach the tool as they are, which refuses them with words that the model can use. */
function readArguments(json: string): unknown {
  try {
    return json === '' ? {} : JSON.parse(json);
  } catch {
    return json;
  }
}

/** The data of each server-sent event. */
async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const ready: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => ready.push(data) });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
  parser.feed('\n\n');
  yield* ready;
}
