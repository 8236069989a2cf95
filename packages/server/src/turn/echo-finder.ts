import { type Agreement, EchoSearch } from './echo-search.ts';
import { COMPARED_FRAME, COMPARED_RATE_HZ } from './played-voices.ts';
import type { PossibleDelays } from './possible-delays.ts';
import { filtered, whitening } from './whitening.ts';

/** An echo is looked for up to 820 ms behind, in samples. */
const LONGEST_LAG = (820 * COMPARED_RATE_HZ) / 1000;
/**
 * A search for the echo looks at 100 to 320 ms of sound. The best agreement over all lags, after whitening, is .7 to .8 for an echo at -10 dB
 * in a living room; in bare rooms, where most of it comes by the walls, .2 to .5. Half of all other voices agree by less than .18
 * in 100 ms and .1 in 320 ms, 97 of 100 by less than .38 and .21.
 */
const SEARCHED_FRAMES = { least: 5, most: 16 } as const;
const SEARCH_EVERY = 2;
const SURELY_ECHO = 0.42;
/** Twice at the same lag, or at the one that is known. */
const LIKELY_ECHO = 0.28;
/** Always at nearly the same lag, for so many frames: 160 ms. */
const LASTING_ECHO = 0.2;
const LASTING_FRAMES = 8;
/** Below it is something else; the first value after the fewest frames, the last after the most. */
const NO_ECHO = [0.2, 0.195, 0.19, 0.185, 0.182, 0.18, 0.177, 0.174, 0.172, 0.17, 0.168, 0.165];
/** Lags of two searches that agree, in samples: 2 ms. */
const SAME_LAG = 16;
/** In bare rooms now one reflection agrees best and now another, in samples: 25 ms. */
const NEARLY_SAME_LAG = 200;
/** A new utterance is at most this much earlier or later than the delay that is known: 60 ms, in samples. */
const ALIGNS_WITHIN = (60 * COMPARED_RATE_HZ) / 1000;

/** What is known of the echo that is looked for. */
export interface SoughtEcho {
  /** The delay that it had before, in samples; null for none. */
  readonly delay: number | null;
  /** Delays that come into question; null for all. */
  readonly possible: PossibleDelays | null;
  /** Whether the microphone has heard nothing of what was played: it must hear the echo clearly. */
  readonly deaf: boolean;
}

/** Looks for what is played in a sound that a microphone hears, until the one or the other is sure. */
export class EchoFinder {
  /** Frames of a sound that are looked at, at most. */
  static readonly most = SEARCHED_FRAMES.most;
  readonly #search = new EchoSearch();
  #last: Agreement | null = null;
  /** Frame since which searches nearly agree. */
  #agreesFrom = 0;

  /** Another sound begins. */
  reset(): void {
    this.#last = null;
  }

  /**
   * Looks again, each second frame.
   * @param heard,played Both end now; {@link EchoSearch.span} samples and more.
   * @param frame Number of the newest frame. @param frames How many the sound has lasted.
   * @returns The echo's delay, in samples; `none` where the sound is something else; null while it cannot be told.
   */
  look(
    heard: Float32Array,
    played: Float32Array,
    frame: number,
    frames: number,
    { delay, possible, deaf }: SoughtEcho,
  ): number | 'none' | null {
    const looked = Math.min(frames, SEARCHED_FRAMES.most);
    if (looked < SEARCHED_FRAMES.least || frame % SEARCH_EVERY !== 0) return null;
    const last = this.#last;
    const found = this.#find(heard, played, looked, possible);
    const { lag, correlation } = found;
    this.#last = found;
    const apart = last === null ? Number.POSITIVE_INFINITY : Math.abs(last.lag - lag);
    const agrees = apart <= SAME_LAG;
    if (apart > NEARLY_SAME_LAG) this.#agreesFrom = frame;
    const near = delay !== null && EchoFinder.isNear(lag, delay);
    const surely = correlation >= SURELY_ECHO && !(deaf && delay === null);
    const likely = correlation >= LIKELY_ECHO && (agrees || near);
    const lasting = correlation >= LASTING_ECHO && frame - this.#agreesFrom >= LASTING_FRAMES && !deaf;
    if (surely || likely || lasting) return lag;
    return correlation < NO_ECHO[looked - SEARCHED_FRAMES.least] ? 'none' : null;
  }

  /** Looks once, and tells the echo's delay only if it is sure; see {@link EchoFinder.look}. */
  lookOnce(heard: Float32Array, played: Float32Array): number | null {
    const { lag, correlation } = this.#find(heard, played, SEARCHED_FRAMES.most, null);
    return correlation >= SURELY_ECHO ? lag : null;
  }

  /** Whether two delays may be those of one echo, in two utterances. */
  static isNear(delay: number, other: number): boolean {
    return Math.abs(delay - other) <= ALIGNS_WITHIN;
  }

  #find(
    heard: Float32Array,
    played: Float32Array,
    frames: number,
    possible: PossibleDelays | null,
  ): Agreement {
    const samples = frames * COMPARED_FRAME;
    const filter = whitening(played.subarray(played.length - samples - LONGEST_LAG));
    return this.#search.find(
      filtered(heard, filter, samples),
      filtered(played, filter, EchoSearch.span),
      samples,
      0,
      LONGEST_LAG,
      possible ?? undefined,
    );
  }
}
