import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fromALaw, fromMuLaw } from '../../src/audio/g711.ts';
import { readAudio } from '../../src/audio/read-audio.ts';
import { streamAudio } from '../../src/audio/stream-audio.ts';
import { streamFlac } from '../../src/audio/stream-flac.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import type { AudioChunk } from '../../src/engines/contracts.ts';
import { endOfVoice } from '../../src/talk/talk.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-audio-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

/** All that comes, in one. */
async function whole(chunks: AsyncIterable<AudioChunk>): Promise<AudioChunk> {
  const pcm: number[] = [];
  let rateHz = 0;
  for await (const chunk of chunks) {
    pcm.push(...chunk.pcm);
    rateHz = chunk.rateHz;
  }
  return { pcm: Float32Array.from(pcm), rateHz };
}

async function readWav(bytes: Uint8Array): Promise<AudioChunk> {
  return whole(streamAudio(await write('sound.wav', bytes)));
}

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

test('WAV: A-law and mu-law of a telephone', async () => {
  const wav = (format: number, codes: number[]) => {
    const bytes = writeWav(new Float32Array(codes.length / 2), 8_000);
    const view = new DataView(bytes.buffer);
    view.setUint16(20, format, true);
    view.setUint16(34, 8, true);
    bytes.set(codes, 44);
    return bytes;
  };
  // The extremes and the middle of ITU-T G.711, tables 1 and 2.
  const aLaw = [0xaa, 0x2a, 0xd5, 0x55];
  expect(aLaw.map((code) => fromALaw(code) * 2 ** 15)).toEqual([32_256, -32_256, 8, -8]);
  expect([...(await readWav(wav(6, aLaw))).pcm]).toEqual(aLaw.map(fromALaw));
  const muLaw = [0x80, 0x00, 0xff, 0x7e];
  expect(muLaw.map((code) => fromMuLaw(code) * 2 ** 15)).toEqual([32_124, -32_124, 0, -8]);
  expect([...(await readWav(wav(7, muLaw))).pcm]).toEqual(muLaw.map(fromMuLaw));
});

test.each([
  ['nothing', 0],
  ['the largest number', 0xffff_ffff],
])('WAV: a stream that states %s as its length is read to its end', async (_what, size) => {
  const bytes = writeWav(new Float32Array(500).fill(0.5), 8_000);
  new DataView(bytes.buffer).setUint32(40, size, true);
  expect((await readWav(bytes)).pcm).toHaveLength(500);
});

test('WAV beyond 4 GB: RF64 states its length in ds64', async () => {
  const plain = writeWav(new Float32Array(500).fill(0.5), 8_000);
  const bytes = new Uint8Array(plain.length + 36 + 10);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('RF64----WAVEds64'));
  view.setUint32(16, 28, true);
  view.setBigUint64(28, 1000n, true);
  bytes.set(plain.subarray(12), 48);
  view.setUint32(48 + 28, 0xffff_ffff, true);
  // What follows the samples is no sound.
  bytes.fill(99, plain.length + 36);
  const { pcm } = await readWav(bytes);
  expect(pcm).toHaveLength(500);
  expect(Math.max(...pcm)).toBeCloseTo(0.5, 4);
});

/** The example of RFC 9639, appendix D.1: a verbatim stereo frame of one sample. */
const FLAC = Uint8Array.from(
  (
    '664c614380000022100010000000' +
    '0f00000f0ac442f0000000013e84b41807dc690307586a3dad1a2e0f' +
    'fff869180000bf0358fd03128baa9a'
  ).match(/../g)!,
  (byte) => Number.parseInt(byte, 16),
);

test.each([FLAC.length, 1, 7])('FLAC: the example of RFC 9639 in pieces of %d bytes', async (size) => {
  async function* pieces() {
    for (let at = 0; at < FLAC.length; at += size) yield FLAC.subarray(at, at + size);
  }
  const { pcm, rateHz } = await whole(streamFlac(pieces()));
  expect(rateHz).toBe(44_100);
  expect([...pcm].map((sample) => sample * 32_768)).toEqual([(25_588 + 10_416) / 2]);
});

test('FLAC: every cut is noticed', async () => {
  for (let size = 1; size < FLAC.length; size++) {
    const cut = (async function* () {
      yield FLAC.subarray(0, size);
    })();
    // Between the metadata and the first frame it ends as a file without sound does.
    if (size === 42) expect((await whole(streamFlac(cut))).pcm).toHaveLength(0);
    else if (size !== 43 && size !== 44)
      await expect(whole(streamFlac(cut))).rejects.toThrow('ends too early');
  }
});

test('damaged and foreign files are refused with their name and a reason', async () => {
  const wav = writeWav(new Float32Array(100), 16_000);
  const attempts: [Promise<string>, string][] = [
    [Promise.resolve(join(folder, 'none.wav')), 'there is no such file'],
    [write('cut.wav', wav.subarray(0, 20)), 'it has no sound'],
    [write('foreign.wav', new TextEncoder().encode('RIFF1234AVI LIST')), 'it is not a RIFF/WAVE file'],
    [write('cut.flac', new TextEncoder().encode('fLaC1234')), 'it ends too early'],
    [write('noise.bin', new Uint8Array(100).fill(7)), ''],
  ];
  for (const [writing, reason] of attempts) {
    const path = await writing;
    const refused: unknown = await readAudio(path, 16_000).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'bad-audio', message: expect.stringContaining(reason) });
    expect((refused as Error).message.startsWith(`${path} `)).toBe(true);
  }
});

test('without ffmpeg, what is not decoded here is refused with the formats that are', async () => {
  const path = await write('voice.m4a', new TextEncoder().encode('\0\0\0\x18ftypM4A \0\0\0\0M4A mp42'));
  vi.stubEnv('PATH', folder);
  try {
    await expect(readAudio(path, 16_000)).rejects.toMatchObject({
      code: 'bad-audio',
      message: expect.stringMatching(
        /WAV, FLAC, MP3, Ogg Vorbis, and Opus in Ogg, WebM or MP4.*install ffmpeg/,
      ),
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test('the voice ends where it gets quiet', () => {
  const pcm = new Float32Array(16_000);
  for (let i = 4_000; i < 9_600; i++) pcm[i] = 0.3 * Math.sin(i / 5);
  expect(endOfVoice(pcm)).toBe(9_600);
  expect(endOfVoice(new Float32Array(0))).toBe(1);
});
