import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WeightsFolder } from '../../src/weights/cache-folder.ts';
import { type FetchProgress, fetchWeights, resolveWeights } from '../../src/weights/index.ts';
import { manifestOf, patternBytes, rangeStart, startWeightServer, tinyWeight } from './weight-server.ts';

const bytes = patternBytes(300_000);
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-weights-'));
});

afterEach(async () => {
  await rm(cache, { recursive: true, force: true });
});

function places(...urls: string[]) {
  return manifestOf(
    tinyWeight(
      bytes,
      urls.map((url) => ({ type: 'https', url })),
    ),
  );
}

async function failure(promise: Promise<unknown>): Promise<ParleyError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ParleyError);
  expect((error as ParleyError).message).not.toContain('\n');
  return error as ParleyError;
}

test('fetches a file once and finds it afterwards', async () => {
  await using server = await startWeightServer(bytes);
  const manifest = places(server.url);
  const seen: FetchProgress[] = [];
  const paths = await fetchWeights({ manifest, cache, onProgress: (progress) => seen.push(progress) });
  expect(new Uint8Array(await readFile(paths.get('tiny')!))).toEqual(bytes);
  expect(seen.at(-1)).toMatchObject({ phase: 'done', receivedBytes: 300_000, totalBytes: 300_000 });
  await fetchWeights({ manifest, cache });
  expect(server.ranges).toEqual([undefined]);
  expect(await resolveWeights(['tiny'], { manifest, cache })).toEqual(paths);
  expect((await readdir(new WeightsFolder(cache).path)).sort()).toEqual(['.verified', 'tiny.bin']);
});

test('resumes where the connection was cut', async () => {
  let cuts = 0;
  await using server = await startWeightServer(bytes, (request, response, serve) => {
    if (cuts === 2) return serve();
    cuts += 1;
    const start = rangeStart(request);
    response.writeHead(start ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(start && { 'content-range': `bytes ${start}-299999/300000` }),
    });
    response.write(bytes.subarray(start, start + 100_000), () => response.socket?.destroy());
  });
  const paths = await fetchWeights({ manifest: places(server.url), cache });
  expect(new Uint8Array(await readFile(paths.get('tiny')!))).toEqual(bytes);
  expect(server.ranges[0]).toBeUndefined();
  expect(server.ranges.slice(1).map((range) => /^bytes=\d+-$/.test(range ?? ''))).toEqual([true, true]);
});

test('resumes a part file of an earlier run, also on a host that ignores ranges', async () => {
  const manifest = places('http://127.0.0.1:1/nothing');
  const folder = new WeightsFolder(cache);
  const weight = manifest.weights[0]!;
  for (const honoursRanges of [true, false]) {
    await rm(folder.path, { recursive: true, force: true });
    await mkdir(folder.path, { recursive: true });
    await writeFile(folder.part(weight), bytes.subarray(0, 120_000));
    await using server = await startWeightServer(bytes, (request, _response, serve) => {
      if (!honoursRanges) delete request.headers.range;
      serve();
    });
    const paths = await fetchWeights({ manifest: places(server.url), cache });
    expect(new Uint8Array(await readFile(paths.get('tiny')!))).toEqual(bytes);
    expect(server.ranges).toEqual(['bytes=120000-']);
  }
});

test('a damaged part file is dropped and fetched anew', async () => {
  await using server = await startWeightServer(bytes);
  const manifest = places(server.url);
  const folder = new WeightsFolder(cache);
  await mkdir(folder.path, { recursive: true });
  await writeFile(folder.part(manifest.weights[0]!), new Uint8Array(1000));
  await fetchWeights({ manifest, cache });
  expect(server.ranges).toEqual(['bytes=1000-', undefined]);
});

test('a wrong hash keeps nothing and says what to do', async () => {
  const other = bytes.slice();
  other[299_999]! ^= 1;
  await using server = await startWeightServer(other);
  const error = await failure(fetchWeights({ manifest: places(server.url), cache }));
  expect(error.code).toBe('hash-mismatch');
  expect(error.message).toContain('parley models verify');
  expect(await readdir(new WeightsFolder(cache).path)).toEqual([]);
});

test('a file of another size (a captive portal) is refused before it is downloaded', async () => {
  await using server = await startWeightServer(new TextEncoder().encode('<html>please log in</html>'));
  expect((await failure(fetchWeights({ manifest: places(server.url), cache }))).code).toBe('hash-mismatch');
});

test('follows a redirect, also when it resumes', async () => {
  await using storage = await startWeightServer(bytes);
  await using front = await startWeightServer(bytes, (_request, response) =>
    response.writeHead(302, { location: storage.url }).end(),
  );
  const manifest = places(front.url);
  const folder = new WeightsFolder(cache);
  await mkdir(folder.path, { recursive: true });
  await writeFile(folder.part(manifest.weights[0]!), bytes.subarray(0, 120_000));
  const paths = await fetchWeights({ manifest, cache });
  expect(new Uint8Array(await readFile(paths.get('tiny')!))).toEqual(bytes);
  expect(storage.ranges).toEqual(['bytes=120000-']);
});

