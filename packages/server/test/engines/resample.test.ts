import { describe, expect, it } from 'vitest';
import { Resampler, resample } from '../../src/engines/resample.ts';

const sine = (length: number, frequencyHz: number, rateHz: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * frequencyHz * i) / rateHz));
const rms = (pcm: Float32Array) => Math.sqrt(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length);

describe('Resampler', () => {
  it.each([
    [22_050, 24_000],
    [24_000, 16_000],
    [16_000, 24_000],
    [48_000, 16_000],
    [44_100, 24_000],
    [24_000, 24_000],
  ])('keeps a 1 kHz tone in place from %i to %i Hz', (from, to) => {
    const output = resample(sine(from, 1000, from), from, to);
    expect(output.length).toBe(to);
    const expected = sine(to, 1000, to);
    for (let i = 200; i < to - 200; i++) expect(Math.abs(output[i]! - expected[i]!)).toBeLessThan(1e-3);
  });

  it.each([
    [24_000, 16_000, 9000],
    [48_000, 24_000, 14_000],
  ])('lets nothing alias from %i to %i Hz', (from, to, frequencyHz) => {
    const output = resample(sine(from, frequencyHz, from), from, to);
    expect(20 * Math.log10(rms(output.subarray(500, -500)) / Math.SQRT1_2)).toBeLessThan(-60);
  });

  it('adds no images above the old Nyquist frequency', () => {
    const output = resample(sine(22_050, 9000, 22_050), 22_050, 24_000);
    const expected = sine(24_000, 9000, 24_000);
    const error = output.map((x, i) => x - expected[i]!).subarray(500, -500);
    expect(20 * Math.log10(rms(error))).toBeLessThan(-55);
  });

  it.each([1, 7, 100, 441, 5000])('gives the same samples in chunks of %i', (chunk) => {
    const input = sine(30_011, 777, 22_050);
    const whole = resample(input, 22_050, 24_000);
    const resampler = new Resampler(22_050, 24_000);
    const pieces: number[] = [];
    for (let at = 0; at < input.length; at += chunk)
      pieces.push(...resampler.push(input.subarray(at, at + chunk)));
    pieces.push(...resampler.flush());
    expect(Float32Array.from(pieces)).toEqual(whole);
    expect(whole.length).toBe(Math.round((30_011 * 24_000) / 22_050));
  });

  it('yields nothing for nothing and refuses impossible rates', () => {
    expect(resample(new Float32Array(0), 22_050, 24_000)).toHaveLength(0);
    expect(() => new Resampler(0, 24_000)).toThrow(RangeError);
  });
});
