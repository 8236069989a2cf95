import { describe, expect, it } from 'vitest';
import { type PlayerReport, type PlayerRequest, playerWorklet } from '../src/audio/player-worklet.ts';
import { sampleAt } from '../src/audio/report-history.ts';
import { AudioThread } from './support/audio-thread.ts';

const RATE = 24_000;
const BLOCK = 2400;

function thread(rateHz = 48_000): AudioThread<PlayerRequest, PlayerReport> {
  return new AudioThread(playerWorklet, rateHz);
}

function tone(startSample: number, length: number, hz = 1000): Float32Array {
  return Float32Array.from(
    { length },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * (startSample + i)) / RATE),
  );
}

/** Sends one block of a tone. */
function block(audio: AudioThread<PlayerRequest, PlayerReport>, index: number, hz?: number): void {
  const startSample = index * BLOCK;
  audio.post({ type: 'samples', utterance: 1, startSample, pcm: tone(startSample, BLOCK, hz) });
}

function begin(audio: AudioThread<PlayerRequest, PlayerReport>, startTime: number): void {
  audio.post({ type: 'begin', utterance: 1, startTime, rateHz: RATE });
}

function firstSound(sound: Float32Array): number {
  return sound.findIndex((sample) => Math.abs(sample) > 0.01);
}

describe.each([{ rateHz: 48_000 }, { rateHz: 44_100 }])('at $rateHz Hz', ({ rateHz }) => {
  it('starts at the sample that it was told', () => {
    const audio = thread(rateHz);
    begin(audio, 0.1);
    for (let i = 0; i < 5; i++) block(audio, i);
    const sound = audio.run(0.3);
    expect(firstSound(sound) / rateHz).toBeCloseTo(0.1, 3);
    const report = audio.reports.filter(({ state }) => state === 'playing').at(-1)!;
    expect(sampleAt(report, 0.2)).toBeCloseTo(0.1 * RATE, 0);
  });

  it.each([{ hz: 300 }, { hz: 3000 }, { hz: 9000 }])('resamples $hz Hz cleanly', ({ hz }) => {
    const audio = thread(rateHz);
    begin(audio, 0);
    for (let i = 0; i < 12; i++) block(audio, i, hz);
    const sound = audio.run(1).subarray(rateHz / 10, (rateHz * 9) / 10);
    // What is left after the best-fitting sine is the resampler's noise.
    let sin = 0;
    let cos = 0;
    sound.forEach((sample, i) => {
      sin += (2 * sample * Math.sin((2 * Math.PI * hz * i) / rateHz)) / sound.length;
      cos += (2 * sample * Math.cos((2 * Math.PI * hz * i) / rateHz)) / sound.length;
    });
    let noise = 0;
    sound.forEach((sample, i) => {
      const angle = (2 * Math.PI * hz * i) / rateHz;
      noise += (sample - sin * Math.sin(angle) - cos * Math.cos(angle)) ** 2 / sound.length;
    });
    const signal = (sin ** 2 + cos ** 2) / 2;
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(50);
    expect(Math.sqrt(sin ** 2 + cos ** 2)).toBeGreaterThan(0.45);
  });
});

describe('underruns', () => {
  it('holds, goes on without losing a sample, then catches up with the room', () => {
    const audio = thread();
    begin(audio, 0);
    for (let i = 0; i < 3; i++) block(audio, i);
    audio.run(0.5);
    const held = audio.reports.at(-1)!;
    expect(held).toMatchObject({ state: 'holding', underruns: 1, samplesPerSecond: 0 });
    expect(held.sample).toBeCloseTo(3 * BLOCK - 8, -1);
    expect(held.lagMs).toBeGreaterThan(180);
    // 200 ms late; from here on a second ahead.
    for (let i = 3; i < 120; i++) {
      block(audio, i);
      if (i > 13) audio.run(0.1);
    }
    const playing = audio.reports.filter(({ state }) => state === 'playing');
    const speeds = playing.map(({ samplesPerSecond }) => samplesPerSecond / RATE);
    expect(Math.max(...speeds)).toBeLessThanOrEqual(1.0401);
    expect(Math.abs(playing.at(-1)!.lagMs)).toBeLessThan(20);
    expect(audio.reports.at(-1)!.underruns).toBe(1);
  });

  it('does not catch up while little sound is in store', () => {
    const audio = thread();
    begin(audio, 0);
    block(audio, 0);
    audio.run(0.3);
    for (let i = 1; i < 20; i++) {
      block(audio, i);
      audio.run(0.1);
    }
    const report = audio.reports.filter(({ state }) => state === 'playing').at(-1)!;
    expect(report.lagMs).toBeGreaterThan(150);
    expect(audio.reports.at(-1)!.underruns).toBeLessThanOrEqual(2);
  });

  it('gives a voice up whose end never comes', () => {
    const audio = thread();
    begin(audio, 0);
    block(audio, 0);
    audio.run(6);
    expect(audio.reports.at(-1)!.state).toBe('ended');
  });

  it('plays a hole in the middle as silence, in step', () => {
    const audio = thread();
    begin(audio, 0);
    block(audio, 0);
    block(audio, 2);
    const sound = audio.run(0.25);
    const hole = sound.subarray(0.11 * 48_000, 0.19 * 48_000);
    expect(hole.every((sample) => Math.abs(sample) < 0.02)).toBe(true);
    expect(audio.reports.at(-1)!.underruns).toBe(0);
  });
});

