import type { KnowledgeDocument } from './read-document.ts';

/** One sentence of a document with what stands around it. */
export interface KnowledgeSentence {
  readonly text: string;
  /** Name of the document it is from. */
  readonly source: string;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** Number of its paragraph, counted through all documents: sentences of one paragraph belong together. */
  readonly passage: number;
}

/** Full stops after these end no sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|St|Prof|No|vol|vs|approx|e\.g|i\.e|\p{Lu})\.$/u;
/** Longer sentences are cut: nobody listens to one to the end. */
const LONGEST_CHARACTERS = 400;

/** Cuts Markdown or plain text into sentences, paragraph by paragraph, headings, lists and table rows understood. */
export function splitSentences(documents: readonly KnowledgeDocument[]): KnowledgeSentence[] {
  const sentences: KnowledgeSentence[] = [];
  let passage = 0;
  for (const { name, text } of documents) {
    const headings: string[] = [];
    let paragraph: string[] = [];
    const flush = () => {
      const joined = paragraph.join(' ').replace(/\s+/gu, ' ').trim();
      paragraph = [];
      if (joined === '') return;
      for (const sentence of sentencesOf(joined))
        sentences.push({ text: sentence, source: name, headings: headings.filter(Boolean), passage });
      passage++;
    };
    const lines = text.replace(/\r\n?/gu, '\n').split('\n');
    lines.forEach((line, index) => {
      const heading = /^(#{1,6})\s+(.+?)\s*#*$/u.exec(line);
      if (heading) {
        flush();
        headings.length = heading[1].length;
        headings[heading[1].length - 1] = plain(heading[2]);
      } else if (line.trim() === '' || /^\s*(?:[-=*_]{3,}|\|[\s:|-]+\|)\s*$/u.test(line)) {
        flush();
      } else if (index === 0 && isTitle(line, lines[1])) {
        headings[0] = plain(line);
      } else {
        const item = /^\s*(?:[-*+•]|\d+[.)])\s+(.*)$/u.exec(line);
        if (item) flush();
        paragraph.push(plain(item?.[1] ?? line.replace(/^\s*\||\|\s*$/gu, '').replaceAll('|', ',')));
      }
    });
    flush();
  }
  return sentences;
}

/** A text file often begins with its title: a short line without a full stop, and an empty one after it. */
function isTitle(line: string, next: string | undefined): boolean {
  return line.length < 80 && !/[.!?:]\s*$/u.test(line) && next?.trim() === '';
}

/** Text without Markdown's marks. */
function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .replace(/[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}/gu, '$1')
    .trim();
}

function sentencesOf(paragraph: string): string[] {
  const sentences: string[] = [];
  let from = 0;
  for (const match of paragraph.matchAll(/[.!?…]+["'”’)]*(?=\s+["'“‘(]?[\p{Lu}\p{N}])|$/gu)) {
    const end = match.index + match[0].length;
    const sentence = paragraph.slice(from, end).trim();
    if (match[0] === '.' && ABBREVIATION.test(sentence)) continue;
    if (/\p{L}/u.test(sentence)) sentences.push(...shorten(sentence));
    from = end;
  }
  return sentences;
}

function shorten(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > LONGEST_CHARACTERS) {
    const cut = Math.max(
      rest.lastIndexOf('; ', LONGEST_CHARACTERS),
      rest.lastIndexOf(', ', LONGEST_CHARACTERS),
    );
    const end = cut > 0 ? cut + 1 : LONGEST_CHARACTERS;
    parts.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return [...parts, rest];
}
