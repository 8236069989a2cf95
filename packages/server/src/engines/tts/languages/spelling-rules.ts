import type { Phone } from '../arpabet.ts';

/**
 * A rule of spelling: what the letters that a sticky expression matches sound like, as IPA with spaces between the sounds. Rules
 * are tried in order; expressions may look at neighbouring letters, at `_` between two words, and at `'`.
 */
export type SpellingRule = readonly [pattern: RegExp, sounds: string];

/** Consonants that sound as they are written wherever no rule before these says otherwise. */
export const AS_WRITTEN: readonly SpellingRule[] = [...'bdflmnptv'].map((letter) => [
  new RegExp(letter, 'uy'),
  letter,
]);

const VOWEL = /[aeiouyøœɑɐɔəɛɪʊæ]/u;

/**
 * Reads a word by rules.
 * @param word Lower case.
 * @param before The word before it, where no pause comes between; for sounds that depend on it.
 * @param stressAt Index of the letter that bears the stress, -1 for a word without.
 */
export function readByRules(
  word: string,
  before: string,
  rules: readonly SpellingRule[],
  stressAt: number,
): Phone[] {
  const text = `${before}_${word}_`;
  const offset = before.length + 1;
  const phones: Phone[] = [];
  for (let at = offset; at < text.length - 1; ) {
    const { sounds, length } = match(text, at, rules);
    const stressed = stressAt >= 0 && at <= offset + stressAt && offset + stressAt < at + length;
    const found = sounds.split(' ').filter(Boolean);
    // The stress is on the vowel; where a rule gives several, on the last.
    const bearer = stressed ? found.findLastIndex((sound) => VOWEL.test(sound)) : -1;
    for (const [index, ipa] of found.entries()) phones.push({ ipa, stress: index === bearer ? 1 : 0 });
    at += length;
  }
  return phones;
}

function match(
  text: string,
  at: number,
  rules: readonly SpellingRule[],
): { readonly sounds: string; readonly length: number } {
  for (const [pattern, sounds] of rules) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found && found[0].length > 0) return { sounds, length: found[0].length };
  }
  return { sounds: '', length: 1 };
}

/**
 * Index of the letter that bears the stress, counted in nuclei from the end of a word.
 * @param nuclei Matches the letters of each vowel or diphthong; its group 1, where it has one, is the letter that counts.
 * @param fromEnd 0 for the last nucleus, 1 for the last but one. A word with fewer is stressed on its first.
 */
export function stressedLetter(word: string, nuclei: RegExp, fromEnd: number): number {
  const found = [...word.matchAll(nuclei)];
  if (found.length === 0) return -1;
  const nucleus = found[Math.max(0, found.length - 1 - fromEnd)]!;
  return nucleus.index + (nucleus[1] === undefined ? 0 : nucleus[0].indexOf(nucleus[1]));
}
