import { describe, expect, it } from 'vitest';
import { letterToSound } from '../../src/engines/tts/letter-to-sound.ts';
import { phonemise } from '../../src/engines/tts/phonemise.ts';

const MARKS = ['', 'ˈ', 'ˌ'];
const ipa = (text: string) =>
  phonemise(text)
    .map((piece) =>
      piece.type === 'mark'
        ? piece.mark
        : piece.phones.map((phone) => MARKS[phone.stress] + phone.ipa).join(''),
    )
    .join('');

describe('phonemise', () => {
  it.each([
    ['Hello, world!', 'həlˈoʊ, wˈɜːld!'],
    ['the cat and the apple', 'ðə kˈæt ənd ði ˈæpəl'],
    ["visitors' maps", 'vˈɪzɪtɚz mˈæps'],
    ['the FBI', 'ðə ˈɛf bˈiː ˈaɪ'],
    ['NASA', 'nˈæsə'],
    ['nine A M', 'nˈaɪn ˈeɪ ˈɛm'],
    ['Hall A', 'hˈɔːl ˈeɪ'],
    ["two N P C's", 'tˈuː ˈɛn pˈiː sˈiːz'],
    ['moonrock', 'mˈuːnɹˌɑːk'],
  ])('%s', (text, expected) => {
    // The initials "FBI" are one word of three letters.
    expect(ipa(text).replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
  });

  it.each([
    ['I have read it', 'ɹˈɛd'],
    ['I will read it', 'ɹˈiːd'],
    ['please close the door', 'klˈoʊz'],
    ['it is close to here', 'klˈoʊs'],
    ['a live show', 'lˈaɪv'],
    ['they live here', 'lˈɪv'],
  ])('"%s" has %s', (text, expected) => {
    expect(ipa(text)).toContain(expected);
  });

  it('keeps only punctuation and phones', () => {
    expect(phonemise('日本 — 123')).toEqual([]);
  });
});

describe('letterToSound', () => {
  it.each([
    ['blick', 'B L IH1 K'],
    ['shane', 'SH EY1 N'],
    ['zotch', 'Z AA1 CH'],
    ['frabble', 'F R AE1 B AH0 L'],
    ['thrape', 'TH R EY1 P'],
  ])('reads "%s"', (word, expected) => {
    expect(letterToSound(word)).toBe(expected);
  });

  it('puts one primary stress on every word of random letters', () => {
    let state = 1;
    const letter = () => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCharCode(97 + (state % 26));
    };
    for (let i = 0; i < 500; i++) {
      const word = Array.from({ length: 1 + (i % 12) }, letter).join('');
      const stresses = letterToSound(word).match(/1/g) ?? [];
      expect(stresses.length, word).toBeLessThanOrEqual(1);
    }
  });
});
