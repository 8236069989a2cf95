import type { Phone } from '../arpabet.ts';
import type { SpokenPiece } from '../phonemise.ts';

/** Devanagari writes its vowels as marks on the letters. */
const TOKEN = /[\p{L}\p{M}]+(?:'[\p{L}\p{M}]+)*'?|[,.!?;:]/gu;

/**
 * Phones and marks of text in a language whose words are read by rules.
 * @param pronounce Reads a word in lower case, given the word before it, or '' after a pause.
 */
export function phonemiseByRules(
  text: string,
  pronounce: (word: string, before: string) => Phone[],
): SpokenPiece[] {
  const pieces: SpokenPiece[] = [];
  let before = '';
  for (const token of text.normalize('NFC').replaceAll('’', "'").match(TOKEN) ?? []) {
    if (!/\p{L}/u.test(token)) {
      pieces.push({ type: 'mark', mark: token });
      before = '';
      continue;
    }
    if (pieces.length > 0) pieces.push({ type: 'mark', mark: ' ' });
    const phones: Phone[] = [];
    // An elided word ("l'eau", "dell'arte") is spoken with the next as one.
    for (const part of token.toLowerCase().split("'").filter(Boolean)) {
      phones.push(...pronounce(part, before));
      before = part;
    }
    pieces.push({ type: 'word', text: token, phones });
  }
  return pieces;
}
