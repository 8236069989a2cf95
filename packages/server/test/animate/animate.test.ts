import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyBasis, OCC_EMOTIONS } from '@parley/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type AnimateOptions, animate } from '../../src/animate/animate.ts';
import { type FaceEngine, loadFaceEngine } from '../../src/animate/face-engine.ts';
import { decodeFrames } from '../../src/animate/face-frames.ts';
import { type FaceModelFiles, OWN_EXPORTS } from '../../src/animate/face-model-files.ts';
import { toFaceAudio } from '../../src/animate/speech-input.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import type { Tts, TtsPart } from '../../src/engines/contracts.ts';
import { resample } from '../../src/engines/resample.ts';

const RATE_HZ = 24_000;
const HEADS = join(import.meta.dirname, '../../../../examples/metaverse-room/public/heads');
const never = new AbortController().signal;
// Machines that run tests are busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let speech: Float32Array;
let model: FaceModelFiles;
let engine: FaceEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-animate-'));
  // A second of sound that comes with the model.
  const fixture = JSON.parse(await readFile(join(OWN_EXPORTS, 'fixtures/encoder-small.json'), 'utf8'));
  speech = Float32Array.from(fixture.audio.data);
  engine = await loadFaceEngine({ encoder: 'small' });
  model = engine.model;
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

/** The format that others score against. */
function takeSchema(frames: number) {
  const { heads, classes } = model.manifest.codec;
  const rows = (row: z.ZodType) => z.array(row).length(frames);
  return z.strictObject({
    fps: z.literal(30),
    heads: z.literal(heads),
    classes: z.literal(classes),
    codes: rows(
      z
        .array(
          z
            .int()
            .min(0)
            .max(classes - 1),
        )
        .length(heads),
    ),
    arkit: z.strictObject({
      names: z.array(z.string()).length(52),
      frames: rows(z.array(z.number().min(0).max(1)).length(52)),
    }),
    keypoints: z.strictObject({
      names: z.array(z.string()).length(68),
      frames: rows(z.array(z.array(z.number()).length(3)).length(68)),
    }),
  });
}
interface Take {
  codes: number[][];
  arkit: { names: string[]; frames: number[][] };
  keypoints: { names: string[]; frames: number[][][] };
}

async function wav(name: string, pcm: Float32Array, rateHz: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, writeWav(pcm, rateHz));
  return path;
}

async function take(options: Omit<AnimateOptions, 'out'>, seconds = 1): Promise<Take> {
  const out = join(folder, 'take.json');
  const report = await animate({ engine, ...options, out });
  const json = JSON.parse(await readFile(out, 'utf8'));
  const frames = Math.ceil(seconds * 30);
  expect(report).toMatchObject({ frames, fps: 30, format: 'json' });
  return takeSchema(frames).parse(json) as unknown as Take;
}

function lipsOf({ codes }: Take): number[][] {
  return codes.map((row) => model.manifest.codec.lipHeads.map((head) => row[head]));
}

/** Height of the gap between the inner lips, millimetres. */
function gaps({ keypoints }: Take): number[] {
  return keypoints.frames.map((points) => 1000 * (points[62][1] - points[66][1]));
}

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
  return (
    sum((i) => (a[i] - ma) * (b[i] - mb)) /
    Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2))
  );
}

