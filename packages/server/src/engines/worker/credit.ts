import { WINDOW } from './protocol.ts';

/** Counts how many values may still be sent before the receiver has taken some. */
export class Credit {
  #left = WINDOW;
  #wake: (() => void) | null = null;
  #closed = false;

  give(): void {
    this.#left++;
    this.#wake?.();
  }

  /** Lets a waiting sender go without credit; `take` then answers false. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Waits for room for one value. @returns false when the stream is over. */
  async take(): Promise<boolean> {
    while (this.#left === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#left--;
    return !this.#closed;
  }
}
