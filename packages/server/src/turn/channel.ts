/**
 * A bounded queue between two stages of a turn: one producer, one consumer.
 *
 * Policy when full: `offer` refuses the item, `send` waits until there is room.
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #waitingReader: (() => void) | null = null;
  #waitingWriter: (() => void) | null = null;
  #closed = false;
  #failure: { readonly error: unknown } | null = null;

  /** @param capacity Items held at most, at least 1. */
  constructor(capacity: number) {
    if (!(capacity >= 1)) throw new RangeError(`Channel capacity must be at least 1, got ${capacity}`);
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Puts `item` in unless the queue is full or closed; says whether it went in. */
  offer(item: T): boolean {
    if (this.#closed || this.#items.length >= this.#capacity) return false;
    this.#items.push(item);
    this.#wakeReader();
    return true;
  }

  /** Puts `item` in, waiting for room. Resolves to false when the queue is or becomes closed. */
  async send(item: T): Promise<boolean> {
    while (!this.#closed && this.#items.length >= this.#capacity) {
      await new Promise<void>((resolve) => {
        this.#waitingWriter = resolve;
      });
    }
    return this.offer(item);
  }

  /** Ends the queue; what it holds can still be read. */
  close(): void {
    this.#closed = true;
    this.#wakeReader();
    this.#wakeWriter();
  }

  /** Ends the queue with an error that the reader meets after what it holds. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure = { error };
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        if (this.#items.length > 0) {
          const item = this.#items.shift() as T;
          this.#wakeWriter();
          yield item;
        } else if (this.#failure) {
          throw this.#failure.error;
        } else if (this.#closed) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#waitingReader = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }

  #wakeReader(): void {
    const wake = this.#waitingReader;
    this.#waitingReader = null;
    wake?.();
  }

  #wakeWriter(): void {
    const wake = this.#waitingWriter;
    this.#waitingWriter = null;
    wake?.();
  }
}
