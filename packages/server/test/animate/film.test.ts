import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest';
import type { FilmJob as PageJob, FilmResult as PageResult } from '../../../film/src/film-job.ts';
import { type AnimateProgress, animate } from '../../src/animate/animate.ts';
import { type FaceEngine, loadFaceEngine } from '../../src/animate/face-engine.ts';
import { OWN_EXPORTS } from '../../src/animate/face-model-files.ts';
import type { FilmJob, FilmResult } from '../../src/animate/film/film-job.ts';
import { findBrowser } from '../../src/animate/film/find-browser.ts';
import { streamAudio } from '../../src/audio/stream-audio.ts';
import { writeWav } from '../../src/audio/write-wav.ts';

// A page is built, and a browser draws without a GPU.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const RATE_HZ = 24_000;
/** Silence, then speech. */
const SILENT_SECONDS = 0.3;
const SECONDS = 0.6;
const SIZE_PX = 160;
/** Samples above this are heard. */
const AUDIBLE = 0.02;

const hasBrowser = findBrowser() !== undefined;
if (!hasBrowser)
  process.stdout.write('No Chromium here: set CHROMIUM_PATH to test videos; they are skipped.\n');

const hasFfmpeg = await promisify(execFile)('ffmpeg', ['-version']).then(
  () => true,
  () => false,
);

test('server and page mean the same by a job and its result', () => {
  expectTypeOf<FilmJob>().toEqualTypeOf<PageJob>();
  expectTypeOf<FilmResult>().toEqualTypeOf<PageResult>();
});

