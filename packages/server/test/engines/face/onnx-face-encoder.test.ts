import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emotion, OCC_EMOTIONS } from '@parley/sdk';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaceAudio, FaceEncodeOptions, PhonedAudio } from '../../../src/engines/contracts.ts';
import { OnnxFaceEncoder } from '../../../src/engines/face/onnx-face-encoder.ts';
import { seededRandom } from '../../../src/engines/face/seeded-random.ts';

const EXPORTS = fileURLToPath(new URL('../../../../../models/exports/', import.meta.url));
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

async function* inPieces(pieces: readonly FaceAudio[]): AsyncGenerator<FaceAudio> {
  yield* pieces;
}

/** All codes of an utterance; checks that the frames follow each other. */
async function collect(input: AsyncIterable<FaceAudio>, options: FaceEncodeOptions): Promise<Uint8Array> {
  const all: number[] = [];
  const { heads } = encoder.manifest.codec;
  for await (const { startFrame, codes, frames } of encoder.encode(input, options, never)) {
    expect(startFrame * heads).toBe(all.length);
    expect(codes).toHaveLength(frames * heads);
    all.push(...codes);
  }
  return Uint8Array.from(all);
}

const encodeAll = (pcm: Float32Array, seed: number, sizes: readonly number[] = [pcm.length]) =>
  collect(inChunks(pcm, sizes), { seed });
const encodePieces = (pieces: readonly FaceAudio[], seed = 1, emotion?: Emotion) =>
  collect(inPieces(pieces), { seed, ...(emotion && { emotion }) });

function headsOf(codes: Uint8Array, wanted: readonly number[]): number[] {
  const { heads } = encoder.manifest.codec;
  return [...codes].filter((_, i) => wanted.includes(i % heads));
}
const lipsOf = (codes: Uint8Array) => headsOf(codes, encoder.manifest.codec.lipHeads);
const upperOf = (codes: Uint8Array) => headsOf(codes, encoder.manifest.codec.upperHeads);

