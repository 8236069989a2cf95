import type { Phone } from './arpabet.ts';
import { pronounce } from './pronounce.ts';

/** A word's phones, or a mark that a voice knows: a space, or punctuation that shapes the melody. */
export type SpokenPiece =
  | { readonly type: 'word'; readonly text: string; readonly phones: readonly Phone[] }
  | { readonly type: 'mark'; readonly mark: string };

const TOKEN = /[A-Za-z]+(?:['’][A-Za-z]+)*['’]?|[,.!?;:]/g;

/** Phones and marks of normalised English text (see `speakable`): letters, apostrophes and punctuation only. */
export function phonemise(text: string): SpokenPiece[] {
  const tokens = text.replaceAll('’', "'").match(TOKEN) ?? [];
  const pieces: SpokenPiece[] = [];
  for (const [index, token] of tokens.entries()) {
    if (!/[A-Za-z]/.test(token)) {
      pieces.push({ type: 'mark', mark: token });
      continue;
    }
    if (pieces.length > 0) pieces.push({ type: 'mark', mark: ' ' });
    const next = tokens[index + 1];
    const before = tokens[index - 1]?.toLowerCase() ?? '';
    const phones = pronounce(token, {
      isLast: !next || !/[A-Za-z]/.test(next),
      isSpelled: isInitials(token, before, next),
      before,
      isBeforeVowel: /^[aeio]/i.test(next ?? ''),
    });
    pieces.push({ type: 'word', text: token, phones });
  }
  return pieces;
}

/** Single capitals other than "I" and "A", and short words in capitals among others that are not, are letters. */
function isInitials(token: string, before: string, next: string | undefined): boolean {
  if (/^[A-Z]'s$/.test(token)) return true;
  if (!/^[A-Z]{1,5}$/.test(token)) return false;
  if (token === 'I') return false;
  if (token === 'A') return LETTERED_PLACES.has(before) || /^[A-Z]$/.test(next ?? '');
  return token.length === 1 || !SPOKEN_CAPITALS.has(token);
}

/** What may be called "A". */
const LETTERED_PLACES: ReadonlySet<string> = new Set(
  'hall room gate plan grade building wing section level platform vitamin type'.split(' '),
);

/** Acronyms that are read as words. */
const SPOKEN_CAPITALS: ReadonlySet<string> = new Set(
  'NASA NATO UNESCO UNICEF LASER RADAR SONAR AIDS OPEC ASCII GIF JPEG RAM ROM PIN OK THE AND NOT YES NO ARE IS IT TO OF IN ON AT BY HE SHE WE YOU THEY VERY ALL MUST DO SO BUT STOP GO PLEASE NEVER NOW HELLO HI WOW ALWAYS THIS THAT'.split(
    ' ',
  ),
);
