import { describe, expect, it } from 'vitest';
import type { TimedPhone } from '../../../src/engines/contracts.ts';
import { phoneSpans } from '../../../src/engines/face/phone-spans.ts';

/** A hum of so many milliseconds each, loud or silent by turns, beginning loud. */
function hum(...lengthsMs: number[]): Float32Array {
  return Float32Array.from(
    lengthsMs.flatMap((ms, k) =>
      Array.from({ length: 24 * ms }, (_, i) => (k % 2 === 0 ? 0.3 * Math.sin(i / 12) : 0)),
    ),
  );
}
const phone = (ipa: string, startMs: number, endMs: number, stress?: 0 | 1 | 2): TimedPhone => ({
  phone: ipa,
  startSample: 24 * startMs,
  endSample: 24 * endMs,
  ...(stress !== undefined && { stress }),
});
const spell = (pcm: Float32Array, phones: readonly TimedPhone[]) =>
  phoneSpans({ pcm, phones }).map(
    ({ symbol, stress, startSample, endSample }) =>
      `${symbol}${stress || ''} ${Math.round(startSample / 24)}-${Math.round(endSample / 24)}`,
  );

describe('phoneSpans', () => {
  it('cover the piece without a gap, and a short pause belongs to its neighbours', () => {
    expect(spell(hum(400), [phone('s', 0, 100), phone('ˈæ', 100, 200), phone('m', 260, 400)])).toEqual([
      'S 0-100',
      'AE1 100-200',
      'AE1 200-230',
      'M 230-260',
      'M 260-400',
    ]);
  });

  it('hear a long silent pause, and the closure of a stop before it ends', () => {
    const pcm = hum(200, 300, 200);
    expect(spell(pcm, [phone('ɑː', 0, 200), phone('s', 500, 700)])).toEqual([
      'AA 0-200',
      'sil 200-480',
      'S 480-500',
      'S 500-700',
    ]);
    expect(spell(pcm, [phone('ɑː', 0, 200), phone('p', 500, 700)]).slice(1, 3)).toEqual([
      'sil 200-420',
      'P 420-500',
    ]);
  });

  it('give a pause that sounds to the phones around it, however long it is', () => {
    expect(spell(hum(700), [phone('ɑː', 0, 200), phone('s', 500, 700)])).toEqual([
      'AA 0-200',
      'AA 200-350',
      'S 350-500',
      'S 500-700',
    ]);
  });

  it('hear silence before the first phone and after the last', () => {
    const pcm = new Float32Array(24 * 700);
    pcm.set(hum(300), 24 * 200);
    expect(spell(pcm, [phone('m', 250, 450)])).toEqual([
      'sil 0-180',
      'M 180-250',
      'M 250-450',
      'M 450-500',
      'sil 500-700',
    ]);
  });

  it('are one silence where nothing is said', () => {
    expect(spell(new Float32Array(2400), [])).toEqual(['sil 0-100']);
    expect(spell(hum(100), [phone('?', 0, 50)])).toEqual(['sil 0-100']);
    expect(phoneSpans({ pcm: new Float32Array(0), phones: [] })).toEqual([]);
  });

  it('take stress from the field before the mark, of vowels alone', () => {
    expect(spell(hum(100), [phone('ˈæ', 0, 50, 2), phone('m', 50, 100, 1)])).toEqual([
      'AE2 0-50',
      'M 50-100',
    ]);
  });

  it('share the time of a phone that spells several sounds', () => {
    expect(spell(hum(100), [phone('ts', 0, 100)])).toEqual(['T 0-50', 'S 50-100']);
  });

  it('cut off what lies outside, and let the later of two phones be seen', () => {
    const phones = [phone('m', -50, 40), phone('s', 30, 60), phone('æ', 60, 500), phone('p', 600, 700)];
    expect(spell(hum(100), phones)).toEqual(['M 0-30', 'S 30-60', 'AE 60-100']);
    expect(spell(hum(100), [phone('æ', 50, 100), phone('m', 0, 80)])).toEqual(['M 0-50', 'AE 50-100']);
  });

  it.each([
    [Number.NaN, 10],
    [0, Number.NaN],
    [0, Number.POSITIVE_INFINITY],
    [10, 5],
  ])('refuse a phone from %d to %d', (startMs, endMs) => {
    expect(() => phoneSpans({ pcm: hum(100), phones: [phone('m', startMs, endMs)] })).toThrow(RangeError);
    expect(() => phoneSpans({ pcm: hum(100), phones: [phone('m', startMs, endMs)] })).toThrow(
      /The phone "m" cannot last/,
    );
  });
});
