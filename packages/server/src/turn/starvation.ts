/** A microphone that sends nothing for this long in the middle of speech has fallen silent, ms. */
const STARVED_MS = 700;
/** A timer that is later than this tells that the process stood still, ms. */
const STALL_MS = 150;

/** Notices that a microphone stopped sending in the middle of speech, as a muted track or a lost connection does. */
export class Starvation {
  readonly #nowMs: () => number;
  readonly #onStarved: () => void;
  #timer: NodeJS.Timeout | null = null;
  #lastFrameMs = 0;

  /** @param nowMs The room clock. */
  constructor(nowMs: () => number, onStarved: () => void) {
    this.#nowMs = nowMs;
    this.#onStarved = onStarved;
  }

  /** Room clock at the last frame, ms. */
  get lastFrameMs(): number {
    return this.#lastFrameMs;
  }

  /** A frame has come. @returns The room clock, ms. */
  feed(): number {
    this.#lastFrameMs = this.#nowMs();
    return this.#lastFrameMs;
  }

  /** Somebody speaks: from now on frames are missed. */
  watch(): void {
    this.#timer ??= this.#arm();
  }

  /** Nobody speaks any more. */
  rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): NodeJS.Timeout {
    const armedMs = this.#nowMs();
    return setTimeout(() => {
      const now = this.#nowMs();
      // Who was not run themselves for a while has frames waiting.
      const stalled = now - armedMs > STARVED_MS + STALL_MS;
      this.#timer = stalled || now - this.#lastFrameMs < STARVED_MS ? this.#arm() : null;
      if (!this.#timer) this.#onStarved();
    }, STARVED_MS);
  }
}
