import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeMicrophone, hasBrowser, openPage, SOUND } from './open-page.ts';

/** A WAV file with a steady tone. */
function wav(hz: number, seconds: number): Buffer {
  const rateHz = 48_000;
  const samples = rateHz * seconds;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rateHz, 24);
  file.writeUInt32LE(rateHz * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    file.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / rateHz)), 44 + i * 2);
  }
  return file;
}

describe.skipIf(!hasBrowser)('the microphone in a browser', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-microphone-'));
    await writeFile(join(folder, 'tone.wav'), wav(440, 30));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['auto', 'pcm16'] as const)('sends what it hears, only while listening (%s)', async (codec) => {
    const open = await openPage([...SOUND, '--disable-gpu', ...fakeMicrophone(join(folder, 'tone.wav'))]);
    try {
      const result = await open.page.evaluate((c) => window.parleyTest.recordMicrophone(c, 2000), codec);
      console.log(
        `microphone ${codec}: ${result.packets} packets of ${result.codec}, ${result.pitchHz.toFixed(0)} Hz, level ${result.highestLevel.toFixed(2)}`,
      );
      expect(result.states).toEqual(['off', 'asking', 'on', 'off']);
      expect(result.codec).toBe(codec === 'auto' ? 'opus' : 'pcm16');
      expect(result.packetsUnasked).toBe(0);
      expect(result.packets).toBeGreaterThan(70);
      expect(result.gaps).toBeLessThanOrEqual(2);
      expect(result.pitchHz).toBeGreaterThan(420);
      expect(result.pitchHz).toBeLessThan(460);
      expect(result.highestLevel).toBeGreaterThan(0.5);
      expect(result.liveTracks).toBe(0);
    } finally {
      await open.close();
    }
  });

  it('says when it is blocked', async () => {
    const open = await openPage([
      ...SOUND,
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--deny-permission-prompts',
    ]);
    try {
      const result = await open.page.evaluate(() => window.parleyTest.recordMicrophone('auto', 100));
      expect(result.states).toEqual(['off', 'asking', 'blocked', 'off']);
      expect(result.error).toBe('microphone-blocked');
    } finally {
      await open.close();
    }
  });

  it('says when there is none', async () => {
    const open = await openPage([...SOUND, '--disable-gpu', '--use-fake-ui-for-media-stream']);
    try {
      const result = await open.page.evaluate(() => window.parleyTest.recordMicrophone('auto', 100));
      expect(result.states).toEqual(['off', 'asking', 'missing', 'off']);
      expect(result.error).toBe('microphone-missing');
    } finally {
      await open.close();
    }
  });
});
