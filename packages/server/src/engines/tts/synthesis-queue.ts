/** What waits to be synthesised. */
interface Job {
  readonly isFirst: boolean;
  readonly start: () => void;
}

/**
 * One clause is synthesised at a time: two at once would only make both late. The first clause of an utterance goes before
 * later ones, whose listeners still have something to hear.
 */
export class SynthesisQueue {
  readonly #waiting: Job[] = [];
  #busy = false;

  /** @param isFirst Whether somebody waits for the first sound of an utterance. */
  async run<T>(isFirst: boolean, synthesise: () => Promise<T>): Promise<T> {
    if (this.#busy) {
      await new Promise<void>((start) => {
        const later = isFirst ? this.#waiting.findIndex((job) => !job.isFirst) : -1;
        this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, { isFirst, start });
      });
    }
    this.#busy = true;
    try {
      return await synthesise();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.start();
      else this.#busy = false;
    }
  }
}