describe('coming late', () => {
  it('enters in step when the utterance is under way', () => {
    const audio = thread();
    audio.run(2);
    begin(audio, 0);
    for (let i = 18; i < 30; i++) block(audio, i);
    const sound = audio.run(0.2);
    expect(firstSound(sound)).toBeLessThan(512);
    const report = audio.reports.find(({ state }) => state === 'playing')!;
    expect(report.sample).toBeCloseTo(report.contextTime * RATE, -2);
  });

  it('plays everything when only the first block was late', () => {
    const audio = thread();
    audio.run(0.2);
    begin(audio, 0);
    for (let i = 0; i < 5; i++) block(audio, i);
    audio.run(0.05);
    expect(audio.reports.find(({ state }) => state === 'playing')!.sample).toBe(0);
  });
});

describe('ends', () => {
  it('plays to the last sample, then tells that it ended', () => {
    const audio = thread();
    begin(audio, 0);
    block(audio, 0);
    audio.post({ type: 'end', utterance: 1, endSample: BLOCK, fadeSamples: 0 });
    const sound = audio.run(0.3);
    const last = sound.findLastIndex((sample) => Math.abs(sample) > 0.05);
    expect(last / 48_000).toBeCloseTo(0.1, 2);
    expect(audio.reports.at(-1)).toMatchObject({ state: 'ended', underruns: 0 });
  });

  it('fades to a stop over 80 ms', () => {
    const audio = thread();
    begin(audio, 0);
    for (let i = 0; i < 10; i++) block(audio, i);
    audio.run(0.2);
    audio.post({ type: 'end', utterance: 1, endSample: 0.3 * RATE, fadeSamples: 0.08 * RATE });
    const sound = audio.run(0.3);
    const loudest = (fromMs: number, toMs: number): number =>
      Math.max(...sound.subarray(fromMs * 48, toMs * 48).map(Math.abs));
    expect(loudest(0, 18)).toBeGreaterThan(0.48);
    expect(loudest(58, 62)).toBeGreaterThan(0.2);
    expect(loudest(58, 62)).toBeLessThan(0.3);
    expect(loudest(102, 280)).toBe(0);
  });

  it('one voice may follow another at once', () => {
    const audio = thread();
    begin(audio, 0);
    block(audio, 0);
    audio.post({ type: 'end', utterance: 1, endSample: BLOCK, fadeSamples: 0 });
    audio.post({ type: 'begin', utterance: 2, startTime: 0.1, rateHz: RATE });
    audio.post({ type: 'samples', utterance: 2, startSample: 0, pcm: tone(0, BLOCK) });
    const sound = audio.run(0.2);
    expect(sound.subarray(0.11 * 48_000, 0.18 * 48_000).some((sample) => Math.abs(sample) > 0.4)).toBe(true);
  });
});

it('follows a clock that drifts, without a jump', () => {
  const audio = thread();
  begin(audio, 0);
  for (let i = 0; i < 50; i++) block(audio, i);
  for (let i = 1; i <= 40; i++) {
    // The room's clock runs 0.5 % slower than the audio clock.
    audio.post({ type: 'align', utterance: 1, startTime: i * 0.1 * 0.005 });
    audio.run(0.1);
  }
  const report = audio.reports.filter(({ state }) => state === 'playing').at(-1)!;
  expect(Math.abs(report.lagMs)).toBeLessThan(15);
});
