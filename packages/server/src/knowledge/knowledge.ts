import MiniSearch from 'minisearch';
import type { Embedder, Reranker } from '../engines/contracts.ts';
import { askedFocus } from './asked-focus.ts';
import { contentWords, isLight, stem } from './content-words.ts';
import { type Entry, readEntries, type TaughtSentence } from './entry.ts';
import { plainQuestion } from './plain-question.ts';
import type { KnowledgeDocument } from './read-document.ts';
import type { KnowledgeSentence } from './split-sentences.ts';
import { type Asked, dot, WordScorer } from './word-scorer.ts';

/** A sentence that may answer a question. */
export interface Finding {
  readonly sentence: KnowledgeSentence;
  /** How well it answers, mostly in 0..1; {@link Knowledge.clearScore} and more is clear. */
  readonly score: number;
  /** The same as a reranker's log-odds, where there is one. */
  readonly logOdds?: number;
}

/** What a persona's knowledge is made of. */
export interface KnowledgeSources {
  readonly documents: readonly KnowledgeDocument[];
  /** Sentences beside the documents. */
  readonly taught?: readonly TaughtSentence[];
  /** What everything here is about: "the guide of Orion Hall, a museum". Its words tell no sentence from another. */
  readonly setting?: string;
  /** ISO 639-1 code of the texts. Default `en`. */
  readonly language?: string;
}

/** What reads and likens the texts; without either, words that share their stem must do. */
export interface KnowledgeReaders {
  readonly embed?: Embedder;
  readonly rerank?: Reranker;
}

/** From this probability on a sentence is taken to answer the question. */
const CLEAR_PROBABILITY = 0.5;
/** The same without a reranker, of {@link scoreOf}. */
const CLEAR_SCORE = 0.51;
/** Without an embedder words can meet only letter by letter, and scores are lower. */
const CLEAR_SCORE_LEXICAL = 0.5;

/** Sentences from each of the two searches that are looked at closely. */
const CANDIDATES = 40;
/** Of those, the best by their words and the likest, which the reranker reads. */
const READ_BY_WORDS = 6;
const READ_BY_LIKENESS = 6;
/** What a hint of the persona's author is worth beside the reranker's log-odds: see {@link WordScorer.hint}. */
const HINT_WORTH = 6;
/** What a sentence with hints loses where the question has none of them: it was meant for others. */
const NO_HINT = 3;
/** Words of large texts that get a vector, the most frequent ones. */
const MOST_WORDS = 6_000;
/** Vectors of questions and their words that are kept, 1.5 kB each. */
const MOST_ASKED = 2_000;

/**
 * Sentences found by a question: BM25 over stems (MiniSearch; Robertson and Zaragoza 2009) and, where there is an embedder,
 * likeness of meaning bring candidates, {@link WordScorer} sorts them. A reranker then reads the best of them beside the question, and its
 * probabilities are their scores; without one the words' scores are.
 */
export class Knowledge {
  readonly #entries: readonly Entry[];
  readonly #language: string;
  /** Stems of the setting's words. */
  readonly #setting: ReadonlySet<string>;
  readonly #search: MiniSearch<{ id: number; text: string; headings: string; about: string }>;
  readonly #readers: KnowledgeReaders;
  readonly #scorer: WordScorer;
  /** Of the texts. */
  readonly #vectors = new Map<string, Float32Array>();
  /** Of the newest questions and their words. */
  readonly #asked = new Map<string, Float32Array>();
  readonly #frequency = new Map<string, number>();
  /** Stems of the headings. */
  readonly #topics = new Set<string>();
  /** The most frequent words of the texts. */
  readonly #words: readonly string[];
  readonly #vocabulary: ReadonlySet<string>;

