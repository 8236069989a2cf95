/**
 * What the face costs: decoder in Node and in a browser, encoders, context model and articulator on one core:
 * `npm run face -w @parley/bench -- [--exports models/exports] [--rounds 200] [--no-browser]`.
 * Each line gives the median and the fastest of its runs; on a machine with other work only ratios mean something.
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENCODER_SIZES, type FaceManifest, type ManifestFile, readManifest } from '@parley/sdk';
import * as ort from 'onnxruntime-node';
import { findBrowser } from '../../packages/server/src/animate/film/find-browser.ts';
import { percentile } from '../percentile.ts';
import { measureInBrowser } from './measure-in-browser.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    exports: { type: 'string', default: join(repository, 'models/exports') },
    rounds: { type: 'string', default: '200' },
    'no-browser': { type: 'boolean', default: false },
  },
});
const exportsFolder = resolve(values.exports);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`--rounds is a whole number from 1 on, not ${values.rounds}`);
/** Unmeasured runs before: memory is allocated, code compiled. */
const WARM_UP_ROUNDS = 20;
const HEADS = [1, 10, 50];
/** An NPC alone, and some that speak at once. */
const BATCHES = [1, 4];
/** A clause of four seconds. */
const CLAUSE_FRAMES = 120;

const manifest: FaceManifest = readManifest(
  JSON.parse(await readFile(join(exportsFolder, 'manifest.json'), 'utf8')),
);
const { codec } = manifest;

type Feeds = Record<string, ort.Tensor>;
const floats = (dims: number[]) =>
  new ort.Tensor('float32', fill(new Float32Array(product(dims)), 0.1), dims);
const integers = (dims: number[], below: number) =>
  new ort.Tensor('int32', fill(new Int32Array(product(dims)), below), dims);

/** @param perFrame Rows times frames of one run: times are for each of them. */
async function measure(name: string, file: ManifestFile, feeds: Feeds, perFrame: number): Promise<void> {
  const session = await ort.InferenceSession.create(join(exportsFolder, file.path), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const times: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const startMs = performance.now();
    await session.run(feeds);
    if (round >= 0) times.push((performance.now() - startMs) / perFrame);
  }
  await session.release();
  print(name, times);
}

function print(name: string, times: readonly number[]): void {
  const [median, fastest] = [percentile(times, 0.5), Math.min(...times)];
  console.log(`${name.padEnd(46)} ${median.toFixed(3).padStart(8)} ${fastest.toFixed(3).padStart(8)} ms`);
}

console.log(`${'one core'.padEnd(46)} ${'median'.padStart(8)} ${'fastest'.padStart(8)}`);
for (const heads of HEADS)
  await measure(
    `decoder, Node, ${heads} heads, a call`,
    manifest.files.decoder,
    { codes: integers([heads, codec.window, codec.heads], codec.classes) },
    1,
  );

for (const size of ENCODER_SIZES) {
  const encoder = manifest.encoders[size];
  const file = encoder && manifest.files[encoder.file];
  const isThere = file && (await stat(join(exportsFolder, file.path)).catch(() => null));
  if (!encoder || !file || !isThere) {
    console.log(`encoder ${size}: not exported`);
    continue;
  }
  for (const batch of BATCHES)
    await measure(
      `encoder ${size}, batch ${batch}, a frame of one NPC`,
      file,
      {
        audio: floats([batch, encoder.hopSamples * encoder.blockFrames]),
        state: new ort.Tensor('float32', new Float32Array(batch * encoder.stateSize), [
          batch,
          encoder.stateSize,
        ]),
      },
      batch * encoder.blockFrames,
    );
}

const { context, articulator, emotions } = manifest;
for (const batch of BATCHES)
  await measure(
    `context, batch ${batch}, a frame of one NPC`,
    manifest.files.context,
    {
      past: integers([batch, context.window, codec.upperHeads.length], codec.classes),
      features: floats([batch, context.featureSize]),
      emotion: floats([batch, emotions.length]),
    },
    batch,
  );

const hopSamples = manifest.encoders.small.hopSamples;
const labels = (CLAUSE_FRAMES * hopSamples) / articulator.samplesPerLabel;
await measure(
  `articulator, ${CLAUSE_FRAMES} frames, a frame`,
  manifest.files.articulator,
  {
    phones: integers([1, labels], articulator.symbols.length),
    stress: integers([1, labels], 3),
    audio: floats([1, CLAUSE_FRAMES * hopSamples]),
  },
  CLAUSE_FRAMES,
);

const chromium = values['no-browser'] ? undefined : findBrowser();
if (values['no-browser']) console.log('decoder, browser: left out');
else if (!chromium) console.log('No Chromium found: set CHROMIUM_PATH to measure the decoder in a browser.');
else
  for (const { name, times } of await measureInBrowser({ chromium, exportsFolder, heads: HEADS, rounds }))
    print(name, times);

function product(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

/** Numbers from 0 to `below`, the same each time. */
function fill<T extends Float32Array | Int32Array>(array: T, below: number): T {
  let state = 1;
  for (let i = 0; i < array.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    array[i] = (state / 2 ** 32) * below;
  }
  return array;
}