test.each([404, 500])('HTTP %i falls to the next source', async (status) => {
  await using refusing = await startWeightServer(bytes, (_request, response) =>
    response.writeHead(status).end(),
  );
  await using serving = await startWeightServer(bytes);
  await fetchWeights({ manifest: places(refusing.url, serving.url), cache });
  expect([refusing.ranges.length, serving.ranges.length]).toEqual([1, 1]);
});

test('a silent network falls to the next source after the connect time-out', async () => {
  await using silent = await startWeightServer(bytes, () => {});
  await using serving = await startWeightServer(bytes);
  const startMs = performance.now();
  await fetchWeights({ manifest: places(silent.url, serving.url), cache, connectTimeoutMs: 1000 });
  expect(performance.now() - startMs).toBeLessThan(15_000);
});

test('a stalled body is resumed', async () => {
  let requests = 0;
  await using server = await startWeightServer(bytes, (_request, response, serve) => {
    requests += 1;
    if (requests > 1) return serve();
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 50_000));
  });
  await fetchWeights({ manifest: places(server.url), cache, stallTimeoutMs: 800 });
  expect(server.ranges).toEqual([undefined, 'bytes=50000-']);
});

test('without a network the message names the place of the file', async () => {
  const error = await failure(fetchWeights({ manifest: places('http://127.0.0.1:1/a'), cache }));
  expect(error.code).toBe('no-network');
  expect(error.message).toContain(join(cache, 'weights', 'tiny.bin'));
});

test.runIf(existsSync('/dev/full'))('a disk that fills up while writing', async () => {
  await using server = await startWeightServer(bytes);
  const manifest = places(server.url);
  const folder = new WeightsFolder(cache);
  await mkdir(folder.path, { recursive: true });
  await symlink('/dev/full', folder.part(manifest.weights[0]!));
  const error = await failure(fetchWeights({ manifest, cache }));
  expect(error.code).toBe('disk-full');
  expect(error.message).toMatch(/needs 300 kB in .*PARLEY_CACHE/);
});

test('too little room is noticed before the download', async () => {
  await using server = await startWeightServer(bytes);
  const [weight] = places(server.url).weights;
  const manifest = manifestOf({ ...weight!, sizeBytes: 1e15 });
  expect((await failure(fetchWeights({ manifest, cache }))).code).toBe('disk-full');
  expect(server.ranges).toEqual([]);
});

test('cancelling keeps what has arrived', async () => {
  await using server = await startWeightServer(bytes, (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 70_000));
  });
  const manifest = places(server.url);
  const stop = new AbortController();
  const error = await failure(
    fetchWeights({
      manifest,
      cache,
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => receivedBytes >= 70_000 && stop.abort(),
    }),
  );
  expect(error.code).toBe('cancelled');
  const folder = new WeightsFolder(cache);
  expect(new Uint8Array(await readFile(folder.part(manifest.weights[0]!)))).toEqual(
    bytes.subarray(0, 70_000),
  );
  expect(existsSync(folder.lock(manifest.weights[0]!))).toBe(false);
});

test('two fetchers at once download one file once', async () => {
  await using server = await startWeightServer(bytes, (_request, _response, serve) => setTimeout(serve, 300));
  const manifest = places(server.url);
  const phases: string[] = [];
  const fetch = () => fetchWeights({ manifest, cache, onProgress: ({ phase }) => phases.push(phase) });
  await Promise.all([fetch(), fetch()]);
  expect(server.ranges).toEqual([undefined]);
  expect(phases).toContain('waiting');
  expect(phases).toContain('cached');
});

test('the lock of a process that died is taken over', async () => {
  await using server = await startWeightServer(bytes);
  const manifest = places(server.url);
  const lock = new WeightsFolder(cache).lock(manifest.weights[0]!);
  await mkdir(join(cache, 'weights'), { recursive: true });
  await writeFile(lock, '');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(lock, longAgo, longAgo);
  await fetchWeights({ manifest, cache });
  expect(existsSync(lock)).toBe(false);
});

test('a file that was damaged later is replaced', async () => {
  await using server = await startWeightServer(bytes);
  const manifest = places(server.url);
  const path = (await fetchWeights({ manifest, cache })).get('tiny')!;
  await writeFile(path, new Uint8Array(bytes.length));
  expect((await failure(resolveWeights(['tiny'], { manifest, cache }))).code).toBe('hash-mismatch');
  await fetchWeights({ manifest, cache });
  expect(new Uint8Array(await readFile(path))).toEqual(bytes);
});

test('unknown and missing weights', async () => {
  const manifest = places('http://127.0.0.1:1/a');
  expect((await failure(fetchWeights({ manifest, cache, ids: ['nobody'] }))).code).toBe('unknown-weight');
  expect((await failure(resolveWeights(['tiny'], { manifest, cache }))).code).toBe('missing-weight');
});