  private constructor(sources: KnowledgeSources, readers: KnowledgeReaders) {
    this.#language = sources.language ?? 'en';
    this.#setting = new Set(contentWords(sources.setting ?? '').map((word) => stem(word, this.#language)));
    this.#readers = readers;
    this.#entries = readEntries(sources.documents, sources.taught ?? [], this.#language);
    this.#search = new MiniSearch({
      fields: ['text', 'headings', 'about'],
      tokenize: contentWords,
      processTerm: (word) => stem(word, this.#language),
      searchOptions: { boost: { headings: 0.5, about: 2 } },
    });
    this.#search.addAll(
      this.#entries.map(({ sentence, about }, id) => ({
        id,
        text: sentence.text,
        headings: sentence.headings.join(' '),
        about: about.join(' '),
      })),
    );
    for (const { stems } of this.#entries)
      for (const one of stems) this.#frequency.set(one, (this.#frequency.get(one) ?? 0) + 1);
    for (const { sentence } of this.#entries)
      for (const word of contentWords(sentence.headings.join(' ')))
        this.#topics.add(stem(word, this.#language));
    this.#words = this.#frequentWords();
    this.#vocabulary = new Set(
      this.#entries.flatMap(({ words, about }) => [...words, ...contentWords(about.join(' '))]),
    );
    this.#scorer = new WordScorer({
      entries: this.#entries,
      language: this.#language,
      frequency: this.#frequency,
      topics: this.#topics,
      words: this.#words,
      vectorOf: (text) => this.#vectorOf(text),
    });
  }

  /**
   * Reads the texts and embeds their sentences and words.
   * @param readers Those that understand the texts' language.
   */
  static async create(
    sources: KnowledgeSources,
    readers: KnowledgeReaders,
    signal: AbortSignal,
  ): Promise<Knowledge> {
    const knowledge = new Knowledge(sources, readers);
    const readings = knowledge.#entries.flatMap((entry) => entry.readings);
    await knowledge.#embed(readings, knowledge.#vectors, signal);
    await knowledge.#embed(knowledge.#words, knowledge.#vectors, signal);
    return knowledge;
  }

  /** Number of sentences. */
  get size(): number {
    return this.#entries.length;
  }

  /** From this score on a finding answers the question. */
  get clearScore(): number {
    const { rerank, embed } = this.#readers;
    return rerank ? CLEAR_PROBABILITY : embed ? CLEAR_SCORE : CLEAR_SCORE_LEXICAL;
  }

  /**
   * The best sentences for a question, best first.
   * @param before What the same visitor asked just before: a question such as "and how old is it?" is about the same.
   */
  async find(question: string, count: number, signal: AbortSignal, before = ''): Promise<Finding[]> {
    const found = await this.#examine(question, signal);
    if (before === '' || !leansOnBefore(question)) return found.slice(0, count);
    const subject = before.replace(/[.?!]+\s*$/u, '');
    const together = await this.#examine(`${subject}, ${question}`, signal, question);
    const better = (together[0]?.score ?? 0) >= (found[0]?.score ?? 0) ? together : found;
    return better.slice(0, count);
  }

  /** All candidates for a question, best first. @param wants The part of it that says what is wanted. */
  async #examine(question: string, signal: AbortSignal, wants = question): Promise<Finding[]> {
    if (this.#entries.length === 0) return [];
    const plainly = plainQuestion(question, this.#vocabulary, this.#language);
    const words = contentWords(plainly);
    const wanted = wants === question ? plainly : plainQuestion(wants, this.#vocabulary, this.#language);
    const focus = askedFocus(wanted);
    await this.#embedAsked([plainly, ...words, ...focus], signal);
    const asked: Asked = {
      wanted,
      plain: ` ${(plainly.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).join(' ')} `,
      words: words.map((word) => ({
        word,
        stem: stem(word, this.#language),
        light: isLight(word) || this.#setting.has(stem(word, this.#language)),
        // Inside a sentence a capital makes a name.
        name: new RegExp(`[^.!?\\s]\\s+${word[0].toUpperCase()}${word.slice(1)}\\b`, 'u').test(plainly),
      })),
      focus,
      vector: this.#vectorOf(plainly) ?? null,
      isAboutStranger: this.#namesStranger(plainly),
    };
    const likeness = this.#entries.map((entry) => this.#likeness(asked.vector, entry));
    const found = this.#candidates(plainly, asked.plain, likeness)
      .map((id) => {
        const entry = this.#entries[id];
        return { entry, likeness: likeness[id], score: this.#scorer.score(asked, entry, likeness[id]) };
      })
      .toSorted((a, b) => b.score - a.score);
    const { rerank } = this.#readers;
    if (!rerank) return found.map(({ entry, score }) => ({ sentence: entry.sentence, score }));
    const likest = found.toSorted((a, b) => b.likeness - a.likeness).slice(0, READ_BY_LIKENESS);
    const read = [...new Set([...found.slice(0, READ_BY_WORDS), ...likest])];
    const candidates = read.map(({ entry }) => ({ text: entry.sentence.text, context: entry.context }));
    const logOdds = await rerank.rank(question, candidates, signal);
    return read
      .map(({ entry }, index) => {
        const hint = this.#scorer.hint(asked, entry);
        const missed = entry.about.length > 0 && hint === 0 ? NO_HINT : 0;
        const sum = logOdds[index] + HINT_WORTH * hint - missed;
        return { sentence: entry.sentence, score: 1 / (1 + Math.exp(-sum)), logOdds: sum };
      })
      .toSorted((a, b) => b.score - a.score);
  }

  #frequentWords(): string[] {
    const counts = new Map<string, number>();
    for (const { words } of this.#entries)
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, MOST_WORDS)
      .map(([word]) => word);
  }

  async #embed(
    texts: readonly string[],
    kept: Map<string, Float32Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const { embed } = this.#readers;
    if (!embed) return;
    const missing = [...new Set(texts)].filter((text) => !this.#vectorOf(text));
    let index = 0;
    if (missing.length > 0)
      for await (const { vector } of embed.embed(missing, signal)) kept.set(missing[index++], vector);
  }

  /** As {@link #embed}; of what was asked, the newest is kept. */
  async #embedAsked(texts: readonly string[], signal: AbortSignal): Promise<void> {
    for (const text of texts) {
      const vector = this.#asked.get(text);
      if (!vector) continue;
      this.#asked.delete(text);
      this.#asked.set(text, vector);
    }
    await this.#embed(texts, this.#asked, signal);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MOST_ASKED) break;
      this.#asked.delete(oldest);
    }
  }

  #vectorOf(text: string): Float32Array | undefined {
    return this.#vectors.get(text) ?? this.#asked.get(text);
  }

  #likeness(vector: Float32Array | null, { readings }: Entry): number {
    if (!vector) return 0;
    let sum = 0;
    for (const reading of readings) sum += dot(vector, this.#vectors.get(reading));
    return sum / readings.length;
  }

  #candidates(question: string, plain: string, likeness: readonly number[]): number[] {
    const ids = new Set<number>();
    for (const { id } of this.#search.search(question).slice(0, CANDIDATES)) ids.add(id as number);
    this.#entries.forEach(({ about }, id) => {
      if (about.some((phrase) => plain.includes(` ${phrase.toLowerCase()} `))) ids.add(id);
    });
    const alike = likeness.map((value, id) => ({ value, id })).filter(({ value }) => value > 0);
    for (const { id } of alike.toSorted((a, b) => b.value - a.value).slice(0, CANDIDATES)) ids.add(id);
    return [...ids];
  }

  /** Whether a question names somebody or something by a proper name that the texts do not have. */
  #namesStranger(question: string): boolean {
    const names = question.matchAll(/(?<=[^.!?\s]\s+)\p{Lu}\p{Ll}+/gu);
    return [...names].some(([name]) =>
      contentWords(name).some((word) => !this.#frequency.has(stem(word, this.#language))),
    );
  }
}

/** Whether a question can only be understood after the one before it. */
function leansOnBefore(question: string): boolean {
  return (
    /^\s*(?:and|or|but|what about|how about|also|then)\b/iu.test(question) ||
    /\b(?:it|its|they|them|their|he|him|his|she|her|ones?)\b/iu.test(question) ||
    /\bthere\W*$/iu.test(question)
  );
}
