/**
 * Values on their way to one reader. The writer never waits here: a sender keeps the number of values bounded by
 * waiting for credits, which it gets back through `onTake`.
 */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #onTake: () => void;
  readonly #values: T[] = [];
  #outcome: { readonly error?: unknown } | null = null;
  #wake: (() => void) | null = null;

  /** @param onTake Called each time the reader takes a value. */
  constructor(onTake: () => void = () => {}) {
    this.#onTake = onTake;
  }

  put(value: T): void {
    if (this.#outcome) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** The reader ends after the values already here. */
  end(): void {
    this.#outcome ??= {};
    this.#wake?.();
  }

  /** The reader fails at once; values already here are dropped. */
  fail(error: unknown): void {
    if (this.#outcome && 'error' in this.#outcome) return;
    this.#outcome = { error };
    this.#values.length = 0;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#values.length > 0) {
        const value = this.#values.shift() as T;
        this.#onTake();
        yield value;
      }
      if (this.#outcome) {
        if ('error' in this.#outcome) throw this.#outcome.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
