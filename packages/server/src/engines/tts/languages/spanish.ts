import type { Phone } from '../arpabet.ts';
import { readByRules, type SpellingRule } from './spelling-rules.ts';

/** Castilian, as the voices were trained: c and z before e and i as in "thin". */
const RULES: readonly SpellingRule[] = [
  [/ch/uy, 'tʃ'],
  [/ll/uy, 'ʎ'],
  [/rr|(?<=_|[nls])r/uy, 'r'],
  [/r/uy, 'ɾ'],
  [/qu(?=[eiéí])|k|c(?![eiéí])|q/uy, 'k'],
  [/gu(?=[eiéí])(?<![aeiouáéíóú]_?gu)/uy, 'ɡ'],
  [/gu(?=[eiéí])/uy, 'ɣ'],
  [/gü(?<![aeiouáéíóú]_?gü)/uy, 'ɡ w'],
  [/gü/uy, 'ɣ w'],
  [/g(?=[eiéí])|j/uy, 'x'],
  [/c|z/uy, 'θ'],
  [/ñ/uy, 'ɲ'],
  [/hu(?=[aeoáéó])/uy, 'w'],
  [/h/uy, ''],
  [/(?<=_)x/uy, 's'],
  [/x/uy, 'k s'],
  [/w/uy, 'w'],
  [/(?<=[aeiouáéíóúüyrls]_?)[bv]/uy, 'β'],
  [/[bv]/uy, 'b'],
  [/(?<=[aeiouáéíóúüyrl]_?)d/uy, 'ð'],
  [/d/uy, 'd'],
  [/(?<=[aeiouáéíóúüyrls]_?)g/uy, 'ɣ'],
  [/g/uy, 'ɡ'],
  [/n(?=_?(?:[gkjq]|c(?![eiéíh])))/uy, 'ŋ'],
  [/n(?=_?[bpvf])/uy, 'm'],
  // Diphthongs; an accent on the weak vowel keeps the two apart.
  [/[aá](?:i(?![aeoáéó])|y(?=_))/uy, 'aɪ'],
  [/[eé](?:i(?![aeoáéó])|y(?=_))/uy, 'eɪ'],
  [/[oó](?:i(?![aeoáéó])|y(?=_))/uy, 'oɪ'],
  [/[aá]u(?![aeoáéó])/uy, 'aʊ'],
  [/[eé]u(?![aeoáéó])/uy, 'eʊ'],
  [/i(?=[aeouáéóú])/uy, 'j'],
  [/u(?=[aeoiáéóí])/uy, 'w'],
  [/(?<=u)y(?=_)/uy, 'j'],
  [/(?<=_)y(?=_)/uy, 'i'],
  [/y(?=_)/uy, 'i'],
  [/y/uy, 'ʝ'],
  [/[aá]/uy, 'a'],
  [/[eé]/uy, 'e'],
  [/[ií]/uy, 'i'],
  [/[oó]/uy, 'o'],
  [/[uúü]/uy, 'u'],
  [/f/uy, 'f'],
  [/l/uy, 'l'],
  [/m/uy, 'm'],
  [/n/uy, 'n'],
  [/p/uy, 'p'],
  [/s/uy, 's'],
  [/t/uy, 't'],
];

/** A vowel with the weak ones around it; the strong one counts, of two weak ones the second. */
const NUCLEI =
  /(?<=[qg])u(?=[ei])([ei])|[iuü]?([aeo])[iuy]?(?![aeo])|[iuü]?([aeo])|[iu]([iu])|([iu])|(y)(?![aeiou])/gu;
const ACCENT = /[áéíóú]/u;

const UNSTRESSED: ReadonlySet<string> = new Set(
  'el la los las lo le les de del en con por para que y o u e a al su sus mi mis tu tus se me te nos os si pero sin un una'.split(
    ' ',
  ),
);

/** Phones of a Spanish word in lower case. @param before The word before it, unless a pause comes between. */
export function pronounceSpanish(word: string, before: string): Phone[] {
  return readByRules(word, before, RULES, UNSTRESSED.has(word) ? -1 : stressOf(word));
}

function stressOf(word: string): number {
  const accent = word.search(ACCENT);
  if (accent >= 0) return accent;
  const nuclei = [...word.matchAll(NUCLEI)];
  if (nuclei.length === 0) return -1;
  const nucleus = nuclei[Math.max(0, nuclei.length - (/[aeiouns]$/u.test(word) ? 2 : 1))]!;
  const letter = nucleus.slice(1).find((group) => group !== undefined) ?? nucleus[0];
  return nucleus.index + nucleus[0].lastIndexOf(letter);
}
