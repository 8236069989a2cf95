import type { Fact } from './persona.ts';

/** Words that say nothing about what a question is about. */
const STOP_WORDS = new Set(
  (
    'a an the is are was were be been do does did have has had can could will would should may i you he she it we they ' +
    'me him her us them my your his its our their this that these those of in on at to for from with by about and or ' +
    'but not no yes so if as what who whom which when where why how there here tell know please much many any some ' +
    'very just like also than then too get got one two three four five six seven eight nine ten'
  ).split(' '),
);

/** What an asked-for kind of answer looks like: a tie between facts goes to the one that has it. */
const ASKED: readonly (readonly [RegExp, RegExp])[] = [
  [/\bwhen\b|\bhow old\b|\bwhat (?:year|time)\b/iu, /\d|\bopen|\bclose|century|\byears?\b/iu],
  [/\bhow (?:much|many)\b|\bcosts?\b|\bprice\b/iu, /\d|euro|free|ticket/iu],
  [/\bwhere\b/iu, /\b(?:in|on|at|near|behind|beside|under|left|right|next)\b/iu],
  [/\bwho\b/iu, /\p{Lu}\p{L}+ \p{Lu}\p{L}+/u],
];

/** A fact whose `about` names the question's own words beats any number of shared words, and needs no second fact. */
const ABOUT_SCORE = 20;
const ASKED_SCORE = 0.4;
/** Facts that score less than this share of the best one only distract. */
const SHARE_OF_BEST = 0.6;

/**
 * The facts that a question is about, best first: a plain lexical score, the inverse document frequency of the stems
 * they share (Sparck Jones 1972). Empty for a question that shares no word with any fact.
 *
 * @param count Facts at most.
 */
export function relevantFacts(facts: readonly Fact[], question: string, count = 2): string[] {
  const documents = facts.map((fact) => stems(fact.text));
  const frequency = new Map<string, number>();
  for (const document of documents)
    for (const stem of document) frequency.set(stem, (frequency.get(stem) ?? 0) + 1);
  const asked = stems(question);
  const plain = ` ${(question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')} `;
  const scored = facts.map(({ text, about }, index) => {
    let score = about.some((phrase) => plain.includes(` ${phrase.toLowerCase()} `)) ? ABOUT_SCORE : 0;
    for (const stem of asked)
      if (documents[index].has(stem)) score += Math.log(1 + facts.length / (frequency.get(stem) ?? 1));
    if (score > 0)
      for (const [questionWord, sign] of ASKED)
        if (questionWord.test(question) && sign.test(text)) score += ASKED_SCORE;
    return { text, score };
  });
  const best = Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score > 0 && score >= SHARE_OF_BEST * best)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ text }) => text);
}

function stems(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem));
}

/** Crude on purpose: "closes", "closed" and "close" meet, and so do "photos" and "photographs". */
function stem(word: string): string {
  if (word.length < 4) return word;
  return word.replace(/(?:ies|es|s|ed|ing|ly|er|e)$/u, '').slice(0, 5);
}
