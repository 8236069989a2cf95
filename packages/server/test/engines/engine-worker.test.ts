import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineWorker } from '../../src/engines/worker/engine-worker.ts';
import { WINDOW } from '../../src/engines/worker/protocol.ts';

const MODULE = new URL('./echo-engine-host.ts', import.meta.url);
const never = new AbortController().signal;
let worker: EngineWorker;

async function start(data: unknown = {}): Promise<unknown> {
  const started = await EngineWorker.start({ name: 'echo', module: MODULE, data, restartDelayMs: 20 });
  worker = started.worker;
  return started.description;
}

afterEach(() => worker?.close());

async function* count(from: number, to: number): AsyncGenerator<number> {
  for (let i = from; i < to; i++) yield i;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of stream) all.push(value);
  return all;
}

describe('EngineWorker', () => {
  it('describes its engine and streams both ways', async () => {
    expect(await start()).toEqual({ device: 'test' });
    expect(await collect(worker.stream('double', null, count(0, 100), never))).toEqual(
      Array.from({ length: 100 }, (_, i) => 2 * i),
    );
  });

  it('runs streams beside each other', async () => {
    await start();
    const runs = [0, 1000, 2000].map((from) =>
      collect(worker.stream('double', null, count(from, from + 50), never)),
    );
    const results = await Promise.all(runs);
    expect(results.map(([first]) => first)).toEqual([0, 2000, 4000]);
    expect(results.every((values) => values.length === 50)).toBe(true);
  });

  it('copies a view alone, not the buffer behind it', async () => {
    await start();
    const large = new Float32Array(100_000).fill(0.5);
    async function* one() {
      yield large.subarray(10, 20);
    }
    expect(await collect(worker.stream('bufferBytes', null, one(), never))).toEqual([40]);
    expect(large.byteLength).toBe(400_000);
  });

  it('copies the views in a value alone, and the rest of it too', async () => {
    await start();
    const large = new Float32Array(100_000).fill(0.5);
    const phones = [{ phone: 'm', startSample: 0, endSample: 10 }];
    async function* one() {
      yield { pcm: large.subarray(10, 20), phones };
    }
    const [echoed] = await collect(
      worker.stream<{ bytes: number; phones: unknown }>('echoSpeech', null, one(), never),
    );
    expect(echoed).toEqual({ bytes: 40, phones });
    expect(large.byteLength).toBe(400_000);
  });

  it('lets neither side run ahead of the other', async () => {
    await start();
    let sent = 0;
    async function* endless() {
      for (;;) yield sent++;
    }
    const controller = new AbortController();
    const stream = worker.stream<number>('double', null, endless(), controller.signal);
    const first = await stream.next();
    expect(first.value).toBe(0);
    await delay(100);
    expect(sent).toBeLessThanOrEqual(3 * WINDOW + 3);
    controller.abort(new Error('enough'));
    await expect(stream.next()).rejects.toThrow('enough');
  });

  it('rejects within milliseconds of an abort although the worker is busy', async () => {
    await start();
    const controller = new AbortController();
    const run = collect(worker.stream('block', 500, null, controller.signal));
    await delay(50);
    const startMs = performance.now();
    controller.abort(new Error('barge-in'));
    await expect(run).rejects.toThrow('barge-in');
    expect(performance.now() - startMs).toBeLessThan(50);
  });

  it('tells the engine of an abort', async () => {
    await start();
    const controller = new AbortController();
    const run = collect(worker.stream('waitForAbort', null, null, controller.signal));
    await delay(50);
    controller.abort(new Error('barge-in'));
    await expect(run).rejects.toThrow('barge-in');
    await delay(50);
    expect(await collect(worker.stream('aborts', null, null, never))).toEqual([1]);
  });

  it('tells the engine when the reader leaves', async () => {
    await start();
    for await (const _ of worker.stream('double', null, count(0, 1000), never)) break;
    await delay(50);
    expect(await collect(worker.stream('aborts', null, null, never))).toEqual([1]);
  });

  it('passes on what an engine throws, with its code, and goes on', async () => {
    await start();
    const run = () => collect(worker.stream('fail', { code: 'out-of-tea', message: 'No tea.' }, null, never));
    await expect(run()).rejects.toMatchObject({
      name: 'ParleyError',
      code: 'out-of-tea',
      message: 'No tea.',
    });
    await expect(collect(worker.stream('nothing', null, null, never))).rejects.toMatchObject({
      code: 'engine-failed',
    });
    expect(await collect(worker.stream('double', null, count(0, 2), never))).toEqual([0, 2]);
  });

  it('passes on what the input throws, unchanged', async () => {
    await start();
    const error = new RangeError('the microphone broke');
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw error;
    }
    await expect(collect(worker.stream('double', null, broken(), never))).rejects.toBe(error);
  });

  it('rejects running streams when the worker dies, and starts it again', async () => {
    await start();
    const waiting = collect(worker.stream('waitForAbort', null, null, never));
    const dying = collect(worker.stream('die', null, null, never));
    await expect(waiting).rejects.toMatchObject({ code: 'engine-died' });
    await expect(dying).rejects.toMatchObject({ code: 'engine-died' });
    expect(await collect(worker.stream('double', null, count(0, 3), never))).toEqual([0, 2, 4]);
  });

  it('says why an engine did not load', async () => {
    await expect(start({ failToLoad: true })).rejects.toMatchObject({
      code: 'missing-weight',
      message: 'No weights.',
    });
    await expect(start({ dieOnLoad: true })).rejects.toMatchObject({ code: 'engine-died' });
  });

  it('refuses work after its end and fails what runs', async () => {
    await start();
    const run = collect(worker.stream('waitForAbort', null, null, never));
    const rejected = expect(run).rejects.toMatchObject({ code: 'engine-closed' });
    await delay(20);
    await worker.close();
    await rejected;
    await expect(collect(worker.stream('double', null, count(0, 1), never))).rejects.toMatchObject({
      code: 'engine-closed',
    });
  });
});
