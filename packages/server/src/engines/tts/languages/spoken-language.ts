import type { SpokenPiece } from '../phonemise.ts';

/** How a voice reads the text of one language. */
export interface SpokenLanguage {
  /** ISO 639-1. */
  readonly code: string;
  /** Writes text as it is spoken: no digits, no signs, no markup; letters, apostrophes and `, . ! ? ; :` are left. */
  speakable(text: string): string;
  /** Phones and marks of text that `speakable` has written. */
  phonemise(text: string): SpokenPiece[];
}
