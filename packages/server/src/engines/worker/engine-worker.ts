import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ParleyError } from '@parley/sdk';
import { Credit } from './credit.ts';
import { Mailbox } from './mailbox.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { fromWireError, tighten } from './wire-value.ts';

/** What to run in a worker. */
export interface EngineWorkerOptions {
  /** For messages and the thread's name, for instance `tts`. */
  readonly name: string;
  /** The worker's module; it calls `serveEngine`. */
  readonly module: URL;
  /** Cloned to the worker as `workerData`. */
  readonly data: unknown;
  /** Wait before the first restart of a worker that died; doubles up to 10 s. Default 250 ms. */
  readonly restartDelayMs?: number;
}

const LONGEST_RESTART_DELAY_MS = 10_000;
const CLOSE_TIMEOUT_MS = 3_000;
/** A worker that lived this long starts again without the delay having grown. */
const HEALTHY_AFTER_MS = 30_000;

interface OpenStream {
  readonly parts: Mailbox<unknown>;
  readonly input: Credit;
}

interface Running {
  readonly worker: Worker;
  readonly streams: Map<number, OpenStream>;
  readonly description: unknown;
}

/**
 * Runs an engine in a worker thread, off the room's event loop. Streams go both ways with at most `WINDOW` values under
 * way; an abort rejects at once and reaches the worker as soon as it listens. A worker that dies fails its streams
 * with a `ParleyError` of code `engine-died` and is started again.
 */
export class EngineWorker {
  readonly #options: EngineWorkerOptions;
  #running: Promise<Running> | null = null;
  #failures = 0;
  #nextId = 1;
  #closed = false;

  private constructor(options: EngineWorkerOptions) {
    this.#options = options;
  }

  /** Starts the worker and waits until its engine is loaded; rejects with what the engine said when it cannot load. */
  static async start(
    options: EngineWorkerOptions,
  ): Promise<{ readonly worker: EngineWorker; readonly description: unknown }> {
    const worker = new EngineWorker(options);
    const { description } = await worker.#ready();
    return { worker, description };
  }

  /** Calls a method of the engine; the parts come as the reader takes them. */
  async *stream<O>(
    method: string,
    args: unknown,
    input: AsyncIterable<unknown> | null,
    signal: AbortSignal,
  ): AsyncGenerator<O, void, undefined> {
    signal.throwIfAborted();
    const running = await abortable(this.#ready(), signal);
    const id = this.#nextId++;
    const post = (message: ToWorker) => running.worker.postMessage(message);
    const stream: OpenStream = {
      parts: new Mailbox(() => post({ type: 'credit', id })),
      input: new Credit(),
    };
    running.streams.set(id, stream);
    const onAbort = () => stream.parts.fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    let over = false;
    try {
      post({ type: 'start', id, method, args });
      if (input) void this.#send(input, id, stream, post);
      else post({ type: 'input-end', id });
      yield* stream.parts as AsyncIterable<O>;
      over = true;
    } finally {
      signal.removeEventListener('abort', onAbort);
      running.streams.delete(id);
      stream.input.close();
      if (!over) post({ type: 'abort', id });
    }
  }

  /** Ends the worker; running streams fail with `engine-closed`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const running = await this.#running?.catch(() => null);
    if (!running) return;
    failAll(running, new ParleyError('engine-closed', `The ${this.#options.name} engine was closed.`));
    const gone = new Promise<void>((resolve) => running.worker.once('exit', () => resolve()));
    running.worker.postMessage({ type: 'close' } satisfies ToWorker);
    const timeout = new AbortController();
    await Promise.race([
      gone,
      delay(CLOSE_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => {}),
    ]);
    timeout.abort();
    await running.worker.terminate();
  }

  async #send(
    input: AsyncIterable<unknown>,
    id: number,
    stream: OpenStream,
    post: (message: ToWorker) => void,
  ): Promise<void> {
    try {
      for await (const value of input) {
        if (!(await stream.input.take())) return;
        post({ type: 'input', id, value: tighten(value) });
      }
      post({ type: 'input-end', id });
    } catch (error) {
      stream.parts.fail(error);
    }
  }

  #ready(): Promise<Running> {
    if (this.#closed) {
      const message = `The ${this.#options.name} engine was closed.`;
      return Promise.reject(new ParleyError('engine-closed', message));
    }
    this.#running ??= this.#start().catch((error: unknown) => {
      this.#running = null;
      this.#failures++;
      throw error;
    });
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { name, module, data, restartDelayMs = 250 } = this.#options;
    if (this.#failures > 0) {
      const delayMs = Math.min(restartDelayMs * 2 ** (this.#failures - 1), LONGEST_RESTART_DELAY_MS);
      await delay(delayMs, undefined, { ref: false });
    }
    const worker = new Worker(module, { workerData: data, name });
    const streams = new Map<number, OpenStream>();
    const died = (cause: unknown) => {
      const message = `The ${name} engine's worker stopped unexpectedly; it is being started again.`;
      failAll({ streams }, new ParleyError('engine-died', message, cause));
    };
    let diedOf: unknown;
    worker.on('error', (error) => {
      diedOf = error;
    });
    const description = await new Promise<unknown>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') return resolve(message.description);
        if (message.type === 'failed') return reject(fromWireError(message.error));
        receive(streams.get(message.id), message);
      });
      worker.once('exit', (exitCode) => {
        const message = `The ${name} engine's worker ended while loading (exit code ${exitCode}).`;
        reject(new ParleyError('engine-died', message, diedOf));
      });
    });
    const readyAtMs = performance.now();
    worker.once('exit', () => {
      if (this.#closed) return;
      this.#failures = performance.now() - readyAtMs > HEALTHY_AFTER_MS ? 1 : this.#failures + 1;
      this.#running = null;
      died(diedOf);
      this.#ready().catch(() => {});
    });
    return { worker, streams, description };
  }
}

function receive(
  stream: OpenStream | undefined,
  message: Exclude<FromWorker, { type: 'ready' | 'failed' }>,
): void {
  if (!stream) return;
  if (message.type === 'part') stream.parts.put(message.value);
  else if (message.type === 'credit') stream.input.give();
  else if (message.type === 'end') stream.parts.end();
  else stream.parts.fail(fromWireError(message.error));
}

function failAll(running: Pick<Running, 'streams'>, error: ParleyError): void {
  for (const { parts } of running.streams.values()) parts.fail(error);
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
