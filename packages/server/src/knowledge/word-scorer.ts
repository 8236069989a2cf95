import { fitsQuestion, isNumber } from './asked-kind.ts';
import { contentWords, stem } from './content-words.ts';
import type { Entry } from './entry.ts';
import { type Features, scoreOf } from './features.ts';

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
export interface AskedWord {
  readonly word: string;
  readonly stem: string;
  /** Whether it goes with any matter. */
  readonly light: boolean;
  /** Whether it is somebody's name, or something's. */
  readonly name: boolean;
}

/** A question, made ready for looking at sentences. */
export interface Asked {
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

/** What a scorer must know of the texts. */
export interface Corpus {
  readonly entries: readonly Entry[];
  readonly language: string;
  /** In how many entries a stem is. */
  readonly frequency: ReadonlyMap<string, number>;
  /** Stems of the headings. */
  readonly topics: ReadonlySet<string>;
  /** The most frequent words of the texts. */
  readonly words: readonly string[];
  /** Of a text or a word; undefined where there is no embedder. */
  vectorOf(text: string): Float32Array | undefined;
}

/** Scores sentences by their words: rules that know no language model, see {@link scoreOf}. */
export class WordScorer {
  readonly #corpus: Corpus;
  readonly #unheard = new Map<string, boolean>();

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
  }

  /** How well an entry answers, mostly in 0..1. @param likeness Mean cosine of the question and the entry's readings. */
  score(asked: Asked, entry: Entry, likeness: number): number {
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

  /** How much of the question the persona's author has named for this sentence, 0 to about 0.6; 0 where the rest of it does not fit. */
  hint(asked: Asked, entry: Entry): number {
    if (entry.about.length === 0) return 0;
    const { isOffSubject, allMet } = this.#coverage(asked.words, entry);
    return isOffSubject ? 0 : aboutBonus(asked.plain, entry.about, allMet);
  }

  /** How near the sentence's own words come to what is asked of the thing; 1 where nothing in particular is. */
  #focus(focus: readonly string[], entry: Entry): number {
    let least = 1;
    for (const word of focus) {
      const wordStem = stem(word, this.#corpus.language);
      const vector = this.#corpus.vectorOf(word);
      let best = 0;
      for (const own of entry.ownWords)
        best = Math.max(
          best,
          stem(own, this.#corpus.language) === wordStem
            ? 1
            : vector
              ? dot(vector, this.#corpus.vectorOf(own))
              : 0,
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
      const rarity =
        1 + Math.log(1 + this.#corpus.entries.length / (1 + (this.#corpus.frequency.get(wordStem) ?? 0)));
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
      const vector = this.#corpus.vectorOf(word);
      if (!vector) continue;
      let best = 0;
      for (const other of entry.words) best = Math.max(best, dot(vector, this.#corpus.vectorOf(other)));
      const elsewhere = best < SAME_WORD && this.#corpus.frequency.has(wordStem);
      if (elsewhere && !light) best *= OTHER_WORD;
      sum += weight * Math.min(MOST_LIKENESS, best);
      if (best < ALMOST_SAME && !light) allMet = false;
      if (best >= SAME_THING && !name) mattersMet++;
      if (best >= SAME_THING || light) continue;
      if (this.#corpus.topics.has(wordStem)) topic = true;
      else if (this.#corpus.frequency.has(wordStem)) thing = true;
      else if (this.#isUnheard(word, vector)) unheard++;
      isOffSubject ||= this.#corpus.frequency.has(wordStem);
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
      const vector = this.#corpus.vectorOf(word);
      return near.some(
        (other) =>
          stem(other, this.#corpus.language) === stem(word, this.#corpus.language) ||
          (vector && dot(vector, this.#corpus.vectorOf(other)) >= ALMOST_SAME),
      );
    });
  }

  /** Whether no word of the texts is like this one. */
  #isUnheard(word: string, vector: Float32Array): boolean {
    let unheard = this.#unheard.get(word);
    if (unheard === undefined) {
      unheard = this.#corpus.words.every((other) => dot(vector, this.#corpus.vectorOf(other)) < SAME_THING);
      this.#unheard.set(word, unheard);
    }
    return unheard;
  }
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

/** Scalar product; 0 where there is no second vector. */
export function dot(a: Float32Array, b: Float32Array | undefined): number {
  if (!b) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
