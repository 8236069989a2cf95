import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web/wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportsUrl, realFile, realManifest, realPath } from '../real-export.ts';

/** Largest difference of a logit or a feature between PyTorch and the runtimes. */
const TOLERANCE = 2e-3;
/** Share of the likeliest classes that agree where a network computes in 8 bits, which runtimes round differently. */
const EQUAL_CODES = 0.97;

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Runtime = Pick<typeof ortNode, 'InferenceSession' | 'Tensor'>;
type Outputs = Readonly<Record<string, Float32Array>>;

const manifest = realManifest();
const { lipHeads, classes } = manifest.codec;
const runtimes: [string, Runtime][] = [
  ['onnxruntime-node', ortNode],
  ['onnxruntime-web', ortWeb as unknown as Runtime],
];

beforeAll(() => {
  // In Node the WebAssembly runtime finds its files beside its own module.
  const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  ortWeb.env.wasm.wasmPaths = `${pathToFileURL(dist).href}/`;
  ortWeb.env.wasm.numThreads = 1;
});

function fixture(name: string): Readonly<Record<string, Tensor>> {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, exportsUrl), 'utf8'));
}

function tensor(ort: Runtime, name: string, { data, shape }: Tensor) {
  const dims = [...shape];
  return ['phones', 'stress', 'past'].includes(name)
    ? new ort.Tensor('int32', Int32Array.from(data), dims)
    : new ort.Tensor('float32', Float32Array.from(data), dims);
}

/** Runs one of the networks on tensors of its fixture. */
async function run(ort: Runtime, file: 'articulator' | 'context', inputs: Record<string, Tensor>) {
  const session = await ort.InferenceSession.create(realFile(manifest, file));
  const feeds = Object.entries(inputs).map(([name, value]) => [name, tensor(ort, name, value)] as const);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return results.logits!.data as Float32Array;
}

/** Streams sound through an encoder, a block at a time. */
async function stream(ort: Runtime, size: 'small' | 'server', audio: Tensor): Promise<Outputs> {
  const encoder = manifest.encoders[size]!;
  const session = await ort.InferenceSession.create(realFile(manifest, encoder.file));
  const blockSamples = encoder.blockFrames * encoder.hopSamples;
  let state: ortNode.Tensor = new ort.Tensor('float32', new Float32Array(encoder.stateSize), [
    1,
    encoder.stateSize,
  ]);
  const logits: number[] = [];
  const features: number[] = [];
  for (let from = 0; from + blockSamples <= audio.data.length; from += blockSamples) {
    const block = { shape: [1, blockSamples], data: audio.data.slice(from, from + blockSamples) };
    const result = await session.run({ audio: tensor(ort, 'audio', block), state });
    state = result.nextState as ortNode.Tensor;
    logits.push(...(result.logits!.data as Float32Array));
    features.push(...(result.features!.data as Float32Array));
  }
  await session.release();
  return { logits: Float32Array.from(logits), features: Float32Array.from(features) };
}

/** @param frames Which rows the expected ones are; all where it is left out. */
function worstDifference(actual: Float32Array, expected: Tensor, rowSize: number, frames?: Tensor): number {
  let worst = 0;
  expected.data.forEach((value, i) => {
    const row = Math.floor(i / rowSize);
    const at = (frames?.data[row] ?? row) * rowSize + (i % rowSize);
    worst = Math.max(worst, Math.abs(actual[at]! - value));
  });
  return worst;
}

function likeliest(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values));
  });
}

describe.each(runtimes)('%s agrees with PyTorch', (_, ort) => {
  test('on the articulator', async () => {
    const { phones, stress, audio, logits, frames, argmax } = fixture('articulator');
    const actual = await run(ort, 'articulator', { phones: phones!, stress: stress!, audio: audio! });
    expect(actual).toHaveLength(argmax!.data.length * classes);
    expect(worstDifference(actual, logits!, lipHeads.length * classes, frames)).toBeLessThan(TOLERANCE);
    expect(likeliest(actual)).toEqual(argmax!.data);
  });

  test('on the context model, emotion included', async () => {
    const { past, features, emotion, logits } = fixture('context');
    expect(emotion!.shape).toEqual([past!.shape[0], manifest.emotions.length]);
    const actual = await run(ort, 'context', { past: past!, features: features!, emotion: emotion! });
    expect(worstDifference(actual, logits!, actual.length)).toBeLessThan(TOLERANCE);
  });

  test('on the small encoder, streamed', async () => {
    const { audio, logits, features, frames, argmax } = fixture('encoder-small');
    const actual = await stream(ort, 'small', audio!);
    expect(worstDifference(actual.logits!, logits!, lipHeads.length * classes, frames)).toBeLessThan(
      TOLERANCE,
    );
    expect(worstDifference(actual.features!, features!, actual.features!.length)).toBeLessThan(TOLERANCE);
    expect(likeliest(actual.logits!)).toEqual(argmax!.data);
  });

  const isThere = manifest.files.encoderServer && existsSync(realPath(manifest, 'encoderServer'));
  test.skipIf(!isThere)('on the larger encoder, streamed', { timeout: 60_000 }, async () => {
    const { audio, argmax } = fixture('encoder-server');
    const codes = likeliest((await stream(ort, 'server', audio!)).logits!);
    expect(codes).toHaveLength(argmax!.data.length);
    const equal = codes.filter((code, i) => code === argmax!.data[i]).length;
    expect(equal / codes.length).toBeGreaterThanOrEqual(EQUAL_CODES);
  });
});
