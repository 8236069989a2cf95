import { contentWords, stem } from './content-words.ts';
import type { KnowledgeDocument } from './read-document.ts';
import { type KnowledgeSentence, splitSentences } from './split-sentences.ts';

/** A sentence told by the persona file, with words of the questions that it answers. */
export interface TaughtSentence {
  readonly text: string;
  readonly about: readonly string[];
}

/** A sentence as it is looked up. */
export interface Entry {
  readonly sentence: KnowledgeSentence;
  readonly about: readonly string[];
  /** The sentence's own words, those of its heading, and those of the sentence before where it speaks of "it". */
  readonly words: readonly string[];
  readonly stems: ReadonlySet<string>;
  /** The words of the sentence itself. */
  readonly ownWords: readonly string[];
  /** Stems of the sentence before it in its paragraph. */
  readonly contextStems: ReadonlySet<string>;
  readonly opening: boolean;
  /** What is likened to a question: the sentence alone, under its heading, after the one before. */
  readonly readings: readonly string[];
  /** What stands around it, for who reads it alone: its headings and the sentence before. */
  readonly context: string;
}

/** The sentences of documents and of the persona file. @param language ISO 639-1 code of the texts. */
export function readEntries(
  documents: readonly KnowledgeDocument[],
  taught: readonly TaughtSentence[],
  language: string,
): Entry[] {
  const sentences = splitSentences(documents);
  const entries = sentences.map((sentence, index): Entry => {
    const before = sentences[index - 1];
    const opening = before?.passage !== sentence.passage;
    const context = opening || !speaksOfIt(sentence.text) ? '' : before.text;
    const heading = sentence.headings.at(-1) ?? '';
    const { unsaid = '' } = sentence;
    const words = contentWords(`${sentence.text} ${sentence.headings.join(' ')} ${unsaid} ${context}`);
    return {
      sentence,
      about: [],
      words,
      stems: new Set(words.map((word) => stem(word, language))),
      ownWords: contentWords(`${sentence.text} ${unsaid}`),
      contextStems: new Set(contentWords(opening ? '' : before.text).map((word) => stem(word, language))),
      opening,
      readings: [
        sentence.text,
        `${unsaid === '' ? heading : unsaid}: ${sentence.text}`,
        `${sentence.headings.join(', ')}: ${context} ${sentence.text}`,
      ],
      context: `${[...sentence.headings, ...(opening && unsaid ? [unsaid] : [])].join(', ')}: ${opening ? '' : before.text}`,
    };
  });
  const from = entries.length;
  for (const [index, { text, about }] of taught.entries()) {
    const words = contentWords(`${text} ${about.join(' ')}`);
    entries.push({
      sentence: { text, source: 'persona.yaml', headings: [], passage: -1 - from - index },
      about,
      words,
      stems: new Set(words.map((word) => stem(word, language))),
      ownWords: words,
      contextStems: new Set(),
      opening: true,
      readings: [text, about.length > 0 ? `${about.join(', ')}: ${text}` : text],
      context: `${about.join(', ')}: `,
    });
  }
  return entries;
}

/** Whether a sentence needs the one before it to be understood. */
export function speaksOfIt(sentence: string): boolean {
  return /^(?:\p{L}+ ){0,3}(?:it|its|they|their|them|he|she|his|her|this|these|there|one|each)\b/iu.test(
    sentence,
  );
}
