/** Time constant with which clients change a voice's loudness, ms. */
const RAMP_MS = 40;
/** How late a message reaches a client, ms: usual, as it is not known. */
const SENT_MS = 30;

/** Loudness of a voice that clients lower and raise when they are told to. */
export class GainRamp {
  /** The last is the newest. */
  readonly #changes: { readonly atMs: number; readonly from: number; readonly to: number }[] = [];

  /** Whether it has never changed. */
  get isLevel(): boolean {
    return this.#changes.length === 0;
  }

  /** Clients are told now to go to this gain. @param nowMs Room clock. */
  change(gain: number, nowMs: number): void {
    const atMs = nowMs + SENT_MS;
    this.#changes.push({ atMs, from: this.at(atMs), to: gain });
  }

  /** The gain at a moment of the room's clock. */
  at(ms: number): number {
    const change = this.#changes.findLast(({ atMs }) => atMs <= ms);
    if (!change) return 1;
    return change.to + (change.from - change.to) * Math.exp((change.atMs - ms) / RAMP_MS);
  }
}
