import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaceAudio, FaceEncodeOptions, FaceEncoder } from '../../../src/engines/contracts.ts';
import { OnnxFaceEncoder } from '../../../src/engines/face/onnx-face-encoder.ts';
import { seededRandom } from '../../../src/engines/face/seeded-random.ts';
import { hostFace, type LoadedEngine } from '../../../src/engines/hosted-engine.ts';

const options = {
  exportsPath: fileURLToPath(new URL('../../../../../models/exports/', import.meta.url)),
  threads: 1,
  encoder: 'small',
} as const;
let hosted: LoadedEngine<FaceEncoder>;
let local: OnnxFaceEncoder;

beforeAll(async () => {
  hosted = await hostFace(options, 'parley-face small');
  local = await OnnxFaceEncoder.load(options);
}, 60_000);
afterAll(async () => {
  await hosted?.close();
  await local?.close();
});

const random = seededRandom(3);
const noise = Float32Array.from({ length: 40_000 }, () => 0.2 * (random() - 0.5));
/** Views of one buffer, as callers cut them. */
const pieces: FaceAudio[] = [
  {
    pcm: noise.subarray(100, 12_100),
    phones: [
      { phone: 'm', stress: 0, startSample: 0, endSample: 3000 },
      { phone: 'ɑː', stress: 1, startSample: 3000, endSample: 12_000 },
    ],
  },
  noise.subarray(12_100, 20_000),
  { pcm: noise.subarray(20_000, 30_000), phones: [{ phone: 'ˈuː', startSample: 0, endSample: 10_000 }] },
];

async function codesOf(face: FaceEncoder, input: readonly FaceAudio[], how: FaceEncodeOptions) {
  async function* stream() {
    yield* input;
  }
  const codes: number[] = [];
  for await (const part of face.encode(stream(), how, AbortSignal.timeout(30_000))) codes.push(...part.codes);
  return codes;
}

describe('a face encoder in its worker', () => {
  it('hears phones, stress and emotion as one in this thread does', async () => {
    for (const how of [{ seed: 4 }, { seed: 4, emotion: { name: 'joy', intensity: 0.8 } }] as const)
      expect(await codesOf(hosted.engine, pieces, how)).toEqual(await codesOf(local, pieces, how));
    expect(noise.byteLength).toBe(160_000);
  });

  it('says what was wrong with phones and emotions', async () => {
    const bad = [{ pcm: noise, phones: [{ phone: 'm', startSample: Number.NaN, endSample: 5 }] }];
    await expect(codesOf(hosted.engine, bad, { seed: 1 })).rejects.toThrow(/The phone "m" cannot last/);
    const glee = { seed: 1, emotion: { name: 'glee', intensity: 1 } } as unknown as FaceEncodeOptions;
    await expect(codesOf(hosted.engine, pieces, glee)).rejects.toThrow(/no emotion "glee"/);
  });
});
