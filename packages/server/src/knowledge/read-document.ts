import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { ParleyError } from '@parley/sdk';

/** A file of a persona's knowledge, as text. */
export interface KnowledgeDocument {
  /** Path below the knowledge folder. */
  readonly name: string;
  /** Markdown or plain text. */
  readonly text: string;
}

/** What a knowledge folder may hold. */
export const DOCUMENT_EXTENSIONS = ['.md', '.txt', '.pdf'] as const;

/** More than this is a book; retrieval would work, reading it at every start would not. */
const MAX_DOCUMENT_BYTES = 20 * 1024 * 1024;

/**
 * Reads a document of a knowledge folder. Of a PDF the text is taken; one that holds only pictures of text is refused.
 * @param name How it is called in sources and errors. Default: the file's name.
 * @throws {ParleyError} `bad-knowledge` with what to do.
 */
export async function readDocument(path: string, name = basename(path)): Promise<KnowledgeDocument> {
  const fail = (why: string, cause?: unknown) => new ParleyError('bad-knowledge', `${path} ${why}`, cause);
  const bytes = await readFile(path).catch((error: Error) => {
    throw fail(`cannot be read: ${error.message}`, error);
  });
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw fail('is larger than 20 MB; split it or leave out its pictures');
  if (extname(path).toLowerCase() === '.pdf') return { name, text: await pdfText(bytes, fail) };
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    throw fail('is not UTF-8 text; save it as UTF-8', error);
  }
}

async function pdfText(
  bytes: Uint8Array,
  fail: (why: string, cause?: unknown) => ParleyError,
): Promise<string> {
  // Loaded when the first PDF comes: the library takes 0.2 s.
  const { getDocumentProxy } = await import('unpdf');
  let text: string;
  try {
    const pdf = await getDocumentProxy(new Uint8Array(bytes));
    const pages: string[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      // A paragraph may go on over the page's end.
      pages.push(joinLines(items.filter((item) => 'str' in item)).trim());
    }
    text = pages.join('\n');
  } catch (error) {
    throw fail('is not a PDF that can be read; export it again, or save its text as .txt', error);
  }
  if (!/\p{L}/u.test(text)) throw fail('holds no text, only pictures; run it through text recognition first');
  return text;
}

/** What of a PDF's text item is used: the words, their baseline and size, in points. */
interface TextItem {
  readonly str: string;
  readonly transform: readonly number[];
  readonly height: number;
}

/** Lines this much larger than the page's usual text are headings. */
const HEADING_RATIO = 1.15;

/** The lines of a page, with headings marked as in Markdown and an empty line where the page leaves a gap. */
function joinLines(items: readonly TextItem[]): string {
  const lines: { text: string; y: number; height: number }[] = [];
  for (const { str, transform, height } of items) {
    if (str === '') continue;
    const y = transform[5];
    const last = lines.at(-1);
    if (last && Math.abs(last.y - y) < 1) last.text += str;
    else lines.push({ text: str, y, height });
  }
  const usual = median(lines.filter(({ height }) => height > 0).map(({ height }) => height));
  let text = '';
  lines.forEach((line, index) => {
    if (line.text.trim() === '') return;
    const previous = lines[index - 1];
    const gap = previous ? previous.y - line.y : 0;
    if (line.height > usual * HEADING_RATIO) text += `\n\n## ${line.text.trim()}\n`;
    else text += `${gap > usual * 1.7 ? '\n\n' : '\n'}${line.text.trim()}`;
  });
  return text;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
