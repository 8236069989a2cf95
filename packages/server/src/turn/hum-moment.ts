import { ENDPOINTING_DEFAULTS, type EndpointingOptions } from './endpointing.ts';
import { howFinished } from './how-finished.ts';

/** Voice after which a listener may hum, ms. */
const SPOKEN_MS = 4_000;
/**
 * A hum falls into a pause of this length: shorter ones are breath, longer ones wait for an answer. Where the next word is plainly
 * missing nobody waits for one, and the words may be known later, ms.
 */
const EARLIEST_MS = 250;
const LATEST_MS = { open: 450, hanging: 700 } as const;

export interface HumMomentOptions {
  readonly endpointing?: EndpointingOptions;
  /** The room clock, ms. */
  readonly nowMs: () => number;
  /**
   * The moment has come.
   * @param text The words so far.
   * @param withinMs A hum must be over by then, or the answer would come into it, ms from now.
   */
  readonly onMoment: (text: string, withinMs: number) => void;
}

/**
 * Finds the moment for a listener's "mm-hm" within somebody's turn: a pause after some seconds of speech at which the words want to
 * go on. Where they read like a whole sentence the turn is about to end, and there is no moment.
 */
export class HumMoment {
  readonly #options: HumMomentOptions;
  #pausedMs: number | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HumMomentOptions) {
    this.#options = options;
  }

  /** The speaker has paused. @param spokenMs Voice of the turn so far. */
  pause(spokenMs: number): void {
    this.over();
    const { pauseMs } = this.#options.endpointing ?? ENDPOINTING_DEFAULTS;
    if (spokenMs >= SPOKEN_MS) this.#pausedMs = this.#options.nowMs() - pauseMs;
  }

  /** The words up to the pause are known. */
  words(text: string): void {
    const pausedMs = this.#pausedMs;
    if (pausedMs === null || this.#timer) return;
    const finish = howFinished(text);
    if (finish === 'clear' || finish === 'likely') {
      this.#pausedMs = null;
      return;
    }
    const { openDelayMs, maxDelayMs } = this.#options.endpointing ?? ENDPOINTING_DEFAULTS;
    const endMs = pausedMs + (finish === 'open' ? openDelayMs : maxDelayMs);
    this.#timer = setTimeout(
      () => {
        this.over();
        const nowMs = this.#options.nowMs();
        if (nowMs <= pausedMs + LATEST_MS[finish]) this.#options.onMoment(text, endMs - nowMs);
      },
      Math.max(0, pausedMs + EARLIEST_MS - this.#options.nowMs()),
    );
    this.#timer.unref();
  }

  /** The speaker goes on, or has ended. */
  over(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pausedMs = null;
  }
}
