import { ParleyError } from '@parley/sdk';

/** A server with OpenAI's HTTP API. */
export interface Endpoint {
  /** Base URL, with its version: `http://gpu-box:8000/v1`. */
  readonly url: string;
  /** Bearer token. */
  readonly key?: string | undefined;
  readonly model: string;
  /** Longest wait for the first byte of an answer, in milliseconds. */
  readonly firstByteTimeoutMs: number;
  /** Longest silence within an answer, in milliseconds. */
  readonly idleTimeoutMs: number;
}

/** The body of an answer as it arrives. */
export interface EndpointAnswer {
  readonly contentType: string;
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
}

const LONGEST_COMPLAINT = 300;

/**
 * Posts a request and streams its answer.
 * @param path For instance `chat/completions`.
 * @param content A JSON value, or a form.
 * @throws ParleyError `endpoint-unreachable`, `endpoint-timeout`, `endpoint-refused` (a status that is not 2xx) or
 *   `endpoint-broken` (the connection ended within the answer); the signal's reason when aborted.
 */
export async function postToEndpoint(
  endpoint: Endpoint,
  path: string,
  content: FormData | object,
  signal: AbortSignal,
): Promise<EndpointAnswer> {
  signal.throwIfAborted();
  const url = `${endpoint.url.replace(/\/+$/, '')}/${path}`;
  const silence = new Watch(url, signal);
  silence.expect(endpoint.firstByteTimeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        ...(endpoint.key && { authorization: `Bearer ${endpoint.key}` }),
        ...(!(content instanceof FormData) && { 'content-type': 'application/json' }),
      },
      body: content instanceof FormData ? content : JSON.stringify(content),
      signal: silence.signal,
    });
    if (!response.ok) {
      const complaint = (await response.text()).slice(0, LONGEST_COMPLAINT);
      const message = `${url} answered ${response.status}: ${complaint || response.statusText}`;
      throw new ParleyError('endpoint-refused', `${message} (check the URL, the model's name and the key)`);
    }
  } catch (error) {
    silence.close();
    throw silence.explain(error, 'endpoint-unreachable', `${url} cannot be reached: is the server running?`);
  }
  return {
    contentType: response.headers.get('content-type') ?? '',
    body: readBody(response, silence, url, endpoint.idleTimeoutMs),
  };
}

/** The whole body as text. */
export async function readText({ body }: EndpointAnswer): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

async function* readBody(
  response: Response,
  silence: Watch,
  url: string,
  idleTimeoutMs: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read();
      if (!next || next.done) return;
      silence.stop();
      yield next.value;
      silence.expect(idleTimeoutMs);
    }
  } catch (error) {
    throw silence.explain(error, 'endpoint-broken', `${url} broke off within its answer.`);
  } finally {
    silence.close();
    reader?.cancel().catch(() => {});
  }
}

/** Aborts a request that stays silent, and tells its own abort from the caller's. */
class Watch {
  readonly #url: string;
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  readonly #onAbort: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string, caller: AbortSignal) {
    this.#url = url;
    this.#caller = caller;
    this.#onAbort = () => this.#controller.abort(caller.reason);
    caller.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  expect(withinMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const message = `${this.#url} was silent for ${withinMs} ms: is its model loaded, is the machine overloaded?`;
      this.#controller.abort(new ParleyError('endpoint-timeout', message));
    }, withinMs);
  }

  /** No byte is expected for a while: the reader is busy. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener('abort', this.#onAbort);
  }

  explain(error: unknown, code: string, message: string): unknown {
    if (this.#controller.signal.aborted) return this.#controller.signal.reason;
    return error instanceof ParleyError ? error : new ParleyError(code, message, error);
  }
}
