/** Frames over which heard and expected echo are compared: 80 ms. */
const COHERENCE_FRAMES = 4;
/** What share of the expected echo is heard is told from some more of them, as a voice beside it agrees with anything by chance. */
const SHARE_KEEPS = 0.9;
/** How exactly a delay holds within an utterance, in samples: 3 ms. */
const WANDERS = 24;

/** How much of what is heard is the echo that is to be expected, over the last four frames. */
export class Coherence {
  readonly #frames: { heard: number; expected: number; both: number }[] = [];
  #both = 0;
  #expected = 0;
  #share = 0;

  /** How much of the expected echo is in the newest frame, 0 to 1. */
  get share(): number {
    return this.#share;
  }

  reset(): void {
    this.#frames.length = 0;
    this.#both = 0;
    this.#expected = 0;
    this.#share = 0;
  }

  /** Takes the next frame. @returns Coherence, -1 to 1. */
  push(heard: Float32Array, expected: Float32Array): number {
    const sums = { heard: 0, expected: 0, both: 0 };
    for (let i = 0; i < heard.length; i++) {
      sums.heard += heard[i] * heard[i];
      sums.expected += expected[i] * expected[i];
      sums.both += heard[i] * expected[i];
    }
    this.#frames.push(sums);
    if (this.#frames.length > COHERENCE_FRAMES) this.#frames.shift();
    let all = 0;
    let mine = 0;
    let theirs = 0;
    for (const { heard: h, expected: e, both } of this.#frames) {
      all += both;
      mine += h;
      theirs += e;
    }
    this.#both = this.#both * SHARE_KEEPS + sums.both;
    this.#expected = this.#expected * SHARE_KEEPS + sums.expected;
    this.#share = this.#expected > 0 ? Math.max(0, Math.min(1, this.#both / this.#expected)) : 0;
    return all / Math.sqrt(mine * theirs + 1e-9);
  }
}

/** The same where nothing but a delay is known, in samples: the best coherence near it, 0 to 1. @param played Ends when `heard` ends. */
export function coherenceAtDelay(
  heard: Float32Array,
  played: Float32Array,
  delay: number,
  frame: number,
): number {
  const from = heard.length - COHERENCE_FRAMES * frame;
  let best = 0;
  for (let lag = Math.max(0, delay - WANDERS); lag <= delay + WANDERS; lag++) {
    let mine = 0;
    let theirs = 0;
    let both = 0;
    for (let i = from; i < heard.length; i++) {
      const late = played[i - lag] ?? 0;
      mine += heard[i] * heard[i];
      theirs += late * late;
      both += heard[i] * late;
    }
    best = Math.max(best, Math.abs(both) / Math.sqrt(mine * theirs + 1e-9));
  }
  return best;
}
