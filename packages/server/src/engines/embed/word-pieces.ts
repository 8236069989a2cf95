/** Longer words are unknown, as in BERT's own tokenizer. */
const LONGEST_WORD = 100;
/** Letters and digits run together; every other sign stands alone. */
const TOKENS = /[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu;

/** Texts that are read together. */
export interface TogetherPieces {
  readonly ids: readonly number[];
  /** How many of them, from the beginning, are the first text and its marks. */
  readonly firstLength: number;
}

/**
 * BERT's uncased WordPiece tokenizer: lower case without accents, each word cut greedily into the longest known pieces.
 * Paper: Wu et al. 2016, https://arxiv.org/abs/1609.08144
 */
export class WordPieces {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number;
  readonly #begin: number;
  readonly #end: number;

  /** @param vocabulary One piece a line, in the order of their ids; with `[CLS]`, `[SEP]` and `[UNK]`. */
  constructor(vocabulary: string) {
    this.#ids = new Map(
      vocabulary
        .trimEnd()
        .split('\n')
        .map((piece, id) => [piece, id]),
    );
    const special = (piece: string) => {
      const id = this.#ids.get(piece);
      if (id === undefined) throw new RangeError(`The vocabulary has no ${piece}.`);
      return id;
    };
    this.#unknown = special('[UNK]');
    this.#begin = special('[CLS]');
    this.#end = special('[SEP]');
  }

  /** Ids of a text, `[CLS]` first and `[SEP]` last. @param limit Ids at most; what is further is cut off. */
  encode(text: string, limit: number): number[] {
    return [this.#begin, ...this.#cutAll(text, limit - 2), this.#end];
  }

  /**
   * Ids of texts that are read together, each followed by `[SEP]`, after one `[CLS]`; as BERT reads pairs.
   * @param limit Ids at most: the last texts are cut first, the first one to no less than half of it.
   */
  encodeTogether([first, ...rest]: readonly [string, ...string[]], limit: number): TogetherPieces {
    const ids = [this.#begin, ...this.#cutAll(first, limit >> 1), this.#end];
    const firstLength = ids.length;
    rest.forEach((text, index) => {
      const ends = rest.length - index;
      ids.push(...this.#cutAll(text, Math.max(0, limit - ids.length - ends)), this.#end);
    });
    return { ids, firstLength };
  }

  #cutAll(text: string, limit: number): number[] {
    const plain = text
      .toLowerCase()
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '');
    const ids: number[] = [];
    for (const [word] of plain.matchAll(TOKENS)) {
      if (ids.length >= limit) break;
      ids.push(...this.#cut(word));
    }
    return ids.slice(0, limit);
  }

  #cut(word: string): number[] {
    if (word.length > LONGEST_WORD) return [this.#unknown];
    const ids: number[] = [];
    for (let from = 0; from < word.length; ) {
      let to = word.length;
      let id: number | undefined;
      for (; to > from; to--) {
        id = this.#ids.get((from > 0 ? '##' : '') + word.slice(from, to));
        if (id !== undefined) break;
      }
      if (id === undefined) return [this.#unknown];
      ids.push(id);
      from = to;
    }
    return ids;
  }
}
