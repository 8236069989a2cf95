/** Longer words are unknown, as in BERT's own tokenizer. */
const LONGEST_WORD = 100;
/** Letters and digits run together; every other sign stands alone. */
const TOKENS = /[\p{L}\p{N}\p{M}]+|[^\s\p{L}\p{N}\p{M}]/gu;

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
    const plain = text
      .toLowerCase()
      .normalize('NFD')
      .replace(/\p{Mn}/gu, '');
    const ids = [this.#begin];
    for (const [word] of plain.matchAll(TOKENS)) {
      ids.push(...this.#cut(word));
      if (ids.length >= limit) break;
    }
    return [...ids.slice(0, limit - 1), this.#end];
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
