import MiniSearch from 'minisearch';
import type { Embedder } from '../engines/contracts.ts';
import { askedFocus } from './asked-focus.ts';
import { fitsQuestion, isNumber } from './asked-kind.ts';
import { contentWords, isLight, stem } from './content-words.ts';
import { type Features, scoreOf } from './features.ts';
import { plainQuestion } from './plain-question.ts';
import type { KnowledgeDocument } from './read-document.ts';
import { type KnowledgeSentence, splitSentences } from './split-sentences.ts';

/** A sentence that may answer a question. */
export interface Finding {
  readonly sentence: KnowledgeSentence;
  /** How well it answers, mostly in 0..1; {@link CLEAR_SCORE} and more is clear. */
  readonly score: number;
}

/** A sentence told by the persona file, with words of the questions that it answers. */
export interface TaughtSentence {
  readonly text: string;
  readonly about: readonly string[];
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

/** From this score on a sentence is taken to answer the question. Chosen on all sets of bench/knowledge but `garden`. */
export const CLEAR_SCORE = 0.51;
/** Without an embedder words can meet only letter by letter, and scores are lower. */
export const CLEAR_SCORE_LEXICAL = 0.5;

/** Sentences from each of the two searches that are looked at closely. */
const CANDIDATES = 40;
/** Words of large texts that get a vector, the most frequent ones. */
const MOST_WORDS = 6_000;
/** Vectors of questions and their words that are kept, 1.5 kB each. */
const MOST_ASKED = 2_000;
/** What a word such as "bring" or "place" weighs against the others. */
const LIGHT_WEIGHT = 0.3;
/** A word that only the sentence before has counts so much. */
const CONTEXT_WEIGHT = 0.7;
/** A word that other sentences have is not met by one that is only like it; that counts so much of its likeness. */
const OTHER_WORD = 0.7;
const SAME_WORD = 0.85;
/** Between a number and what it counts are at most so many words. */
const COUNTS_WITHIN = 3;
/** Less alike than this, two words are about different things. */
const SAME_THING = 0.5;
/** And from here on about the same. */
const ALMOST_SAME = 0.65;
/** The likeness of two words counts up to this: only the same word is fully there. */
const MOST_LIKENESS = 0.85;

/** A word of a question. */
interface AskedWord {
  readonly word: string;
  readonly stem: string;
  /** Whether it goes with any matter. */
  readonly light: boolean;
  /** Whether it is somebody's name, or something's. */
  readonly name: boolean;
}

/** A question, made ready for looking at sentences. */
interface Asked {
  /** The part that says what is wanted. */
  readonly wanted: string;
  /** Its words in lower case between single spaces. */
  readonly plain: string;
  readonly words: readonly AskedWord[];
  readonly focus: readonly string[];
  readonly vector: Float32Array | null;
  readonly isAboutStranger: boolean;
}

/** What an entry has of a question's words. */
interface Coverage
  extends Pick<Features, 'covered' | 'otherTopic' | 'otherThing' | 'unheard' | 'otherMatter'> {
  readonly isOffSubject: boolean;
  readonly allMet: boolean;
}

interface Entry {
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
  readonly readings: readonly string[];
}

/**
 * Sentences found by a question: BM25 over stems (MiniSearch; Robertson and Zaragoza 2009) and, where there is an embedder,
 * likeness of meaning bring candidates; their score is how alike question and sentence mean, how many of the question's
 * words the sentence has, exactly or nearly, and whether it has what was asked for (an amount, a time, a name).
 */
export class Knowledge {
  readonly #entries: readonly Entry[];
  readonly #language: string;
  /** Stems of the setting's words. */
  readonly #setting: ReadonlySet<string>;
  readonly #search: MiniSearch<{ id: number; text: string; headings: string; about: string }>;
  readonly #embedder: Embedder | null;
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
  readonly #unheard = new Map<string, boolean>();

  private constructor(sources: KnowledgeSources, embedder: Embedder | null) {
    this.#language = sources.language ?? 'en';
    this.#setting = new Set(contentWords(sources.setting ?? '').map((word) => stem(word, this.#language)));
    this.#embedder = embedder;
    this.#entries = this.#read(sources);
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
  }

