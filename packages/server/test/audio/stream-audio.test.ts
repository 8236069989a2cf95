import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudio } from '../../src/audio/read-audio.ts';
import { streamAudio } from '../../src/audio/stream-audio.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import { correlation, sweep } from './sweep.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const RATE_HZ = 24_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-stream-audio-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** A WAV file of 32-bit floats. */
function floatWav(pcm: Float32Array, rateHz: number): Uint8Array {
  const bytes = writeWav(new Float32Array(2 * pcm.length), rateHz);
  const view = new DataView(bytes.buffer);
  view.setUint16(20, 3, true);
  view.setUint32(28, rateHz * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 32, true);
  new Uint8Array(bytes.buffer, 44).set(new Uint8Array(pcm.buffer));
  return bytes;
}

describe('streamAudio', () => {
  test.each(['sweep.mp3', 'sweep-vorbis.ogg', 'sweep.opus', 'sweep-opus.webm', 'sweep-opus.mp4'])(
    '%s sounds as it should, in time',
    async (name) => {
      const pcm = await readAudio(join(FIXTURES, name), RATE_HZ);
      expect(Math.abs(pcm.length / RATE_HZ - 1)).toBeLessThan(0.03);
      expect(correlation(sweep(RATE_HZ), pcm)).toBeGreaterThan(0.98);
    },
  );

  test('a long WAV comes in pieces, and says how far it is', async () => {
    const path = await write('long.wav', writeWav(new Float32Array(600_000).fill(0.5), 16_000));
    const parts: number[] = [];
    let samples = 0;
    let largest = 0;
    for await (const { pcm, rateHz } of streamAudio(path, (part) => parts.push(part))) {
      expect(rateHz).toBe(16_000);
      samples += pcm.length;
      largest = Math.max(largest, pcm.length);
    }
    expect(samples).toBe(600_000);
    expect(largest).toBeLessThan(200_000);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.at(-1)).toBe(1);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  });

  test.each([
    ['nothing at all', 'empty.wav', new Uint8Array(0), 'is empty'],
    ['a header without sound', 'silent.wav', writeWav(new Float32Array(0), 16_000), 'has no sound'],
    [
      'samples that are no numbers',
      'nan.wav',
      floatWav(Float32Array.of(0, Number.NaN, 0), 16_000),
      'no numbers',
    ],
    ['a cut FLAC', 'cut.flac', new TextEncoder().encode('fLaC\u0000\u0000'), 'cannot be read'],
    ['a cut MP3', 'cut.mp3', Uint8Array.of(0xff, 0xfb, 0x90, 0x64, 0, 0, 0), 'no frame'],
    ['noise', 'noise.xyz', new Uint8Array(4000).fill(7), 'noise.xyz'],
  ])('refuses %s', async (_what, name, bytes, words) => {
    const reading = readAudio(await write(name, bytes), RATE_HZ);
    await expect(reading).rejects.toMatchObject({
      code: 'bad-audio',
      message: expect.stringContaining(words),
    });
  });

  test('refuses a file that is not there, and a folder', async () => {
    await expect(readAudio(join(folder, 'none.mp3'), RATE_HZ)).rejects.toThrow('there is no such file');
    await expect(readAudio(folder, RATE_HZ)).rejects.toThrow('it is a folder');
  });
});
