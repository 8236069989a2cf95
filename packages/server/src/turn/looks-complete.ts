/** Words that hardly ever end a sentence: after them a speaker is most likely looking for the next word. */
const HANGING_WORDS = new Set(
  (
    'a an the and or but so because if when while which whether to in at by for with from as than into onto between my your ' +
    'his her our their i we they am would could should um uh er erm hmm mm ' +
    'about after before near under over through without during until'
  ).split(' '),
);

/** After these no question ends either, whatever mark a recogniser puts: "Is there a place where we could get a?" */
const HANGING_EVEN_IN_QUESTIONS = new Set('a an the if while whether my your our their'.split(' '));

/** Whether a transcript reads like a finished turn: its last word can end one and its punctuation does not trail off. */
export function looksComplete(text: string): boolean {
  const trimmed = text.trim().replace(/["'”’)]+$/u, '');
  if (trimmed === '' || /(?:,|;|:|-|–|—|\.\.\.|…)$/u.test(trimmed)) return false;
  const lastWord = /([\p{L}'’]+)[.?!]*$/u.exec(trimmed)?.[1]?.toLowerCase();
  if (lastWord === undefined) return true;
  const hanging = /[?!]$/u.test(trimmed) ? HANGING_EVEN_IN_QUESTIONS : HANGING_WORDS;
  return !hanging.has(lastWord);
}
