/** The clock's offset is the smallest of this time, ms. */
const OFFSET_MS = 4_000;

/** When a microphone's sample 0 was, on the room's clock. Arrivals jitter upwards only, so the earliest tell. */
export class ArrivalClock {
  #offsetMs = Number.POSITIVE_INFINITY;
  #nextOffsetMs = Number.POSITIVE_INFINITY;
  #sinceMs = 0;

  /** Room clock at sample 0, ms; infinite before anything has come. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** A new capture begins. */
  reset(): void {
    this.#offsetMs = Number.POSITIVE_INFINITY;
    this.#nextOffsetMs = Number.POSITIVE_INFINITY;
  }

  /** Something has come. @param offsetMs Room clock at sample 0 if it had come without delay. @param nowMs Room clock. */
  track(offsetMs: number, nowMs: number): void {
    this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
    this.#nextOffsetMs = Math.min(this.#nextOffsetMs, offsetMs);
    if (nowMs - this.#sinceMs < OFFSET_MS) return;
    this.#sinceMs = nowMs;
    this.#offsetMs = this.#nextOffsetMs;
    this.#nextOffsetMs = offsetMs;
  }
}