describe('OnnxFaceEncoder', () => {
  let speech: Float32Array;

  beforeAll(async () => {
    encoder = await OnnxFaceEncoder.load({ exportsPath: EXPORTS, threads: 1, encoder: 'small' });
    speech = Float32Array.from((await fixture('encoder-small')).audio!.data);
  });
  afterAll(() => encoder.close());

  it('has the lips of the PyTorch model, late by the look-ahead', async () => {
    const { argmax } = await fixture('encoder-small');
    const { codec, encoders } = encoder.manifest;
    const lips = lipsOf(await encodeAll(speech, 1));
    const skipped = encoders.small.lookaheadFrames * codec.lipHeads.length;
    expect(lips.slice(0, argmax!.data.length - skipped)).toEqual(argmax!.data.slice(skipped));
  });

  it.each(['context', 'articulator'] as const)('agrees with the PyTorch %s', async (name) => {
    const { files, [name]: shape } = encoder.manifest;
    const { frames, ...tensors } = await fixture(name);
    const session = await ort.InferenceSession.create(join(EXPORTS, files[name].path));
    const isFloat = (input: string) => ['features', 'emotion', 'audio'].includes(input);
    const feeds = Object.fromEntries(
      shape.inputs.map((input) => {
        const { data, shape: dims } = tensors[input]!;
        return [
          input,
          isFloat(input)
            ? new ort.Tensor('float32', Float32Array.from(data), dims)
            : new ort.Tensor('int32', Int32Array.from(data), dims),
        ];
      }),
    );
    const { logits } = await session.run(feeds);
    const output = logits!.data as Float32Array;
    const { data, shape: dims } = tensors.logits!;
    // A fixture may hold some of the frames.
    const rowSize = dims.slice(name === 'articulator' ? 2 : 1).reduce((a, b) => a * b, 1);
    data.forEach((expected, i) => {
      const row = Math.floor(i / rowSize);
      const at = (frames?.data[row] ?? row) * rowSize + (i % rowSize);
      expect(Math.abs(output[at]! - expected)).toBeLessThan(2e-3);
    });
    await session.release();
  });

  it('covers all of the audio, the last frame included', async () => {
    const { codec, encoders } = encoder.manifest;
    for (const samples of [1, 799, 800, 801, 2400, 24_000, 24_001]) {
      const pcm = new Float32Array(samples);
      const length = Math.ceil(samples / encoders.small.hopSamples) * codec.heads;
      expect(await encodeAll(pcm, 1)).toHaveLength(length);
      expect(await encodePieces([{ pcm, phones: [] }])).toHaveLength(length);
    }
    expect(await encodeAll(new Float32Array(0), 1, [1])).toHaveLength(0);
    expect(await encodePieces([{ pcm: new Float32Array(0), phones: [] }])).toHaveLength(0);
  });

  it.each([[[7]], [[480]], [[1, 2399, 5001]], [[2400]]])(
    'does not depend on how the audio is cut: %j',
    async (sizes) => {
      expect(await encodeAll(speech, 5, sizes)).toEqual(await encodeAll(speech, 5));
    },
  );

  it('repeats itself for a seed; ten seeds have the same lips and ten upper faces', async () => {
    const first = await encodeAll(speech, 5);
    expect(await encodeAll(speech, 5)).toEqual(first);
    const uppers = new Set<string>();
    for (let seed = 0; seed < 10; seed++) {
      const codes = await encodeAll(speech, seed);
      expect(lipsOf(codes)).toEqual(lipsOf(first));
      uppers.add(upperOf(codes).join());
    }
    expect(uppers.size).toBe(10);
  });

  it('shows an emotion above the mouth, and leaves the lips as they are', async () => {
    const calm = await encodePieces([speech]);
    expect(await encodePieces([speech], 1, { name: 'joy', intensity: 0 })).toEqual(calm);
    const uppers = new Set([upperOf(calm).join()]);
    for (const name of OCC_EMOTIONS) {
      const codes = await encodePieces([speech], 1, { name, intensity: 1 });
      expect(lipsOf(codes)).toEqual(lipsOf(calm));
      uppers.add(upperOf(codes).join());
    }
    expect(uppers.size).toBe(23);
    const unknown = { name: 'glee', intensity: 1 } as unknown as Emotion;
    await expect(encodePieces([speech], 1, unknown)).rejects.toThrow(/no emotion "glee"/);
  });

  it('gives concurrent utterances the codes they have alone', async () => {
    const alone = await encodeAll(speech, 7);
    const together = await Promise.all([7, 8, 7].map((seed) => encodeAll(speech, seed)));
    for (const codes of together) expect(lipsOf(codes)).toEqual(lipsOf(alone));
    expect(together[0]).toEqual(together[2]);
    const clauses = [clause(speech, 'mæmæ'), clause(speech.subarray(3000), 'wiːsiː')];
    const apart = [await encodePieces([clauses[0]!]), await encodePieces([clauses[1]!])];
    expect(await Promise.all(clauses.map((piece) => encodePieces([piece])))).toEqual(apart);
  });

  it('stops when aborted', async () => {
    for (const pieces of [[speech, speech, speech], [clause(new Float32Array(240_000), 'mæmæ')]]) {
      const controller = new AbortController();
      const run = async () => {
        for await (const _ of encoder.encode(inPieces(pieces), { seed: 1 }, controller.signal))
          controller.abort(new Error('barge-in'));
      };
      await expect(run()).rejects.toThrow('barge-in');
    }
  });

  describe('with known phones', () => {
    it('lets the lips follow the phones, and the upper face the sound', async () => {
      const heard = await encodePieces([speech]);
      const mama = await encodePieces([clause(speech, 'mæmæmæ')]);
      const sisi = await encodePieces([clause(speech, 'siːsiːsiː')]);
      expect(lipsOf(mama)).not.toEqual(lipsOf(heard));
      expect(lipsOf(mama)).not.toEqual(lipsOf(sisi));
      expect(upperOf(mama)).toEqual(upperOf(heard));
    });

    it('gives the frames of a piece without phones to the sound', async () => {
      const { lipHeads } = encoder.manifest.codec;
      const [first, second, third] = [
        speech.subarray(0, 8123),
        speech.subarray(8123, 16_000),
        speech.subarray(16_000),
      ];
      const heard = lipsOf(await encodePieces([speech]));
      const mixed = lipsOf(await encodePieces([clause(first, 'mæmæ'), second, clause(third, 'wiːwiː')]));
      const from = Math.ceil(8123 / 800) * lipHeads.length;
      const to = 20 * lipHeads.length;
      expect(mixed.slice(from, to)).toEqual(heard.slice(from, to));
      expect(mixed.slice(0, from)).not.toEqual(heard.slice(0, from));
      expect(mixed.slice(to)).not.toEqual(heard.slice(to));
      // However the part in between is cut.
      const cut = [second.subarray(0, 100), second.subarray(100, 2500), second.subarray(2500)];
      const pieces = [clause(first, 'mæmæ'), ...cut, clause(third, 'wiːwiː')];
      expect(lipsOf(await encodePieces(pieces))).toEqual(mixed);
    });

    it('sees one clause like the same in two, but for what the end of the first foresees', async () => {
      const { marginFrames } = encoder.manifest.articulator;
      const whole = clause(speech, 'mæsiːwuːpɑːfɔːmæ');
      const at = whole.phones[7]!.endSample;
      const [head, tail] = cutAt(whole, at);
      const one = await encodePieces([whole]);
      const two = await encodePieces([head, tail]);
      expect(two.length).toBe(one.length);
      const { heads, lipHeads } = encoder.manifest.codec;
      const seam = Math.floor(at / 800);
      const differing = new Set<number>();
      one.forEach((code, i) => {
        if (lipHeads.includes(i % heads) && code !== two[i]) differing.add(Math.floor(i / heads));
      });
      for (const frame of differing) expect(Math.abs(frame - seam)).toBeLessThanOrEqual(marginFrames + 1);
      // What is told when both sides are known is as if there were no seam.
      expect([...differing].filter((frame) => frame >= seam - 2)).toEqual([]);
    });

    it('is silent in silence', async () => {
      const { lipHeads, heads } = encoder.manifest.codec;
      const hush = { pcm: new Float32Array(24_000), phones: [] };
      const codes = await encodePieces([hush, hush]);
      const rows = new Set<string>();
      for (let frame = 5; frame < 55; frame++)
        rows.add(lipHeads.map((head) => codes[frame * heads + head]).join());
      expect(rows.size).toBeLessThanOrEqual(2);
    });

    it('covers a clause longer than one run', async () => {
      const sounds = 'mæsiːwuːpɑː'.repeat(24);
      const pcm = new Float32Array(24 * 12_500);
      for (let at = 0; at < pcm.length; at += speech.length)
        pcm.set(speech.subarray(0, Math.min(speech.length, pcm.length - at)), at);
      const codes = await encodePieces([clause(pcm, sounds)]);
      expect(codes).toHaveLength(375 * encoder.manifest.codec.heads);
      // A frame just after the seam of two runs sees what a run of its own sees.
      const whole = clause(pcm, sounds);
      const tail = await encodePieces(cutAt(whole, 800 * 150));
      const { heads } = encoder.manifest.codec;
      expect(lipsOf(codes.subarray(290 * heads, 310 * heads))).toEqual(
        lipsOf(tail.subarray(290 * heads, 310 * heads)),
      );
    });

    it('refuses times that are none, and cuts off those outside', async () => {
      const phones = (startSample: number, endSample: number) => [{ phone: 'm', startSample, endSample }];
      for (const times of [phones(Number.NaN, 10), phones(10, 5)])
        await expect(encodePieces([{ pcm: speech, phones: times }])).rejects.toThrow(
          /The phone "m" cannot last/,
        );
      const all = await encodePieces([{ pcm: speech, phones: phones(0, speech.length) }]);
      expect(await encodePieces([{ pcm: speech, phones: phones(-5000, 1e9) }])).toEqual(all);
    });
  });

  it('says what is missing', async () => {
    const load = (exportsPath: string) => OnnxFaceEncoder.load({ exportsPath, threads: 1, encoder: 'small' });
    await expect(load('/nowhere')).rejects.toMatchObject({ code: 'missing-export' });
    if (!encoder.manifest.encoders.server)
      await expect(
        OnnxFaceEncoder.load({ exportsPath: EXPORTS, threads: 1, encoder: 'server' }),
      ).rejects.toMatchObject({ code: 'missing-export', message: expect.stringContaining('choose "small"') });
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

/** Phones of two letters and a length mark at most, of equal length, over the whole piece. */
function clause(pcm: Float32Array, ipa: string): PhonedAudio {
  const sounds = ipa.match(/\p{L}ː?/gu)!;
  return {
    pcm,
    phones: sounds.map((phone, i) => ({
      phone,
      stress: i % 2 === 1 ? 1 : 0,
      startSample: Math.round((pcm.length * i) / sounds.length),
      endSample: Math.round((pcm.length * (i + 1)) / sounds.length),
    })),
  };
}

function cutAt({ pcm, phones }: PhonedAudio, sample: number): [PhonedAudio, PhonedAudio] {
  const shift = phones.map((phone) => ({
    ...phone,
    startSample: phone.startSample - sample,
    endSample: phone.endSample - sample,
  }));
  return [
    { pcm: pcm.slice(0, sample), phones: phones.filter(({ startSample }) => startSample < sample) },
    { pcm: pcm.slice(sample), phones: shift.filter(({ endSample }) => endSample > 0) },
  ];
}
