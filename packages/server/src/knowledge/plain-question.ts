import { dictionary } from 'cmu-pronouncing-dictionary';
import { stem } from './content-words.ts';

/** What people in a hurry leave out or say otherwise; the right side is what texts say. */
const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/\b(what|where|when|who|how)(?:s|'s|’s)\b/giu, '$1 is'],
  [/\b(is|are|was|were|do|does|did|has|have|ca|could|wo|would|should)n['’]?t\b/giu, '$1 not'],
  [/\bpls\b|\bplz\b/giu, ''],
];

/** Words of everyday speech and what a text that informs people calls the same. */
const SAME = new Map(
  (
    'loo:toilet loos:toilets bathroom:toilet bathrooms:toilets restroom:toilet restrooms:toilets washroom:toilet wc:toilet ' +
    'grownup:adult grownups:adults kid:child kids:children mum:mother mom:mother dad:father grandma:grandmother grandpa:grandfather ' +
    'tv:television telly:television fridge:refrigerator photo:photograph photos:photographs pic:photograph pics:photographs ' +
    'subway:underground metro:underground cab:taxi motor:engine bike:bicycle bikes:bicycles icu:intensive flat:apartment ' +
    'cellphone:mobile phone:telephone boss:director cheaper:reduced discount:reduced fee:price cost:price'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

/** What is asked of things, whether or not a text says the word. */
const ASKED_OF = new Set(
  (
    'height weight length width depth price prices ticket tickets opening closing visiting hours address entrance admission discount ' +
    'reduced student students pensioner children family parking station restaurant breakfast dinner lunch toilet toilets telephone ' +
    'password birthday annual yearly monthly language languages appointment reservation available allowed'
  ).split(' '),
);

/** Shorter words have too many neighbours to be corrected. */
const SHORTEST_CORRECTED = 5;

/** A question as it is looked up: contractions spelt out, words that nobody writes so put right by those of the texts. */
export function plainQuestion(question: string, vocabulary: ReadonlySet<string>, language: string): string {
  if (language !== 'en') return question;
  let plain = question;
  for (const [spoken, meant] of SPOKEN) plain = plain.replace(spoken, meant);
  const stems = new Set([...vocabulary].map((word) => stem(word, language)));
  return plain
    .replace(/\p{L}{3,}/gu, (word) => {
      const lower = word.toLowerCase();
      const same = SAME.get(lower);
      // Both words stay, as a text may have either.
      if (same && !vocabulary.has(lower)) return same;
      if (lower.length < SHORTEST_CORRECTED || vocabulary.has(lower) || stems.has(stem(lower, language)))
        return word;
      if (lower in dictionary || /^\p{Lu}/u.test(word)) return word;
      return nearest(lower, vocabulary) ?? nearest(lower, ASKED_OF) ?? word;
    })
    .replace(/\s+/gu, ' ')
    .trim();
}

function nearest(word: string, vocabulary: ReadonlySet<string>): string | undefined {
  const most = word.length >= 8 ? 2 : 1;
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const other of vocabulary) {
    if (Math.abs(other.length - word.length) > most || other.length < 4) continue;
    const distance = typingDistance(word, other);
    if (distance >= bestDistance) continue;
    best = other;
    bestDistance = distance;
  }
  return best;
}

/** Letters to insert, leave out, change or swap with their neighbour (Damerau 1964). */
function typingDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
