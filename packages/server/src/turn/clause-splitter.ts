/** When a piece of streamed text is long enough to be spoken. */
export interface ClauseOptions {
  /**
   * Characters that the first clause needs before a comma, or a conjunction after it, may end it; few, as the first
   * sound waits for it.
   */
  readonly minFirstCharacters: number;
  /** Characters that a later clause needs before a comma may end it. */
  readonly minCharacters: number;
  /** Longest clause: it is cut at the last space before this many characters. */
  readonly maxCharacters: number;
}

export const CLAUSE_DEFAULTS: ClauseOptions = {
  minFirstCharacters: 24,
  minCharacters: 60,
  maxCharacters: 180,
};

/** Words before a full stop that do not end a sentence. */
const ABBREVIATION = /(?:^|\s)(?:mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e|no|vol|\p{L})\.$/iu;

/** The end of a sentence (in Devanagari a danda), a line, or a pause within a sentence. */
const BOUNDARY = /[.!?…।]+["'”’)]*(?=\s)|\n+|[,;:—–](?=\s)/gu;
/** The same, and the place before a conjunction, where a speaker breathes as well. */
const FIRST_BOUNDARY = new RegExp(
  `${BOUNDARY.source}| (?=(?:and|but|because|so|which|who|where|while) )`,
  'gu',
);

/**
 * Cuts streamed text into speakable clauses as early as possible: at the end of a sentence always, at commas,
 * semicolons and dashes once the clause is long enough. A full stop counts only when something follows it, as "3." may
 * yet become "3.5".
 */
export async function* splitClauses(
  deltas: AsyncIterable<string>,
  options: ClauseOptions = CLAUSE_DEFAULTS,
): AsyncGenerator<string, void, undefined> {
  let text = '';
  let first = true;
  for await (const delta of deltas) {
    text += delta;
    for (;;) {
      const end = first
        ? clauseEnd(text, options.minFirstCharacters, options.maxCharacters, FIRST_BOUNDARY)
        : clauseEnd(text, options.minCharacters, options.maxCharacters, BOUNDARY);
      if (end === 0) break;
      const clause = text.slice(0, end).trim();
      text = text.slice(end).trimStart();
      if (isSpeakable(clause)) {
        first = false;
        yield clause;
      }
    }
  }
  if (isSpeakable(text)) yield text.trim();
}

function isSpeakable(clause: string): boolean {
  return /[\p{L}\p{N}]/u.test(clause);
}

/** Index after the first clause of `text`, 0 when it is not complete yet. */
function clauseEnd(text: string, minCharacters: number, maxCharacters: number, boundary: RegExp): number {
  boundary.lastIndex = 0;
  for (let match = boundary.exec(text); match !== null; match = boundary.exec(text)) {
    const end = match.index + match[0].length;
    const hard = !/^[,;:—–\s]/u.test(match[0]) || match[0].startsWith('\n');
    if (hard && match[0] === '.' && ABBREVIATION.test(text.slice(0, end))) continue;
    if (hard || end >= minCharacters) return end;
  }
  if (text.length <= maxCharacters) return 0;
  const space = text.lastIndexOf(' ', maxCharacters);
  return space > 0 ? space : maxCharacters;
}
