import { expect, test } from 'vitest';
import { batchDecodes } from '../../src/index.ts';
import { scriptedDecoder } from '../scripted-decoder.ts';
import { tinyManifest } from '../tiny-manifest.ts';

const windows = (...newest: number[]) => Int32Array.from(newest.flatMap((code) => [9, 0, 0, 0, code, 0]));

test('the requests of one tick run once, and each gets its own rows', async () => {
  const decoder = scriptedDecoder(tinyManifest());
  const [a, b, c] = await Promise.all([
    decoder.decode(windows(1, 2), 2),
    decoder.decode(windows(3), 1),
    decoder.decode(windows(4, 5, 6), 3),
  ]);
  expect(decoder.runs).toEqual([6]);
  expect([...a]).toEqual([1, 10, 19, 2, 11, 20]);
  expect([...b]).toEqual([3, 12, 21]);
  expect([...c]).toEqual([4, 13, 22, 5, 14, 23, 6, 15, 24]);
});

test('requests that come while the model is busy run together afterwards', async () => {
  const decoder = scriptedDecoder(tinyManifest());
  const first = decoder.decode(windows(1), 1);
  await Promise.resolve();
  await Promise.resolve();
  const rest = [decoder.decode(windows(2), 1), decoder.decode(windows(3), 1)];
  await Promise.all([first, ...rest]);
  expect(decoder.runs).toEqual([1, 2]);
});

test('a run takes as many requests as fit, a larger request runs whole', async () => {
  const runs: number[] = [];
  const model = {
    window: 1,
    heads: 1,
    controls: 1,
    run: async (codes: Int32Array, batch: number) => {
      runs.push(batch);
      return Float32Array.from(codes.slice(0, batch));
    },
    close: async () => {},
  };
  const decoder = batchDecodes(model, 4);
  const sizes = [3, 2, 2, 9, 1];
  const results = await Promise.all(
    sizes.map((size) => decoder.decode(new Int32Array(size).fill(size), size)),
  );
  expect(runs).toEqual([3, 4, 9, 1]);
  results.forEach((result, i) => {
    expect([...result]).toEqual(new Array(sizes[i]).fill(sizes[i]));
  });
});

test('the codes may be reused at once', async () => {
  const decoder = scriptedDecoder(tinyManifest());
  const codes = windows(3);
  const result = decoder.decode(codes, 1);
  codes.fill(0);
  expect([...(await result)]).toEqual([3, 12, 21]);
});

test('a model that throws fails the requests of that run, not the next', async () => {
  let fail = true;
  const decoder = batchDecodes({
    window: 1,
    heads: 1,
    controls: 1,
    run: async (_, batch) => {
      if (fail) throw new Error('out of memory');
      return new Float32Array(batch);
    },
    close: async () => {},
  });
  await expect(decoder.decode(new Int32Array(1), 1)).rejects.toMatchObject({ code: 'decoder-failed' });
  fail = false;
  expect([...(await decoder.decode(new Int32Array(1), 1))]).toEqual([0]);
});

test('after close requests are rejected, those that wait too; misuse throws', async () => {
  const decoder = scriptedDecoder(tinyManifest());
  expect(() => decoder.decode(new Int32Array(5), 1)).toThrow(RangeError);
  expect(() => decoder.decode(new Int32Array(6), 0)).toThrow(RangeError);
  const waiting = decoder.decode(windows(1), 1);
  const closing = decoder.close();
  await expect(waiting).rejects.toMatchObject({ code: 'decoder-failed' });
  await closing;
  await expect(decoder.decode(windows(1), 1)).rejects.toMatchObject({ code: 'decoder-failed' });
});
