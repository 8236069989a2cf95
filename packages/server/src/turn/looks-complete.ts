/** Words that hardly ever end a sentence: after them a speaker is most likely looking for the next word. */
const HANGING_WORDS = new Set(
  (
    'a an the and or but so because if when while which whether to in at by for with from as than into onto between my your ' +
    'his her our their i we they am would could should um uh er erm hmm mm ' +
    'about after before near under over through without during until'
  ).split(' '),
);

/** Whether a transcript reads like a finished turn: its last word can end one and its punctuation does not trail off. */
export function looksComplete(text: string): boolean {
  const trimmed = text.trim().replace(/["'”’)]+$/u, '');
  if (trimmed === '' || /(?:,|;|:|-|–|—|\.\.\.|…)$/u.test(trimmed)) return false;
  const lastWord = /([\p{L}'’]+)[.?!]*$/u.exec(trimmed)?.[1]?.toLowerCase();
  if (lastWord === undefined) return true;
  return /[?!]$/u.test(trimmed) || !HANGING_WORDS.has(lastWord);
}
