/** Whether two texts have the same words, whatever their punctuation and case. */
export function sameWords(a: string, b: string): boolean {
  return words(a).join(' ') === words(b).join(' ');
}

/** Shortest text whose words are compared; "yes" is everybody's word. */
const LEAST_WORDS = 3;
/** Share of pairs of words that tells an echo. */
const ECHO_SHARE = 0.7;

/**
 * Whether what was heard is what was said: most pairs of neighbouring words of `heard` are in `said`. A microphone that picks
 * up a loudspeaker leads to such texts.
 */
export function repeatsWords(heard: string, said: string): boolean {
  const mine = words(heard);
  if (mine.length < LEAST_WORDS) return false;
  const theirs = words(said);
  const pairs = new Set(theirs.slice(1).map((word, i) => `${theirs[i]} ${word}`));
  const repeated = mine.slice(1).filter((word, i) => pairs.has(`${mine[i]} ${word}`));
  return repeated.length >= ECHO_SHARE * (mine.length - 1);
}

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
