import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxFaceEncoder } from '../../src/engines/face/onnx-face-encoder.ts';
import { seededRandom } from '../../src/engines/face/seeded-random.ts';

const EXPORTS = fileURLToPath(new URL('../../../../models/exports/', import.meta.url));
const never = new AbortController().signal;
let encoder: OnnxFaceEncoder;

interface Fixture {
  readonly [name: string]: { readonly shape: number[]; readonly data: number[] };
}
const fixture = async (name: string): Promise<Fixture> =>
  JSON.parse(await readFile(join(EXPORTS, 'fixtures', `${name}.json`), 'utf8'));

async function* inChunks(pcm: Float32Array, sizes: readonly number[]): AsyncGenerator<Float32Array> {
  for (let at = 0, i = 0; at < pcm.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield pcm.subarray(at, at + size);
    at += size;
  }
}

/** All codes of an utterance; checks that the frames follow each other. */
async function encodeAll(
  pcm: Float32Array,
  seed: number,
  sizes: readonly number[] = [pcm.length],
): Promise<Uint8Array> {
  const all: number[] = [];
  const { heads } = encoder.manifest.codec;
  for await (const { startFrame, codes, frames } of encoder.encode(inChunks(pcm, sizes), { seed }, never)) {
    expect(startFrame * heads).toBe(all.length);
    expect(codes).toHaveLength(frames * heads);
    all.push(...codes);
  }
  return Uint8Array.from(all);
}

function headsOf(codes: Uint8Array, wanted: readonly number[]): number[] {
  const { heads } = encoder.manifest.codec;
  return [...codes].filter((_, i) => wanted.includes(i % heads));
}

describe('OnnxFaceEncoder', () => {
  let speech: Float32Array;

  beforeAll(async () => {
    encoder = await OnnxFaceEncoder.load({ exportsPath: EXPORTS, threads: 1 });
    speech = Float32Array.from((await fixture('encoder-small')).audio!.data);
  });
  afterAll(() => encoder.close());

  it('has the lips of the PyTorch model, late by the look-ahead', async () => {
    const { argmax } = await fixture('encoder-small');
    const { codec } = encoder.manifest;
    const audio = encoder.manifest.encoders.small;
    const lips = headsOf(await encodeAll(speech, 1), codec.lipHeads);
    const skipped = audio.lookaheadFrames * codec.lipHeads.length;
    expect(lips.slice(0, argmax!.data.length - skipped)).toEqual(argmax!.data.slice(skipped));
  });

  it('agrees with the PyTorch context model', async () => {
    const { past, features, emotion, logits } = await fixture('context');
    const session = await ort.InferenceSession.create(join(EXPORTS, encoder.manifest.files.context.path));
    const result = await session.run({
      past: new ort.Tensor('int32', Int32Array.from(past!.data), past!.shape),
      features: new ort.Tensor('float32', Float32Array.from(features!.data), features!.shape),
      emotion: new ort.Tensor('float32', Float32Array.from(emotion!.data), emotion!.shape),
    });
    const output = result.logits!.data as Float32Array;
    logits!.data.forEach((expected, i) => {
      expect(Math.abs(output[i]! - expected)).toBeLessThan(1e-3);
    });
    await session.release();
  });

  it('covers all of the audio, the last frame included', async () => {
    const { codec } = encoder.manifest;
    const audio = encoder.manifest.encoders.small;
    for (const samples of [1, 799, 800, 801, 2400, 24_000, 24_001]) {
      const codes = await encodeAll(new Float32Array(samples), 1);
      expect(codes).toHaveLength(Math.ceil(samples / audio.hopSamples) * codec.heads);
    }
    expect(await encodeAll(new Float32Array(0), 1, [1])).toHaveLength(0);
  });

  it.each([[[7]], [[480]], [[1, 2399, 5001]], [[2400]]])(
    'does not depend on how the audio is cut: %j',
    async (sizes) => {
      expect(await encodeAll(speech, 5, sizes)).toEqual(await encodeAll(speech, 5));
    },
  );

  it('repeats itself for a seed; another seed moves the upper face only', async () => {
    const { lipHeads, upperHeads } = encoder.manifest.codec;
    const first = await encodeAll(speech, 5);
    expect(await encodeAll(speech, 5)).toEqual(first);
    const other = await encodeAll(speech, 6);
    expect(headsOf(other, lipHeads)).toEqual(headsOf(first, lipHeads));
    expect(headsOf(other, upperHeads)).not.toEqual(headsOf(first, upperHeads));
  });

  it('gives concurrent utterances the codes they have alone', async () => {
    const alone = await encodeAll(speech, 7);
    const together = await Promise.all([7, 8, 7].map((seed) => encodeAll(speech, seed)));
    const { lipHeads } = encoder.manifest.codec;
    for (const codes of together) expect(headsOf(codes, lipHeads)).toEqual(headsOf(alone, lipHeads));
    expect(together[0]).toEqual(together[2]);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const run = async () => {
      for await (const _ of encoder.encode(
        inChunks(new Float32Array(240_000), [2400]),
        { seed: 1 },
        controller.signal,
      )) {
        controller.abort(new Error('barge-in'));
      }
    };
    await expect(run()).rejects.toThrow('barge-in');
  });
});

describe('seededRandom', () => {
  it('is uniform and repeatable', () => {
    const random = seededRandom(42);
    const values = Array.from({ length: 10_000 }, random);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const again = seededRandom(42);
    expect(values.slice(0, 3)).toEqual([again(), again(), again()]);
  });
});
