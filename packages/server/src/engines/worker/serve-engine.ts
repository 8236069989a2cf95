import type { MessagePort } from 'node:worker_threads';
import { Credit } from './credit.ts';
import { Mailbox } from './mailbox.ts';
import type { FromWorker, ToWorker } from './protocol.ts';
import { toWireError, transferablesOf } from './wire-value.ts';

/** One streaming call of an engine. What it yields is given away: it must not reuse the arrays it yielded. */
export type EngineMethod = (
  args: never,
  input: AsyncIterable<never>,
  signal: AbortSignal,
) => AsyncIterable<unknown>;

/** An engine as its worker serves it. */
export interface ServedEngine {
  readonly methods: Readonly<Record<string, EngineMethod>>;
  /** Told to the owner when the engine is loaded; plain data. */
  readonly description: unknown;
  close(): Promise<void>;
}

interface OpenStream {
  readonly input: Mailbox<unknown>;
  readonly output: Credit;
  readonly controller: AbortController;
}

/** Loads an engine and answers its owner's messages until it says `close`. The owner's side is `EngineWorker`. */
export async function serveEngine(port: MessagePort, load: () => Promise<ServedEngine>): Promise<void> {
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let engine: ServedEngine;
  try {
    engine = await load();
  } catch (error) {
    post({ type: 'failed', error: toWireError(error) });
    port.close();
    return;
  }
  const streams = new Map<number, OpenStream>();

  async function run(id: number, method: string, args: unknown): Promise<void> {
    const stream: OpenStream = {
      input: new Mailbox(() => post({ type: 'credit', id })),
      output: new Credit(),
      controller: new AbortController(),
    };
    streams.set(id, stream);
    const { signal } = stream.controller;
    try {
      const call = engine.methods[method];
      if (!call) throw new TypeError(`The engine has no method ${method}.`);
      for await (const value of call(args as never, stream.input as AsyncIterable<never>, signal)) {
        if (!(await stream.output.take())) return;
        post({ type: 'part', id, value }, transferablesOf(value));
      }
      post({ type: 'end', id });
    } catch (error) {
      if (!signal.aborted) post({ type: 'error', id, error: toWireError(error) });
    } finally {
      streams.delete(id);
    }
  }

  async function stop(): Promise<void> {
    for (const { controller, input, output } of streams.values()) {
      controller.abort();
      input.fail(controller.signal.reason);
      output.close();
    }
    await engine.close();
    port.close();
  }

  port.on('message', (message: ToWorker) => {
    if (message.type === 'start') return void run(message.id, message.method, message.args);
    if (message.type === 'close') return void stop();
    const stream = streams.get(message.id);
    if (!stream) return;
    if (message.type === 'input') stream.input.put(message.value);
    else if (message.type === 'input-end') stream.input.end();
    else if (message.type === 'credit') stream.output.give();
    else {
      stream.controller.abort();
      stream.input.fail(stream.controller.signal.reason);
      stream.output.close();
    }
  });
  post({ type: 'ready', description: engine.description });
}
