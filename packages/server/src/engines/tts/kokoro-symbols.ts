import type { Phone } from './arpabet.ts';
import type { SpokenPiece } from './phonemise.ts';

/** A symbol that the model reads, and the phone that it belongs to, if any. */
export interface KokoroSymbol {
  readonly id: number;
  readonly phone: Phone | null;
}

/** The model's symbols, each at its id, as its `config.json` lists them; a space where there is none. */
const VOCABULARY: Readonly<Record<string, number>> = {
  ';': 1,
  ':': 2,
  ',': 3,
  '.': 4,
  '!': 5,
  '?': 6,
  ' ': 16,
  '\u0303': 17,
  ʣ: 18,
  ʥ: 19,
  ʦ: 20,
  ʨ: 21,
  A: 24,
  I: 25,
  O: 31,
  Q: 33,
  S: 35,
  T: 36,
  W: 39,
  Y: 41,
  ᵊ: 42,
  a: 43,
  b: 44,
  c: 45,
  d: 46,
  e: 47,
  f: 48,
  h: 50,
  i: 51,
  j: 52,
  k: 53,
  l: 54,
  m: 55,
  n: 56,
  o: 57,
  p: 58,
  q: 59,
  r: 60,
  s: 61,
  t: 62,
  u: 63,
  v: 64,
  w: 65,
  x: 66,
  y: 67,
  z: 68,
  ɑ: 69,
  ɐ: 70,
  ɒ: 71,
  æ: 72,
  β: 75,
  ɔ: 76,
  ɕ: 77,
  ç: 78,
  ɖ: 80,
  ð: 81,
  ʤ: 82,
  ə: 83,
  ɚ: 85,
  ɛ: 86,
  ɜ: 87,
  ɟ: 90,
  ɡ: 92,
  ɥ: 99,
  ɨ: 101,
  ɪ: 102,
  ʝ: 103,
  ɯ: 110,
  ŋ: 112,
  ɳ: 113,
  ɲ: 114,
  ø: 116,
  θ: 119,
  œ: 120,
  ɹ: 123,
  ɾ: 125,
  ʁ: 128,
  ɽ: 129,
  ʂ: 130,
  ʃ: 131,
  ʈ: 132,
  ʧ: 133,
  ʊ: 135,
  ʋ: 136,
  ʌ: 138,
  ɣ: 139,
  χ: 142,
  ʎ: 143,
  ʒ: 147,
  ʔ: 148,
  ˈ: 156,
  ˌ: 157,
  ː: 158,
  ʰ: 162,
};

/** English vowels and rhotics, which the model writes without length; Hindi's flap, which it learnt as espeak-ng spells it. */
const RESPELT: Readonly<Record<string, string>> = {
  ɽ: 'r.',
  ɽʰ: 'r.h',
  ɑː: 'ɑ',
  ɔː: 'ɔ',
  iː: 'i',
  uː: 'u',
  ɜː: 'ɜɹ',
  ɚ: 'əɹ',
};
/** Sounds of two that have a symbol of their own. */
const LIGATURES: readonly (readonly [string, string])[] = [
  ['tʃ', 'ʧ'],
  ['dʒ', 'ʤ'],
  ['ts', 'ʦ'],
  ['dz', 'ʣ'],
  ['aɪ', 'I'],
  ['eɪ', 'A'],
  ['oʊ', 'O'],
  ['aʊ', 'W'],
  ['ɔɪ', 'Y'],
];
const STRESS_MARKS = ['', 'ˈ', 'ˌ'] as const;

/** The symbols of phones and marks, in misaki's notation, which the model was trained on. */
export function kokoroSymbols(pieces: readonly SpokenPiece[]): KokoroSymbol[] {
  const symbols: KokoroSymbol[] = [];
  const write = (text: string, phone: Phone | null) => {
    for (const symbol of text
      .normalize('NFC')
      .replaceAll('ç', '\ue000')
      .normalize('NFD')
      .replaceAll('\ue000', 'ç')) {
      const id = VOCABULARY[symbol];
      if (id !== undefined) symbols.push({ id, phone });
    }
  };
  for (const piece of pieces) {
    if (piece.type === 'mark') write(piece.mark, null);
    else
      for (const phone of piece.phones) {
        let spelt = RESPELT[phone.ipa] ?? phone.ipa;
        for (const [two, one] of LIGATURES) spelt = spelt.replace(two, one);
        write(STRESS_MARKS[phone.stress] + spelt, phone);
      }
  }
  return symbols;
}