  /**
   * Reads the texts and embeds their sentences and words.
   * @param embedder Without one, only words that share their stem meet.
   */
  static async create(
    sources: KnowledgeSources,
    embedder: Embedder | null,
    signal: AbortSignal,
  ): Promise<Knowledge> {
    const knowledge = new Knowledge(sources, embedder);
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
    return this.#embedder ? CLEAR_SCORE : CLEAR_SCORE_LEXICAL;
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
    const found = this.#candidates(plainly, asked.plain, likeness).map((id) => ({
      sentence: this.#entries[id].sentence,
      score: this.#score(asked, this.#entries[id], likeness[id]),
    }));
    return found.toSorted((a, b) => b.score - a.score);
  }

  #read({ documents, taught = [] }: KnowledgeSources): Entry[] {
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
        stems: new Set(words.map((word) => stem(word, this.#language))),
        ownWords: contentWords(`${sentence.text} ${unsaid}`),
        contextStems: new Set(
          contentWords(opening ? '' : before.text).map((word) => stem(word, this.#language)),
        ),
        opening,
        readings: [
          sentence.text,
          `${unsaid === '' ? heading : unsaid}: ${sentence.text}`,
          `${sentence.headings.join(', ')}: ${context} ${sentence.text}`,
        ],
      };
    });
    const from = entries.length;
    for (const [index, { text, about }] of taught.entries()) {
      const words = contentWords(`${text} ${about.join(' ')}`);
      entries.push({
        sentence: { text, source: 'persona.yaml', headings: [], passage: -1 - from - index },
        about,
        words,
        stems: new Set(words.map((word) => stem(word, this.#language))),
        ownWords: words,
        contextStems: new Set(),
        opening: true,
        readings: [text, about.length > 0 ? `${about.join(', ')}: ${text}` : text],
      });
    }
    return entries;
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
    if (!this.#embedder) return;
    const missing = [...new Set(texts)].filter((text) => !this.#vectorOf(text));
    let index = 0;
    if (missing.length > 0)
      for await (const { vector } of this.#embedder.embed(missing, signal))
        kept.set(missing[index++], vector);
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
      this.#unheard.delete(oldest);
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

  #score(asked: Asked, entry: Entry, likeness: number): number {
    const { isOffSubject, allMet, ...coverage } = this.#coverage(asked.words, entry);
    const shape = fitsQuestion(asked.wanted, entry.sentence.text);
    const score = scoreOf({
      ...coverage,
      // Without an embedder words have to do.
      likeness: asked.vector ? likeness : coverage.covered,
      fits: shape && this.#hasCounted(asked.wanted, entry),
      stranger: asked.isAboutStranger,
      unfocused: Math.max(0, 1 - this.#focus(asked.focus, entry) / ALMOST_SAME),
      opening: entry.opening,
    });
    return isOffSubject ? score : score + aboutBonus(asked.plain, entry.about, allMet);
  }

  /** How near the sentence's own words come to what is asked of the thing; 1 where nothing in particular is. */
  #focus(focus: readonly string[], entry: Entry): number {
    let least = 1;
    for (const word of focus) {
      const wordStem = stem(word, this.#language);
      const vector = this.#vectorOf(word);
      let best = 0;
      for (const own of entry.ownWords)
        best = Math.max(
          best,
          stem(own, this.#language) === wordStem ? 1 : vector ? dot(vector, this.#vectors.get(own)) : 0,
        );
      least = Math.min(least, best);
    }
    return least;
  }

  /**
   * How many of the question's words an entry has, exactly or nearly, in 0..1; rare words count more. Off the subject is
   * one that has nothing like a word which other entries have.
   */
  #coverage(words: readonly AskedWord[], entry: Entry): Coverage {
    let isOffSubject = false;
    let allMet = true;
    let topic = false;
    let thing = false;
    let unheard = 0;
    let sum = 0;
    let total = 0;
    let matters = 0;
    let mattersMet = 0;
    for (const { word, stem: wordStem, light, name } of words) {
      const rarity = 1 + Math.log(1 + this.#entries.length / (1 + (this.#frequency.get(wordStem) ?? 0)));
      const weight = light ? LIGHT_WEIGHT * rarity : rarity;
      if (!name && !light) matters++;
      total += weight;
      if (entry.stems.has(wordStem)) {
        sum += weight;
        if (!name) mattersMet++;
        continue;
      }
      if (entry.contextStems.has(wordStem)) {
        sum += weight * CONTEXT_WEIGHT;
        if (!name) mattersMet++;
        continue;
      }
      const vector = this.#vectorOf(word);
      if (!vector) continue;
      let best = 0;
      for (const other of entry.words) best = Math.max(best, dot(vector, this.#vectors.get(other)));
      const elsewhere = best < SAME_WORD && this.#frequency.has(wordStem);
      if (elsewhere && !light) best *= OTHER_WORD;
      sum += weight * Math.min(MOST_LIKENESS, best);
      if (best < ALMOST_SAME && !light) allMet = false;
      if (best >= SAME_THING && !name) mattersMet++;
      if (best >= SAME_THING || light) continue;
      if (this.#topics.has(wordStem)) topic = true;
      else if (this.#frequency.has(wordStem)) thing = true;
      else if (this.#isUnheard(word, vector)) unheard++;
      isOffSubject ||= this.#frequency.has(wordStem);
    }
    return {
      covered: total === 0 ? 0 : sum / total,
      otherTopic: topic,
      otherThing: thing,
      unheard,
      otherMatter: matters > 0 && mattersMet === 0 && words.some(({ name }) => name),
      isOffSubject,
      allMet,
    };
  }

  /** Whether an entry counts what a question wants counted: "how many rooms" is not answered by sixty guests. */
  #hasCounted(question: string, entry: Entry): boolean {
    const counted = /\bhow many (?:\p{L}+ )?(\p{L}+)/iu.exec(question)?.[0].split(' ').slice(2) ?? [];
    const words = contentWords(counted.join(' '));
    if (words.length === 0) return true;
    const said = entry.sentence.text.toLowerCase().match(/\p{N}[\p{N}.,:]*|\p{L}+/gu) ?? [];
    const numbers = said.flatMap((word, at) => (isNumber(word) ? [at] : []));
    // A table or a heading may name what is counted.
    const beside = said.map((word, at) =>
      numbers.some((number) => number !== at && Math.abs(number - at) <= COUNTS_WITHIN) ? word : '',
    );
    const near = numbers.length === 0 ? [] : contentWords(beside.join(' '));
    return words.some((word) => {
      const vector = this.#vectorOf(word);
      return near.some(
        (other) =>
          stem(other, this.#language) === stem(word, this.#language) ||
          (vector && dot(vector, this.#vectors.get(other)) >= ALMOST_SAME),
      );
    });
  }

  /** Whether no word of the texts is like this one. */
  #isUnheard(word: string, vector: Float32Array): boolean {
    let unheard = this.#unheard.get(word);
    if (unheard === undefined) {
      unheard = this.#words.every((other) => dot(vector, this.#vectors.get(other)) < SAME_THING);
      this.#unheard.set(word, unheard);
    }
    return unheard;
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

/** Whether a sentence needs the one before it to be understood. */
function speaksOfIt(sentence: string): boolean {
  return /^(?:\p{L}+ ){0,3}(?:it|its|they|their|them|he|she|his|her|this|these|there|one|each)\b/iu.test(
    sentence,
  );
}

/** A persona's own hint counts by how much of the question it is; one such as "how much" only where the rest fits too. */
function aboutBonus(plain: string, about: readonly string[], restFits: boolean): number {
  const length = plain.trim().split(' ').length;
  let bonus = 0;
  for (const phrase of about)
    if (plain.includes(` ${phrase.toLowerCase()} `) && (restFits || contentWords(phrase).length > 0))
      bonus = Math.max(bonus, 0.08 + (0.5 * phrase.split(' ').length) / length);
  return bonus;
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  if (!b) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
