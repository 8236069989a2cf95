import { PHONE_SYMBOLS } from '@parley/sdk';
import { describe, expect, it } from 'vitest';
import { arpabetOfIpa } from '../../../src/engines/face/arpabet-of-ipa.ts';
import { phonesOfArpabet } from '../../../src/engines/tts/arpabet.ts';

const spell = (ipa: string) =>
  arpabetOfIpa(ipa)
    .map(({ symbol, stress }) => symbol + (stress || ''))
    .join(' ');

describe('arpabetOfIpa', () => {
  it('takes back every phone that the Piper voice is given', () => {
    for (const symbol of PHONE_SYMBOLS.filter((name) => name !== 'sil'))
      for (const spelling of /^[AEIOU]/.test(symbol) ? [`${symbol}0`, `${symbol}1`] : [symbol]) {
        const [phone] = phonesOfArpabet(spelling);
        expect(spell(phone!.ipa), spelling).toBe(symbol);
      }
  });

  it.each([
    // misaki, as Kokoro reads it
    ['A', 'EY'],
    ['I', 'AY'],
    ['O', 'OW'],
    ['Q', 'OW'],
    ['W', 'AW'],
    ['Y', 'OY'],
    ['ʤ', 'JH'],
    ['ʧ', 'CH'],
    ['ɜɹ', 'ER'],
    ['əɹ', 'ER'],
    ['ɾ', 'D'],
    ['ᵊ', 'AH'],
    ['ᵻ', 'IH'],
    ['həlˈO', 'HH AH L OW1'],
    // marks
    ['ˈæ', 'AE1'],
    ['ˌiː', 'IY2'],
    ['ˈpɑː', 'P AA1'],
    ['t͡ʃ', 'CH'],
    ['pʰ', 'P'],
    ['ɑ̃', 'AA'],
    ['l̩', 'L'],
    // other languages
    ['y', 'UW'],
    ['ø', 'UH'],
    ['œ', 'UH'],
    ['ç', 'HH'],
    ['x', 'HH'],
    ['ʁ', 'G'],
    ['r', 'R'],
    ['β', 'V'],
    ['ɸ', 'F'],
    ['ɱ', 'V'],
    ['ɲ', 'N'],
    ['ʎ', 'L'],
    ['ɥ', 'W'],
    ['ɕ', 'SH'],
    ['ʂ', 'SH'],
    ['ɒ', 'AA'],
    ['ts', 'T S'],
    ['aɪə', 'AY AH'],
    // what is in no table
    ['ж', 'AH'],
    ['', ''],
    [' ', 'sil'],
    ['?', 'sil'],
    ['😀', 'sil'],
  ])('hears %j as %j', (ipa, symbols) => {
    expect(spell(ipa)).toBe(symbols);
  });
});
