import { parentPort, workerData } from 'node:worker_threads';
import { ParleyError } from '@parley/sdk';
import { serveEngine } from '../../src/engines/worker/serve-engine.ts';

/** A worker whose engine does what the worker's tests ask for. */
const { failToLoad, dieOnLoad } = workerData as { failToLoad?: boolean; dieOnLoad?: boolean };
let aborts = 0;

const methods = {
  async *double(_: null, input: AsyncIterable<number>, signal: AbortSignal) {
    try {
      for await (const value of input) yield 2 * value;
    } finally {
      if (signal.aborted) aborts++;
    }
  },
  async *bufferBytes(_: null, input: AsyncIterable<Float32Array>) {
    for await (const { buffer } of input) yield buffer.byteLength;
  },
  async *echoSpeech(_: null, input: AsyncIterable<{ pcm: Float32Array; phones: unknown }>) {
    for await (const { pcm, phones } of input) yield { bytes: pcm.buffer.byteLength, phones };
  },
  async *block(ms: number) {
    const endMs = performance.now() + ms;
    while (performance.now() < endMs);
    yield ms;
  },
  async *waitForAbort(_: null, __: AsyncIterable<never>, signal: AbortSignal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    aborts++;
    yield 0;
  },
  async *aborts() {
    yield aborts;
  },
  async *fail({ code, message }: { code: string; message: string }): AsyncGenerator<number> {
    yield* [];
    throw new ParleyError(code, message);
  },
  async *die(): AsyncGenerator<number> {
    yield* [];
    process.exit(3);
  },
};

await serveEngine(parentPort!, async () => {
  if (dieOnLoad) process.exit(4);
  if (failToLoad) throw new ParleyError('missing-weight', 'No weights.');
  return { methods, description: { device: 'test' }, close: async () => {} };
});