describe.skipIf(!hasBrowser)('a video', () => {
  let folder: string;
  let engine: FaceEngine;
  let audio: string;
  let voice: Float32Array;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-film-test-'));
    engine = await loadFaceEngine({ encoder: 'small' });
    const fixture = JSON.parse(await readFile(join(OWN_EXPORTS, 'fixtures/encoder-small.json'), 'utf8'));
    voice = new Float32Array(SECONDS * RATE_HZ);
    const from = SILENT_SECONDS * RATE_HZ;
    // It is loud at once.
    voice.set((fixture.audio.data as number[]).slice(0, voice.length - from), from);
    audio = join(folder, 'speech.wav');
    await writeFile(audio, writeWav(voice, RATE_HZ));
  });
  afterAll(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['webm', 'vp9', 'opus'],
    ['mp4', 'avc', 'aac'],
  ])(
    '.%s: %s and %s, 30 pictures a second, as long as the sound and in step with it',
    async (ending, video, sound) => {
      const out = join(folder, `film.${ending}`);
      // With this seed the head rests at first, so that what changes at the mouth is the mouth.
      const report = await animate({ audio, out, engine, sizePx: SIZE_PX, seed: 2 });
      expect(report).toMatchObject({ frames: 18, notes: [] });
      expect(await readdir(folder)).not.toContainEqual(expect.stringContaining('.part'));

      const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(out) });
      const pictures = await input.getPrimaryVideoTrack();
      const track = await input.getPrimaryAudioTrack();
      expect(pictures).toMatchObject({ codec: video, displayWidth: SIZE_PX, displayHeight: SIZE_PX });
      expect(track).toMatchObject({ codec: sound, sampleRate: 48_000, numberOfChannels: 1 });
      const times: number[] = [];
      if (pictures)
        for await (const packet of new EncodedPacketSink(pictures).packets()) times.push(packet.timestamp);
      expect(times).toHaveLength(18);
      times.forEach((time, n) => {
        expect(Math.abs(time - n / 30)).toBeLessThan(0.002);
      });
      expect(await pictures?.computeDuration()).toBeCloseTo(SECONDS, 1);
      expect(Math.abs(((await track?.computeDuration()) ?? 0) - SECONDS)).toBeLessThan(0.08);
      input.dispose();
    },
  );

  test('.mp4: the index lies in front of the media, so that it plays while it is being loaded', async () => {
    const bytes = await readFile(join(folder, 'film.mp4'));
    const boxes = topLevelBoxes(bytes);
    const names = boxes.map(({ name }) => name);
    expect(names[0]).toBe('ftyp');
    expect(names.filter((name) => name !== 'free')).toEqual(['ftyp', 'moov', 'mdat']);
    expect(boxes.at(-1)?.endByte).toBe(bytes.length);
    // What is reserved and not needed: some kilobytes a second, beside hundreds of pictures.
    const free = boxes
      .filter(({ name }) => name === 'free')
      .map(({ startByte, endByte }) => endByte - startByte);
    expect(Math.max(0, ...free)).toBeLessThan(10_000);
  });

  test.skipIf(!hasFfmpeg)('the voice and the mouth start when they should', async () => {
    const out = join(folder, 'film.webm');
    // As players hear it: decoded from the file.
    const decoded = join(folder, 'decoded.wav');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', out, '-ac', '1', decoded]);
    const pcm: number[] = [];
    for await (const chunk of streamAudio(decoded)) pcm.push(...chunk.pcm);
    const onset = pcm.findIndex((sample) => Math.abs(sample) > AUDIBLE) / 48_000;
    const wanted = voice.findIndex((sample) => Math.abs(sample) > AUDIBLE) / RATE_HZ;
    expect(wanted).toBeGreaterThanOrEqual(SILENT_SECONDS);
    expect(Math.abs(onset - wanted)).toBeLessThan(0.015);

    const { stdout } = await promisify(execFile)(
      'ffmpeg',
      ['-v', 'error', '-i', out, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
      { encoding: 'buffer', maxBuffer: 1 << 24 },
    );
    const first = mouthOf(stdout, 0);
    const change = Array.from({ length: 18 }, (_, n) => meanChange(first, mouthOf(stdout, n)));
    // Closed while it is silent (lips part a little before the sound), open within the speech.
    const resting = Math.max(...change.slice(0, 6));
    expect(Math.max(...change.slice(10))).toBeGreaterThan(3 * resting + 1);
  });

  test('that is given up while it is drawn leaves neither a file nor a browser’s folder', async () => {
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      const stop = new AbortController();
      const onProgress = ({ step, part }: AnimateProgress) => {
        if (step === 'drawing' && part > 0) stop.abort(new Error('enough'));
      };
      const out = join(folder, 'stopped.mp4');
      const attempt = animate({ audio, out, engine, sizePx: SIZE_PX, signal: stop.signal, onProgress });
      await expect(attempt).rejects.toThrow('enough');
      expect((await readdir(folder)).filter((name) => name.includes('stopped'))).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('is refused with one line where the browser is not', async () => {
    vi.stubEnv('CHROMIUM_PATH', join(folder, 'no-browser'));
    try {
      const attempt = animate({ audio, out: join(folder, 'none.mp4'), engine });
      await expect(attempt).rejects.toMatchObject({ code: 'no-browser' });
      expect((await readdir(folder)).filter((name) => name.includes('none'))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

/** The boxes of an MP4 file, ISO/IEC 14496-12, section 4.2. */
function topLevelBoxes(bytes: Buffer): { name: string; startByte: number; endByte: number }[] {
  const boxes: { name: string; startByte: number; endByte: number }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    const sizeBytes = size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size || bytes.length - at;
    boxes.push({ name: bytes.toString('latin1', at + 4, at + 8), startByte: at, endByte: at + sizeBytes });
    at += sizeBytes;
  }
  return boxes;
}

/** Grey values of the middle of the picture's lower half, where the mouth is. */
function mouthOf(pictures: Uint8Array, n: number): number[] {
  const values: number[] = [];
  for (let y = Math.round(0.52 * SIZE_PX); y < 0.68 * SIZE_PX; y++)
    for (let x = Math.round(0.38 * SIZE_PX); x < 0.62 * SIZE_PX; x++)
      values.push(pictures[n * SIZE_PX * SIZE_PX + y * SIZE_PX + x]);
  return values;
}

function meanChange(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;
}
