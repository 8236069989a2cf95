import type { Phone } from '../arpabet.ts';
import { AS_WRITTEN, readByRules, type SpellingRule } from './spelling-rules.ts';

const V = 'aeiouáâãàéêíóôõúü';

/** Brazilian, as the voices were trained. Letters that bear the stress are written in capitals before the rules see them. */
const RULES: readonly SpellingRule[] = [
  [/ch/uy, 'ʃ'],
  [/lh/uy, 'ʎ'],
  [/nh/uy, 'ɲ'],
  [/rr|(?<=_|[nls])r/uy, 'x'],
  [/(?<=[aeiouAEIOU])r(?=_|[bcdfgjklmnpqstvxz])/uy, 'ɾ'],
  [/r/uy, 'ɾ'],
  [/qu(?=[eiEI])|k|c(?![eiEI])|q/uy, 'k'],
  [/ç|sc(?=[eiEI])|ss|c/uy, 's'],
  [/gu(?=[eiEI])/uy, 'ɡ'],
  [/g(?=[eiEI])|j/uy, 'ʒ'],
  [/g/uy, 'ɡ'],
  [/h/uy, ''],
  [/(?<=_[eE])x(?=[aeiouAEIOU])/uy, 'z'],
  [/(?<=_[eE])x/uy, 's'],
  [/x(?=_)/uy, 'k s'],
  [/x/uy, 'ʃ'],
  [/(?<=[aeiouãõAEIOUÃÕ])s(?=[aeiouãõAEIOUÃÕ])|s(?=_?[bdgvmnlrz])/uy, 'z'],
  [/s/uy, 's'],
  [/z(?=_)/uy, 's'],
  [/z/uy, 'z'],
  [/t(?=[iI]|es?_)/uy, 'tʃ'],
  [/d(?=[iI]|es?_)/uy, 'dʒ'],
  // Nasal vowels.
  [/[Ãã]o/uy, 'ɐ̃ʊ̃'],
  [/[Ãã]e/uy, 'ɐ̃ɪ̃'],
  [/[Õõ]e/uy, 'õɪ̃'],
  [/[Ãã]/uy, 'ɐ̃'],
  [/[Õõ]/uy, 'õ'],
  [/am(?=_)/uy, 'ɐ̃ʊ̃'],
  [/Em(?=_)|Ens(?=_)|em(?=_)/uy, 'eɪ ŋ'],
  [/ens(?=_)/uy, 'eɪ ŋ s'],
  [/Om(?=_)/uy, 'o ŋ'],
  [/Um(?=_)|um(?=_)/uy, 'ũ ŋ'],
  [/Im(?=_)|im(?=_)/uy, 'i ŋ'],
  [/[Aa](?=[mn][bcdfgjklpqstvxz])/uy, 'ɐ̃'],
  [/A(?=m|n)/uy, 'ɐ̃'],
  [/[Ee](?=[mn][bcdfgjklpqstvxz])/uy, 'eɪ'],
  [/n(?=[bpcdfgjkqstvxz])/uy, 'ŋ'],
  [/n(?=_)/uy, 'ŋ'],
  // Falling diphthongs.
  [/([Aa])i(?![mn](?:_|[bcdfgptz]))/uy, 'aɪ'],
  [/([Ee])i/uy, 'eɪ'],
  [/([Oo])i/uy, 'oɪ'],
  [/([Uu])i(?![mn])/uy, 'uɪ'],
  [/([Aa])u/uy, 'aʊ'],
  [/([Ee])u/uy, 'eʊ'],
  [/([Ii])u/uy, 'iʊ'],
  [/([Oo])u/uy, 'o'],
  [/l(?=_|[bcdfgjkmnpqrstvxz])/uy, 'w'],
  [/(?<=[qgQG])[uü](?=[aoAO])/uy, 'w'],
  // Ends of words.
  [/a(?=s?_)/uy, 'æ'],
  [/e(?=s?_)/uy, 'y'],
  [/o(?=s?_)/uy, 'ʊ'],
  [/i(?=[aoAO])/uy, 'j'],
  [/A|a/uy, 'a'],
  [/Ê/uy, 'e'],
  [/É/uy, 'ɛ'],
  [/E|e/uy, 'e'],
  [/I|i|y/uy, 'i'],
  [/Ô/uy, 'o'],
  [/Ó/uy, 'ɔ'],
  [/O|o/uy, 'o'],
  [/U|u|ü/uy, 'u'],
  [/w/uy, 'w'],
  ...AS_WRITTEN,
];

const UNSTRESSED: ReadonlySet<string> = new Set(
  'o a os as um uns de do da dos das em no na nos nas e ou que se me te lhe por para com ao aos à às pelo pela'.split(
    ' ',
  ),
);
/** Open in these endings and words. */
const OPEN_E = /(?:ela|elas|elo_|erto|erta|esta|estas|ete|ética|ico)$/u;
const OPEN_O = /(?:ora|oras|osa|osas|ola|olas|oje|ossa|osso_|ota|ofa|ogo_|ó)$/u;

/** Phones of a Brazilian Portuguese word in lower case. @param before The word before it, unless a pause comes between. */
export function pronouncePortuguese(word: string, before: string): Phone[] {
  const stressAt = UNSTRESSED.has(word) ? -1 : stressOf(word);
  const phones = readByRules(marked(word, stressAt), before, RULES, stressAt);
  const opened = OPEN_E.test(word) ? 'ɛ' : OPEN_O.test(word) ? 'ɔ' : null;
  if (!opened) return phones;
  const closed = opened === 'ɛ' ? 'e' : 'o';
  return phones.map((phone) =>
    phone.stress === 1 && phone.ipa === closed ? { ...phone, ipa: opened } : phone,
  );
}

/** The stressed letter in capitals; accents that only mark the stress are taken off. */
function marked(word: string, stressAt: number): string {
  return [...word]
    .map((letter, at) => {
      const plain = PLAIN[letter] ?? letter;
      return at === stressAt ? (KEPT.has(letter) ? letter : plain).toUpperCase() : plain;
    })
    .join('');
}

const PLAIN: Readonly<Record<string, string>> = {
  á: 'a',
  à: 'a',
  â: 'a',
  é: 'e',
  ê: 'e',
  í: 'i',
  ó: 'o',
  ô: 'o',
  ú: 'u',
};
/** Their accent tells the vowel as well. */
const KEPT: ReadonlySet<string> = new Set([...'éêóôãõ']);

function stressOf(word: string): number {
  const accent = word.search(/[áâéêíóôú]/u);
  if (accent >= 0) return accent;
  const tilde = word.search(/[ãõ]/u);
  if (tilde >= 0) return tilde;
  const nuclei: number[] = [];
  for (let at = 0; at < word.length; at++) {
    const letter = word[at]!;
    if (!V.includes(letter)) continue;
    const [before, after] = [word[at - 1] ?? '', word[at + 1] ?? ''];
    if (letter === 'u' && /[qg]/u.test(before) && V.includes(after)) continue;
    // A weak vowel after another one is part of its syllable.
    if (
      /[iu]/u.test(letter) &&
      /[aeou]/u.test(before) &&
      !(before === 'u' && /[qg]/u.test(word[at - 2] ?? ''))
    )
      continue;
    nuclei.push(at);
  }
  if (nuclei.length === 0) return -1;
  const isLast = !/(?:[aeo]s?|[ae]m|ens)$/u.test(word) || /[^qg]u[io]s?$/u.test(word);
  return nuclei[Math.max(0, nuclei.length - (isLast ? 1 : 2))]!;
}
