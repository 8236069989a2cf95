import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAudio } from '../../src/audio/read-audio.ts';
import { readFlac } from '../../src/audio/read-flac.ts';
import { readWav } from '../../src/audio/read-wav.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import { endOfVoice } from '../../src/talk/talk.ts';

test('what was written as WAV is read back', async () => {
  const pcm = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i / 9));
  const { pcm: back, rateHz } = await readWav(writeWav(pcm, 24_000));
  expect(rateHz).toBe(24_000);
  expect(Math.max(...back.map((sample, i) => Math.abs(sample - pcm[i])))).toBeLessThan(1e-4);
});

test.each([
  ['8 bit', 1, 8, 1, [[0, 64, 128, 255]], [-1, -0.5, 0, 127 / 128]],
  [
    '16 bit stereo',
    1,
    16,
    2,
    [
      [0, 0x40, 0, 0x40],
      [0, 0x80, 0, 0],
    ],
    [0.5, -0.5],
  ],
  [
    '24 bit',
    1,
    24,
    1,
    [
      [0, 0, 0x40],
      [0, 0, 0x80],
    ],
    [0.5, -1],
  ],
  ['float', 3, 32, 1, [[0, 0, 0, 0x3f]], [0.5]],
])('WAV: %s', async (_name, format, bits, channels, frames, expected) => {
  const data = frames.flat();
  const bytes = new Uint8Array(46 + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('RIFF    WAVEfmt '));
  view.setUint32(16, 18, true);
  view.setUint16(20, format, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 8_000, true);
  view.setUint16(34, bits, true);
  bytes.set(new TextEncoder().encode('data'), 38);
  view.setUint32(42, data.length, true);
  bytes.set(data, 46);
  const { pcm, rateHz } = await readWav(bytes);
  expect(rateHz).toBe(8_000);
  expect([...pcm]).toEqual(expected);
});

test('FLAC: the example of RFC 9639, appendix D.1, and a verbatim stereo frame', () => {
  const hex =
    '664c6143 80000022 10001000 00000f00 000f0ac4 42f00000 0001 3e84b418 07dc6903 07586a3d ad1a2e0f' +
    'fff86918 0000 bf 03 58fd 03 128b aa9a';
  const bytes = Uint8Array.from(hex.replaceAll(' ', '').match(/../g)!, (byte) => Number.parseInt(byte, 16));
  const { pcm, rateHz } = readFlac(bytes);
  expect(rateHz).toBe(44_100);
  expect(pcm.length).toBe(1);
  expect(pcm[0] * 32768).toBe((25588 + 10416) / 2);
});

test('damaged and foreign files are refused with a reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-audio-'));
  const write = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const wav = writeWav(new Float32Array(100), 16_000);
  await expect(readAudio(join(folder, 'none.wav'), 16_000)).rejects.toMatchObject({ code: 'bad-audio' });
  await expect(readAudio(await write('cut.wav', wav.subarray(0, 20)), 16_000)).rejects.toThrow(
    'cannot be read',
  );
  await expect(
    readAudio(await write('cut.flac', new TextEncoder().encode('fLaC1234')), 16_000),
  ).rejects.toThrow('FLAC');
  await expect(
    readAudio(await write('noise.bin', new Uint8Array(100).fill(7)), 16_000),
  ).rejects.toMatchObject({
    code: 'bad-audio',
  });
});

test('the voice ends where it gets quiet', () => {
  const pcm = new Float32Array(16_000);
  for (let i = 4_000; i < 9_600; i++) pcm[i] = 0.3 * Math.sin(i / 5);
  expect(endOfVoice(pcm)).toBe(9_600);
  expect(endOfVoice(new Float32Array(0))).toBe(1);
});
