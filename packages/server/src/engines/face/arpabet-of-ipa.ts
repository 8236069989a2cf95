import type { PhoneSymbol } from '@parley/sdk';

/** A sound as the articulator knows it. */
export interface ArpabetPhone {
  readonly symbol: PhoneSymbol;
  /** 0 none, 1 primary, 2 secondary; consonants have 0. */
  readonly stress: 0 | 1 | 2;
}

/**
 * IPA, as espeak-ng (Piper) and misaki (Kokoro, capitals for diphthongs) write it, to the ARPABET phone whose lips are
 * nearest. The first group is American English; the others are sounds of further languages.
 */
const NEAREST: Readonly<Record<PhoneSymbol, string>> = {
  sil: '',
  AA: 'ɑ a ɒ ɑɹ ä ɶ',
  AE: 'æ',
  AH: 'ʌ ə ɐ ᵊ ɤ ɘ ɜ̃',
  AO: 'ɔ ɔɹ',
  AW: 'aʊ aw W æʊ au',
  AY: 'aɪ aj I ai ɑɪ',
  B: 'b ɓ ʙ',
  CH: 'tʃ ʧ tɕ ʨ tʂ c',
  D: 'd ɾ ɖ ɗ ɽ T',
  DH: 'ð',
  EH: 'ɛ eə ɛə',
  ER: 'ɜ ɚ ɝ ɜɹ əɹ ɞ',
  EY: 'eɪ e A ej ɛɪ',
  F: 'f ɸ pf',
  G: 'ɡ g ɠ ɣ ɢ ɰ ʁ ʀ',
  HH: 'h ɦ x χ ħ ʕ ʜ ç',
  IH: 'ɪ ɨ ᵻ ɯ ɪə',
  IY: 'i',
  JH: 'dʒ ʤ dʑ ʥ ɟ',
  K: 'k q',
  L: 'l ɫ ɭ ʎ ɬ ɺ',
  M: 'm',
  N: 'n ɲ ɳ',
  NG: 'ŋ ɴ',
  OW: 'oʊ əʊ o O Q ow ou',
  OY: 'ɔɪ Y ɔj oɪ',
  P: 'p ʘ',
  R: 'ɹ r ɻ',
  S: 's',
  SH: 'ʃ ʂ ɕ ɧ',
  T: 't ʔ ʈ ʡ ǀ ǃ ǂ ǁ',
  TH: 'θ',
  UH: 'ʊ ʏ ø œ ʊə ɵ',
  UW: 'u y ʉ',
  V: 'v ʋ β ⱱ ɱ',
  W: 'w ʍ ɥ',
  Y: 'j ʝ',
  Z: 'z ɮ',
  ZH: 'ʒ ʐ ʑ',
};

const SYMBOL_OF: ReadonlyMap<string, PhoneSymbol> = new Map(
  Object.entries(NEAREST).flatMap(([symbol, spellings]) =>
    spellings
      .split(' ')
      .filter(Boolean)
      .map((ipa) => [ipa, symbol as PhoneSymbol] as const),
  ),
);

const LONGEST = Math.max(...[...SYMBOL_OF.keys()].map((ipa) => ipa.length));
/** Length, nasality, devoicing, aspiration, tie bars, tones: nothing that the table's lips depend on. */
const DIACRITICS = /[\u0300-\u036f\u02b0-\u02ff]/gu;
const VOWEL = /^(A[AEHOWY]|E[HRY]|I[HY]|O[WY]|U[HW])$/;
const STRESS_MARKS: Readonly<Record<string, 1 | 2>> = { ˈ: 1, ˌ: 2 };

/**
 * The sounds that an IPA text spells, in order. A stress mark belongs to the next vowel. A letter that is in no table
 * stands for AH, whose lips are the most neutral; other characters are silence.
 * @param ipa One or more IPA symbols, with or without marks of stress and length.
 */
export function arpabetOfIpa(ipa: string): ArpabetPhone[] {
  const phones: ArpabetPhone[] = [];
  let stress: 0 | 1 | 2 = 0;
  let rest = ipa.normalize('NFC').replaceAll('ç', '\ue000').normalize('NFD');
  rest = rest.replace(/[ˈˌ]/gu, (mark) => (mark === 'ˈ' ? '\ue001' : '\ue002'));
  rest = rest
    .replace(DIACRITICS, '')
    .replaceAll('\ue000', 'ç')
    .replaceAll('\ue001', 'ˈ')
    .replaceAll('\ue002', 'ˌ');
  while (rest) {
    const mark = STRESS_MARKS[rest[0]!];
    if (mark) {
      stress = mark;
      rest = rest.slice(1);
      continue;
    }
    let length = Math.min(LONGEST, rest.length);
    while (length > 0 && !SYMBOL_OF.has(rest.slice(0, length))) length--;
    const letter = String.fromCodePoint(rest.codePointAt(0)!);
    const symbol = SYMBOL_OF.get(rest.slice(0, length)) ?? (/\p{L}/u.test(letter) ? 'AH' : 'sil');
    rest = rest.slice(length || letter.length);
    const isVowel = VOWEL.test(symbol);
    phones.push({ symbol, stress: isVowel ? stress : 0 });
    if (isVowel) stress = 0;
  }
  return phones;
}

/** Whether lips and tongue close for it, so that its first part is silent. */
export function hasSilentClosure(symbol: PhoneSymbol): boolean {
  return CLOSURES.has(symbol);
}

const CLOSURES: ReadonlySet<PhoneSymbol> = new Set(['P', 'B', 'T', 'D', 'K', 'G', 'M', 'CH', 'JH']);
