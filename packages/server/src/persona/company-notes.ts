/** What somebody else and the NPC said to each other. */
export interface OthersTalk {
  /** Their name as the others see it. */
  readonly name?: string;
  readonly question: string;
  readonly answer: string;
}

/** Characters of a name, or of what was said, that go into a prompt. */
const MAX_NAME = 40;
const MAX_WORDS = 240;

/**
 * What a model should know of the people around it: who speaks, and what others asked just before, so that "and for
 * children?" makes sense after somebody else's question.
 */
export function companyNotes({
  name,
  others = [],
}: {
  readonly name?: string;
  readonly others?: readonly OthersTalk[];
}): string[] {
  const notes = name ? [`${quoted(name, MAX_NAME)} is talking to you.`] : [];
  for (const talk of others) {
    const who = talk.name ? quoted(talk.name, MAX_NAME) : 'somebody else';
    notes.push(
      `Shortly before, ${who} said to you "${quoted(talk.question, MAX_WORDS)}" and you answered "${quoted(talk.answer, MAX_WORDS)}".`,
    );
  }
  return notes;
}

/** Visitors choose their names and words: they stay within one line and their quotation marks. */
function quoted(text: string, longest: number): string {
  const line = text
    .replace(/[\p{C}\s]+/gu, ' ')
    .replace(/["“”()]/gu, "'")
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest)} …`;
}
