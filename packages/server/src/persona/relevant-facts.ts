/** Words that say nothing about what a question is about. */
const STOP_WORDS = new Set(
  (
    'a an the is are was were be been do does did have has had can could will would should may i you he she it we they ' +
    'me him her us them my your his its our their this that these those of in on at to for from with by about and or ' +
    'but not no yes so if as what who whom which when where why how there here tell know please much many any some ' +
    'very just like also than then'
  ).split(' '),
);

/** What a question word asks for. */
const ASKED: readonly (readonly [RegExp, RegExp])[] = [
  [/\bwhen\b|\bhow old\b|\bwhat (?:year|time)\b/iu, /\d|open|clos|century|year|built|founded/iu],
  [
    /\bhow (?:much|many)\b|\bcost\b|\bprice\b/iu,
    /\d|euro|free|ticket|one|two|three|four|five|six|hundred|thousand/iu,
  ],
  [/\bwhere\b/iu, /\b(?:in|on|at|near|behind|beside|under|left|right|next)\b/iu],
  [/\bwho\b/iu, /\p{Lu}\p{L}+ \p{Lu}\p{L}+|founder|made|built|wrote/u],
];

/**
 * The facts that share the rarest words with a question, best first; a plain lexical score (inverse document frequency
 * over crude stems). Nothing is returned for a question that shares no word with any fact.
 */
export function relevantFacts(facts: readonly string[], question: string, count = 3): string[] {
  const documents = facts.map(stems);
  const frequency = new Map<string, number>();
  for (const document of documents)
    for (const stem of document) frequency.set(stem, (frequency.get(stem) ?? 0) + 1);
  const asked = stems(question);
  const scores = documents.map((document, index) => {
    let score = 0;
    for (const stem of asked)
      if (document.has(stem)) score += Math.log(1 + facts.length / (frequency.get(stem) ?? 1));
    if (score > 0)
      for (const [questionWord, sign] of ASKED)
        if (questionWord.test(question) && sign.test(facts[index])) score += 0.3;
    return { index, score };
  });
  return scores
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => facts[index]);
}

function stems(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(stem));
}

function stem(word: string): string {
  if (word.length < 4) return word;
  return word.replace(/(?:ies|es|s|ed|ing|ly|er)$/u, '').slice(0, 7);
}
