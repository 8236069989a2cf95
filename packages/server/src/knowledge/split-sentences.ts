import type { KnowledgeDocument } from './read-document.ts';

/** One sentence of a document with what stands around it. */
export interface KnowledgeSentence {
  readonly text: string;
  /** Name of the document it is from. */
  readonly source: string;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  /** What of its table or paragraph belongs to it unsaid: the columns' names, the paragraph's own label. */
  readonly unsaid?: string;
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
    /** Names of the columns of the table that is being read. */
    let columns: readonly string[] | null = null;
    const flush = () => {
      const joined = paragraph.join(' ').replace(/\s+/gu, ' ').trim();
      paragraph = [];
      if (joined === '') return;
      const label = labelOf(joined);
      sentencesOf(joined).forEach((sentence, index) => {
        sentences.push({
          text: sentence,
          source: name,
          headings: headings.filter(Boolean),
          passage,
          ...(label !== '' && index > 0 && { unsaid: label }),
        });
      });
      passage++;
    };
    const addRow = (cells: readonly string[], names: readonly string[]) => {
      const text = rowSentence(cells, names);
      if (!/\p{L}/u.test(text)) return;
      const unsaid = names.join(' ');
      sentences.push({ text, source: name, headings: headings.filter(Boolean), passage: passage++, unsaid });
    };
    const lines = text.replace(/\r\n?/gu, '\n').split('\n');
    lines.forEach((line, index) => {
      if (isRow(line)) {
        const cells = cellsOf(line);
        if (isRule(line)) return;
        if (columns) addRow(cells, columns);
        else if (isRow(lines[index + 1] ?? '') && isRule(lines[index + 1] ?? '')) {
          flush();
          columns = cells;
        } else {
          flush();
          addRow(cells, []);
        }
        return;
      }
      columns = null;
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
        paragraph.push(plain(item?.[1] ?? line));
      }
    });
    flush();
  }
  return sentences;
}

function isRow(line: string): boolean {
  return /^\s*\|.*\|\s*$/u.test(line);
}

/** The line of dashes below the names of a table's columns. */
function isRule(line: string): boolean {
  return /^\s*\|[\s:|-]+\|\s*$/u.test(line);
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/gu, '')
    .split('|')
    .map((cell) => plain(cell.trim()));
}

/**
 * A row of a table as it can be spoken: "Adults: 140 kroner", and with more columns "Cardiology: building A, floor 3". A column whose
 * name the cell says itself is not named again.
 */
function rowSentence([first, ...rest]: readonly string[], [, ...names]: readonly string[]): string {
  const told = rest.flatMap((cell, i) => {
    if (cell === '' || cell === '-' || cell === '–') return [];
    const column = rest.length > 1 ? (names[i] ?? '') : '';
    const named = column !== '' && !cell.toLowerCase().includes(column.toLowerCase());
    return [named && /^[\p{N}\p{Lu}]?[\p{N}]*$|^.{1,14}$/u.test(cell) ? `${lowered(column)} ${cell}` : cell];
  });
  return told.length === 0 ? first : `${first}: ${told.join(', ')}`;
}

/** A word in lower case unless it is an abbreviation. */
function lowered(word: string): string {
  return /^\p{Lu}\p{Lu}/u.test(word) ? word : word.toLowerCase();
}

/** What a paragraph says at its beginning that it is about: "Knot workshop: every Saturday …". */
function labelOf(paragraph: string): string {
  return /^(\p{Lu}[^.!?:;,]{2,50}):\s/u.exec(paragraph)?.[1] ?? '';
}

/** A text file often begins with its title: a short line without a full stop, and an empty one after it. */
function isTitle(line: string, next: string | undefined): boolean {
  return line.length < 80 && !/[.!?:।]\s*$/u.test(line) && next?.trim() === '';
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
  for (const match of paragraph.matchAll(
    /[.!?…]+["'”’)]*(?=\s+["'“‘(]?[\p{Lu}\p{N}])|[।!?](?=\s+\p{Lo})|$/gu,
  )) {
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
