/** A Float64Array or Int32Array that grows by doubling: numbers of a file whose length is not known before it is read. */
export class GrowingArray<T extends Float64Array | Int32Array> {
  #values: T;
  length = 0;

  /** @param initial Its type is kept; its contents are not used. */
  constructor(initial: T) {
    this.#values = initial;
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new (this.#values.constructor as new (length: number) => T)(
        Math.max(1024, this.length * 2),
      );
      grown.set(this.#values as never);
      this.#values = grown;
    }
    this.#values[this.length++] = value;
  }

  /** The numbers so far; valid until the next push. */
  view(): T {
    return this.#values.subarray(0, this.length) as T;
  }
}
