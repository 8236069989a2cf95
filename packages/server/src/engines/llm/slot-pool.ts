interface Slot<T> {
  readonly value: T;
  key: string | null;
  isTaken: boolean;
  usedAt: number;
}

/** A slot while somebody holds it. */
export interface TakenSlot<T> {
  readonly value: T;
  free(): void;
}

/** A fixed number of things, each best for the key it served last; the one unused the longest serves a new key. */
export class SlotPool<T> {
  readonly #slots: Slot<T>[];
  readonly #waiting: (() => void)[] = [];
  #uses = 0;

  constructor(values: readonly T[]) {
    this.#slots = values.map((value) => ({ value, key: null, isTaken: false, usedAt: 0 }));
  }

  /** Waits for a slot; rejects with the signal's reason when aborted meanwhile. */
  async take(key: string, signal: AbortSignal): Promise<TakenSlot<T>> {
    for (;;) {
      signal.throwIfAborted();
      const slot = this.#pick(key);
      if (slot) {
        slot.isTaken = true;
        slot.key = key;
        slot.usedAt = ++this.#uses;
        return { value: slot.value, free: () => this.#free(slot) };
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #pick(key: string): Slot<T> | undefined {
    const free = this.#slots.filter(({ isTaken }) => !isTaken).sort((a, b) => a.usedAt - b.usedAt);
    return free.find((slot) => slot.key === key) ?? free[0];
  }

  #free(slot: Slot<T>): void {
    slot.isTaken = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