describe('a .json file', () => {
  let reference: Take;
  beforeAll(async () => {
    reference = await take({ audio: await wav('speech.wav', speech, RATE_HZ) });
  });

  test('holds the codes, the 52 curves in Apple’s order and the 68 points', () => {
    const { names } = reference.arkit;
    expect(names.slice(0, 3)).toEqual(['eyeBlinkLeft', 'eyeLookDownLeft', 'eyeLookInLeft']);
    expect(names.slice(14, 18)).toEqual(['jawForward', 'jawLeft', 'jawRight', 'jawOpen']);
    expect(names.at(-1)).toBe('tongueOut');
    const first = reference.keypoints.frames[0];
    // Right-handed, +y up, +z out of the face, metres: the nose's tip in front, the own right side at negative x.
    expect(first[30][2]).toBeGreaterThan(first[0][2] + 0.05);
    expect(first[36][0]).toBeLessThan(0);
    expect(first[27][1]).toBeGreaterThan(first[8][1] + 0.08);
    expect(first[45][0] - first[36][0]).toBeCloseTo(0.082, 2);
  });

  test('has the points of the decoded geometry: template plus basis times controls', async () => {
    const codes = Uint8Array.from(reference.codes.flat());
    async function* all() {
      yield { startFrame: 0, frames: reference.codes.length, codes };
    }
    const out = new Float32Array(model.template.surface.positions.length);
    let frame = 0;
    for await (const block of decodeFrames(all(), model.decoder, model.manifest)) {
      const size = model.manifest.controls.length;
      for (let i = 0; i < block.frames; i++, frame++) {
        const controls = block.controls.subarray(i * size, (i + 1) * size);
        applyBasis(model.template.basis, controls, model.template.surface.positions, out);
        model.info.landmarks.vertices.forEach((vertex, point) => {
          for (let axis = 0; axis < 3; axis++) {
            const written = reference.keypoints.frames[frame][point][axis];
            expect(Math.abs(written - out[vertex * 3 + axis])).toBeLessThan(2e-5);
          }
        });
      }
    }
    expect(frame).toBe(30);
  });

  test('is the same again; another seed changes only what is above the mouth', async () => {
    const audio = join(folder, 'speech.wav');
    expect(await take({ audio })).toEqual(reference);
    const other = await take({ audio, seed: 7 });
    expect(lipsOf(other)).toEqual(lipsOf(reference));
    expect(other.codes).not.toEqual(reference.codes);
    // A hint of a smile is part of the mood above the mouth, and lies on the lips like a film: tenths of a millimetre.
    const apart = gaps(other).map((gap, n) => Math.abs(gap - gaps(reference)[n]!));
    expect(Math.max(...apart)).toBeLessThan(0.3);
  });

  test('shows an emotion above the mouth and leaves the lips alone', async () => {
    const audio = join(folder, 'speech.wav');
    const glad = await take({ audio, emotion: { name: OCC_EMOTIONS[0], intensity: 1 } });
    expect(lipsOf(glad)).toEqual(lipsOf(reference));
    expect(glad.codes).not.toEqual(reference.codes);
  });

  test.each([
    [16_000, 0.98],
    [44_100, 0.995],
    [48_000, 0.995],
    [96_000, 0.995],
    // The telephone's band has no hiss of S and F left: the jaw still moves alike.
    [8_000, 0.85],
  ])('moves the lips alike at %d Hz', async (rateHz, least) => {
    const other = await take({ audio: await wav('other.wav', resample(speech, RATE_HZ, rateHz), rateHz) });
    expect(correlation(gaps(reference), gaps(other))).toBeGreaterThan(least);
  });

  test('covers the sound to its last frame', async () => {
    await take(
      { audio: await wav('odd.wav', speech.subarray(0, 800 * 7 + 1), RATE_HZ) },
      (800 * 7 + 1) / RATE_HZ,
    );
  });

  test('of silence: a calm, living face', async () => {
    const calm = await take({ audio: await wav('silence.wav', new Float32Array(6 * 44_100), 44_100) }, 6);
    const rest = model.info.landmarks.vertices;
    const { positions } = model.template.surface;
    const restGap = 1000 * (positions[rest[62] * 3 + 1] - positions[rest[66] * 3 + 1]);
    for (const gap of gaps(calm)) expect(Math.abs(gap - restGap)).toBeLessThan(0.7);
    const upper = calm.codes.map((row) => model.manifest.codec.upperHeads.map((head) => row[head]).join());
    let frozen = 0;
    let longest = 0;
    for (let i = 1; i < upper.length; i++) {
      frozen = upper[i] === upper[i - 1] ? frozen + 1 : 0;
      longest = Math.max(longest, frozen);
    }
    expect(longest).toBeLessThan(90);
    const blink = calm.arkit.frames.map((row) => row[0]);
    expect(Math.max(...blink)).toBeGreaterThan(0.5);
  });

  test('of text: a voice with phones is animated as a whole', async () => {
    const part: TtsPart = {
      text: 'pa',
      pcm: resample(speech, RATE_HZ, 22_050),
      rateHz: 22_050,
      phones: [
        { phone: 'p', startSample: 4_410, endSample: 6_615 },
        { phone: 'ɑ', startSample: 6_615, endSample: 13_230 },
      ],
    };
    const tts: Tts = {
      async *speak(clauses) {
        for await (const _ of clauses) yield part;
      },
    };
    const spoken = await take({ text: 'Pa.', tts }, 1.2);
    const [gap, open] = [gaps(spoken), gaps(spoken)];
    // Closed on the P (0.2 s to 0.3 s), open on the vowel (0.3 s to 0.6 s).
    expect(Math.min(...gap.slice(6, 9))).toBeLessThan(2.6);
    expect(Math.max(...open.slice(10, 18))).toBeGreaterThan(6);
  });
});

