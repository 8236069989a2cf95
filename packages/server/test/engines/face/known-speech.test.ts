import { PHONE_SYMBOLS } from '@parley/sdk';
import { describe, expect, it } from 'vitest';
import type { TimedPhone } from '../../../src/engines/contracts.ts';
import { KnownSpeech, type SpeechWindow } from '../../../src/engines/face/known-speech.ts';

const GRID = { hopSamples: 800, samplesPerLabel: 400, symbols: PHONE_SYMBOLS };
const phone = (ipa: string, startSample: number, endSample: number): TimedPhone => ({
  phone: ipa,
  startSample,
  endSample,
});
const loud = (samples: number) => new Float32Array(samples).fill(0.5);
const spell = ({ phones, stress }: SpeechWindow) =>
  [...phones].map((index, i) => PHONE_SYMBOLS[index]! + (stress[i] || '')).join(' ');

describe('KnownSpeech', () => {
  it('labels 60 times a second what fills most of each label', () => {
    const speech = new KnownSpeech(GRID);
    speech.push({ pcm: loud(2400), phones: [phone('m', 0, 700), phone('ˈæ', 700, 2400)] });
    const region = speech.regionAt(0)!;
    expect(region).toEqual({ startSample: 0, endSample: 2400 });
    expect(spell(speech.window(0, 3, region))).toBe('M M AE1 AE1 AE1 AE1');
    const around = speech.window(-1, 5, region);
    expect(spell(around)).toBe('sil sil M M AE1 AE1 AE1 AE1 sil sil');
    expect([...around.audio.subarray(799, 801)]).toEqual([0, 0.5]);
    expect([...around.audio.subarray(3199, 3201)]).toEqual([0.5, 0]);
  });

  it('shows a closure of 10 ms that fills most of no label', () => {
    const speech = new KnownSpeech(GRID);
    speech.push({
      pcm: loud(4000),
      phones: [phone('æ', 0, 1880), phone('b', 1880, 2120), phone('æ', 2120, 4000)],
    });
    expect(spell(speech.window(0, 5, speech.regionAt(0)!))).toBe('AE AE AE AE B AE AE AE AE AE');
  });

  it('counts in samples of the utterance, wherever its pieces meet', () => {
    const speech = new KnownSpeech(GRID);
    speech.push({ pcm: loud(1000), phones: [phone('s', 0, 1000)] });
    speech.push({ pcm: loud(1400), phones: [phone('m', 0, 1400)] });
    expect(spell(speech.window(0, 3, speech.regionAt(1500)!))).toBe('S S S M M M');
  });

  it('ends where phones are unknown, and forgets what lies behind', () => {
    const speech = new KnownSpeech(GRID);
    speech.push({ pcm: loud(800), phones: [phone('s', 0, 800)] });
    speech.push(loud(800));
    speech.push({ pcm: loud(800), phones: [phone('m', 0, 800)] });
    expect(speech.regionAt(0)).toEqual({ startSample: 0, endSample: 800 });
    expect(speech.regionAt(800)).toBeNull();
    expect(speech.regionAt(1600)).toEqual({ startSample: 1600, endSample: 2400 });
    expect(speech.regionAt(2400)).toBeNull();
    expect(spell(speech.window(0, 3, speech.regionAt(0)!))).toBe('S S sil sil sil sil');
    speech.forget(1600);
    expect(speech.regionAt(0)).toBeNull();
    expect(speech.regionAt(1600)).not.toBeNull();
  });
});
