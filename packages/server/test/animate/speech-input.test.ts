import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureSpeech, openSpeech, type SpeechPiece } from '../../src/animate/speech-input.ts';
import { writeWav } from '../../src/audio/write-wav.ts';
import type { Tts } from '../../src/engines/contracts.ts';

const never = new AbortController().signal;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-speech-input-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A voice that never says the same twice. */
function moodyVoice(): Tts & { readonly spoken: number } {
  let spoken = 0;
  return {
    get spoken() {
      return spoken;
    },
    async *speak(clauses) {
      for await (const text of clauses) {
        spoken++;
        yield { text, pcm: new Float32Array(8_000 * spoken).fill(0.1 * spoken), rateHz: 16_000, phones: [] };
      }
    },
  };
}

async function all(pieces: AsyncIterable<SpeechPiece>): Promise<SpeechPiece[]> {
  const found: SpeechPiece[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

test('a text is spoken once, and what was spoken is what is heard', async () => {
  const tts = moodyVoice();
  const steps: number[] = [];
  const onProgress = (part: number) => steps.push(part);
  const { seconds, source } = await measureSpeech({ text: 'One. Two.', tts }, onProgress, never);
  const { spoken } = tts;
  expect(steps.at(-1)).toBe(1);
  const pieces = await all(openSpeech(source, onProgress, never));
  expect(tts.spoken).toBe(spoken);
  expect(pieces.reduce((sum, { pcm, rateHz }) => sum + pcm.length / rateHz, 0)).toBeCloseTo(seconds, 9);
  expect(pieces[0]?.pcm[0]).toBeCloseTo(0.1, 6);
  expect(pieces.every(({ phones }) => phones !== undefined)).toBe(true);
  expect(steps.at(-1)).toBe(1);
});

test('a file is measured and read again', async () => {
  const path = join(folder, 'sound.wav');
  await writeFile(path, writeWav(new Float32Array(12_345), 8_000));
  const { seconds, source } = await measureSpeech({ path }, () => {}, never);
  expect(seconds).toBeCloseTo(12_345 / 8_000, 9);
  expect(source).toEqual({ path });
});

test('measuring stops when it is told to', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  const path = join(folder, 'sound.wav');
  await expect(measureSpeech({ path }, () => {}, stop)).rejects.toThrow('enough');
  const spoken = { pieces: [{ pcm: new Float32Array(8), rateHz: 8 }] };
  await expect(all(openSpeech(spoken, () => {}, stop))).rejects.toThrow('enough');
});