describe('heads', () => {
  let audio: string;
  let reference: Take;
  beforeAll(async () => {
    audio = await wav('speech.wav', speech, RATE_HZ);
    reference = await take({ audio });
  });

  test.each(['bust.obj', 'guide.glb'])('%s: its own points, moved by its own rig', async (name) => {
    const other = await take({ audio, head: join(HEADS, name) });
    expect(other.codes).toEqual(reference.codes);
    expect(correlation(gaps(reference), gaps(other))).toBeGreaterThan(0.97);
    const points = other.keypoints.frames[0];
    const shape = (p: number[][], q: number) => [p[q][0] - p[27][0], p[q][1] - p[27][1], p[q][2] - p[27][2]];
    // Mouth corners, eye corners and chin lie about where the template has them.
    for (const point of [8, 36, 45, 48, 54, 30])
      shape(points, point).forEach((value, axis) => {
        expect(Math.abs(value - shape(reference.keypoints.frames[0], point)[axis])).toBeLessThan(0.025);
      });
  });

  test('the template lying on its back in centimetres has the template’s points', async () => {
    const text = await readFile(join(OWN_EXPORTS, 'template.obj'), 'utf8');
    const lying = text.replace(
      /^v (\S+) (\S+) (\S+)$/gm,
      (_, x, y, z) => `v ${Number(x) * 100} ${-Number(z) * 100} ${Number(y) * 100}`,
    );
    const path = join(folder, 'lying.obj');
    await writeFile(path, lying);
    const other = await take({ audio, head: path });
    const flat = (t: Take) => t.keypoints.frames.flat(2);
    const worst = flat(other).reduce(
      (most, value, i) => Math.max(most, Math.abs(value - flat(reference)[i])),
      0,
    );
    expect(worst).toBeLessThan(2e-4);
  });

  test('files that are none are refused, and nothing is left', async () => {
    const out = join(folder, 'none.json');
    const cube = join(folder, 'cube.obj');
    await writeFile(cube, 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n');
    const missing = animate({ audio, out, head: join(folder, 'nobody.glb') });
    await expect(missing).rejects.toMatchObject({ code: 'head-not-found' });
    await expect(animate({ audio, out, head: cube, engine })).rejects.toMatchObject({ code: 'face-unsure' });
    const dumb = join(folder, 'dumb.gltf');
    await writeFile(dumb, '{"asset": {"version": "2.0"}}');
    await expect(animate({ audio, out, head: dumb, engine })).rejects.toMatchObject({ code: 'empty-mesh' });
    expect((await readdir(folder)).filter((name) => name.includes('none'))).toEqual([]);
  });
});

test('streaming equals whole: the codes do not depend on how the sound comes in pieces', async () => {
  const pcm = resample(speech, RATE_HZ, 44_100);
  async function codes(sizes: readonly number[]): Promise<number[]> {
    async function* pieces() {
      for (let at = 0, i = 0; at < pcm.length; at += sizes[i++ % sizes.length])
        yield { pcm: pcm.subarray(at, at + sizes[i % sizes.length]), rateHz: 44_100 };
    }
    const all: number[] = [];
    const parts = engine.encoder.encode(toFaceAudio(pieces()), { seed: 3 }, never);
    for await (const block of decodeFrames(parts, model.decoder, model.manifest)) all.push(...block.codes);
    return all;
  }
  const whole = await codes([pcm.length]);
  expect(whole).toHaveLength(30 * model.manifest.codec.heads);
  expect(await codes([1, 977, 4096, 13])).toEqual(whole);
  expect(await codes([441])).toEqual(whole);
});

test('a .csv file follows Live Link Face', async () => {
  const out = join(folder, 'face.csv');
  const audio = await wav('speech.wav', speech, RATE_HZ);
  await animate({ audio, out, engine });
  const [header, ...rows] = (await readFile(out, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(rows).toHaveLength(30);
  expect(header).toHaveLength(63);
  expect(header.slice(0, 3)).toEqual(['Timecode', 'BlendShapeCount', 'EyeBlinkLeft']);
  expect(header.slice(-9)).toEqual([
    'HeadYaw',
    'HeadPitch',
    'HeadRoll',
    'LeftEyeYaw',
    'LeftEyePitch',
    'LeftEyeRoll',
    'RightEyeYaw',
    'RightEyePitch',
    'RightEyeRoll',
  ]);
  expect(rows.map((row) => row[0]).slice(28)).toEqual(['00:00:00:56.000', '00:00:00:58.000']);
  const { arkit } = await take({ audio });
  const jaw = header.indexOf('JawOpen');
  rows.forEach((row, frame) => {
    expect(row).toHaveLength(63);
    expect(row[1]).toBe('61');
    expect(Number(row[jaw])).toBeCloseTo(arkit.frames[frame][arkit.names.indexOf('jawOpen')], 3);
  });
});

describe('refuses', () => {
  test.each([
    ['a sound of no frame', { out: 'a.json' }, new Float32Array(200), 'bad-audio', 'shorter than one frame'],
    ['an ending that it does not know', { out: 'a.avi' }, speechOf, 'bad-arguments', '.webm'],
    [
      'a folder that is not there',
      { out: 'no/where/a.json' },
      speechOf,
      'cannot-write',
      'folder does not exist',
    ],
  ])('%s', async (_what, options, pcm, code, words) => {
    const audio = await wav('in.wav', typeof pcm === 'function' ? pcm() : pcm, RATE_HZ);
    const attempt = animate({ audio, engine, out: join(folder, options.out) });
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  test('misuse', async () => {
    await expect(animate({ out: 'a.json' })).rejects.toThrow(TypeError);
    await expect(animate({ audio: 'a.wav', text: 'a', out: 'a.json' })).rejects.toThrow(TypeError);
    await expect(animate({ audio: 'a.wav', out: 'a.json', seed: 0.5 })).rejects.toThrow(RangeError);
    const emotion = { name: 'bliss' as 'joy', intensity: 1 };
    await expect(animate({ audio: 'a.wav', out: 'a.json', emotion })).rejects.toThrow(/joy/);
  });

  test('to go on when it is stopped, and leaves nothing', async () => {
    const stop = new AbortController();
    const audio = await wav('long.wav', new Float32Array(60 * RATE_HZ), RATE_HZ);
    const out = join(folder, 'stopped.csv');
    const onProgress = () => stop.abort(new Error('enough'));
    await expect(animate({ audio, out, engine, signal: stop.signal, onProgress })).rejects.toThrow('enough');
    expect((await readdir(folder)).filter((name) => name.includes('stopped'))).toEqual([]);
  });
});

function speechOf(): Float32Array {
  return speech;
}
