const SPELLINGS: Readonly<Record<string, string>> = {
  '3': 'three',
  '4': 'four',
  '6': 'six',
  '7': 'seven',
  '8': 'eight',
  '12': 'twelve',
  '17': 'seventeen',
  okay: 'ok',
};

/** Words as they are compared: lower case, without punctuation, small numbers in words. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9' ]+/g, ' ')
    .replace(/ '|' /g, ' ')
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => SPELLINGS[word] ?? word);
}

/** Levenshtein distance in words. */
export function wordErrors(reference: string, hypothesis: string): number {
  const [from, to] = [wordsOf(reference), wordsOf(hypothesis)];
  let row = to.map((_, i) => i + 1);
  row.unshift(0);
  for (const [i, word] of from.entries()) {
    const next = [i + 1];
    for (const [j, other] of to.entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (word === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}
