import { describe, expect, it } from 'vitest';
import { type MicrophoneFrame, microphoneWorklet } from '../src/audio/microphone-worklet.ts';
import { AudioThread } from './support/audio-thread.ts';

/** Loudness of a steady tone after the microphone's worklet, relative to before, in dB. */
function gainDb(rateHz: number, hz: number): { db: number; frames: MicrophoneFrame[] } {
  const audio = new AudioThread<unknown, MicrophoneFrame>(microphoneWorklet, rateHz);
  audio.run(1, (frame) => Math.sin((2 * Math.PI * hz * frame) / rateHz));
  const frames = audio.reports;
  let power = 0;
  for (const { pcm } of frames.slice(5)) {
    for (const sample of pcm) power += sample ** 2 / pcm.length / (frames.length - 5);
  }
  return { db: 10 * Math.log10(power * 2 + 1e-12), frames };
}

describe.each([{ rateHz: 16_000 }, { rateHz: 44_100 }, { rateHz: 48_000 }])(
  'from $rateHz Hz',
  ({ rateHz }) => {
    it('cuts frames of 20 ms in a row', () => {
      const { frames } = gainDb(rateHz, 500);
      expect(frames.length).toBeGreaterThanOrEqual(49);
      expect(frames.every(({ pcm }) => pcm.length === 320)).toBe(true);
      const starts = frames.map(({ startSample }) => startSample);
      expect(starts).toEqual(starts.map((_, i) => starts[0] + i * 320));
    });

    it('keeps speech and stops what would fold back', () => {
      expect(gainDb(rateHz, 500).db).toBeCloseTo(0, 1);
      expect(gainDb(rateHz, 6000).db).toBeGreaterThan(-1);
      if (rateHz === 16_000) return;
      expect(gainDb(rateHz, 9500).db).toBeLessThan(-40);
      expect(gainDb(rateHz, 15_000).db).toBeLessThan(-60);
    });
  },
);
