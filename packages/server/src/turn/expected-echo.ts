import { Coherence, coherenceAtDelay } from './coherence.ts';
import { decibels } from './decibels.ts';
import { EchoLevel } from './echo-level.ts';
import { EchoPath } from './echo-path.ts';
import { meanSquare } from './mean-square.ts';
import { COMPARED_FRAME } from './played-voices.ts';

/**
 * A frame is the visitor's own where what is heard is less coherent with the expected echo than `below` and so many dB louder than it;
 * below `surely` 4 dB less. What is known early, from the first half second of an echo, explains less of it.
 */
const OWN = {
  path: { below: 0.6, above: 3, surely: 0.35 },
  early: { below: 0.45, above: 6, surely: 0 },
} as const;
/** In bare rooms less is foretold, and the level less exactly: so much more for each tenth of coherence below that of a dry one, dB. */
const BARE_DB = 4;
const DRY_COHERENCE = 0.88;
/** Coherence from which a frame teaches the path. */
const TEACHES_FROM = 0.5;

/**
 * The echo that is to be expected in a microphone, once its delay is known: how it sounds, how loud it is, and whether that explains what is
 * heard. Frames are those at the end of two signals of the same length that end now, what is heard and what is played.
 */
export class ExpectedEcho {
  /** Samples that are needed of both before the frame, beyond the delay. */
  static readonly reach = EchoPath.taps + EchoLevel.reach;
  readonly #path = new EchoPath();
  readonly #level = new EchoLevel(EchoPath.taps, EchoPath.early);
  readonly #coherence = new Coherence();
  readonly #samples = new Float32Array(COMPARED_FRAME);
  #share = 0;
  #compared = { coherence: 0, levelDb: 0, usual: 1 };

  /** The echo in the frame that was compared last. */
  get samples(): Float32Array {
    return this.#samples;
  }

  /** How much of it is in that frame, 0 to 1; 0 where none was compared. */
  get share(): number {
    return this.#share;
  }

  /** Another frame, of which nothing is known yet. */
  beginFrame(): void {
    this.#share = 0;
  }

  /** Something new is played. */
  beginUtterance(): void {
    this.#coherence.reset();
    this.#level.reset();
  }

  /** The echo is another one, or gone. */
  forget(): void {
    this.#path.forget();
    this.#level.forget();
  }

  /** The echo was found in so many frames. */
  find(heard: Float32Array, played: Float32Array, delay: number, frames: number): void {
    if (!this.#path.known) this.#teach(heard, played, delay, frames);
    this.#levelOff(heard, played, delay, frames);
    this.#coherence.reset();
  }

  /** The frame is silent. */
  pass(played: Float32Array, delay: number): void {
    this.#level.expect(played, newestAt(played, delay));
  }

  /** Whether the frame has more than the echo. @param levelDb Of the frame. */
  compare(heard: Float32Array, played: Float32Array, delay: number, levelDb: number): boolean {
    const { known, wellKnown } = this.#path;
    const coherence = known
      ? this.#coherenceWithPath(heard, played, delay)
      : coherenceAtDelay(heard, played, delay, COMPARED_FRAME);
    const aboveDb = levelDb - this.#level.expect(played, newestAt(played, delay));
    const { below, above, surely } = wellKnown ? OWN.path : OWN.early;
    const usual = wellKnown ? this.#path.coherence : 1;
    this.#compared = { coherence, levelDb, usual };
    const bareDb = BARE_DB * 10 * Math.max(0, DRY_COHERENCE - usual);
    const least = (coherence < surely * usual ? above - 4 : above) + bareDb;
    return coherence < below * usual && aboveDb > least;
  }

  /** The frame that was compared last is nothing but the echo. */
  learn(heard: Float32Array, played: Float32Array, delay: number): void {
    const { known, wellKnown } = this.#path;
    const { coherence, levelDb, usual } = this.#compared;
    if (known) this.#path.prove(coherence);
    if (coherence >= TEACHES_FROM * usual || !wellKnown) this.#learn(heard, played, delay, 1);
    this.#level.learn(levelDb);
  }

  /** Learns the path from the sound in which the echo was found. */
  #teach(heard: Float32Array, played: Float32Array, delay: number, frames: number): void {
    for (let back = frames; back > 0; back--) this.#learn(heard, played, delay, back);
  }

  /** Learns the level of the echo from that sound. */
  #levelOff(heard: Float32Array, played: Float32Array, delay: number, frames: number): void {
    let power = 0;
    let expected = 0;
    for (let back = frames; back > 0; back--) {
      const from = heard.length - back * COMPARED_FRAME;
      power += meanSquare(heard.subarray(from, from + COMPARED_FRAME));
      const newest = newestAt(played, delay) - (back - 1) * COMPARED_FRAME;
      expected += 10 ** (this.#level.expect(played, newest) / 10);
    }
    this.#level.correct(decibels(power) - decibels(expected));
  }

  /** @param back Which frame: 1 is the newest. */
  #learn(heard: Float32Array, played: Float32Array, delay: number, back: number): void {
    const from = heard.length - back * COMPARED_FRAME;
    const frame = heard.subarray(from, from + COMPARED_FRAME);
    const isNew = this.#path.learn(frame, played, from - pathDelay(delay));
    if (isNew && this.#path.response) this.#level.shape(this.#path.response);
  }

  #coherenceWithPath(heard: Float32Array, played: Float32Array, delay: number): number {
    const from = heard.length - COMPARED_FRAME;
    this.#path.predict(played, from - pathDelay(delay), this.#samples);
    const coherence = this.#coherence.push(heard.subarray(from), this.#samples);
    this.#share = this.#coherence.share;
    return coherence;
  }
}

/** The response begins before the delay at which most of the echo comes; not before what plays now. */
function pathDelay(delay: number): number {
  return Math.max(delay, EchoPath.early);
}

/** Where in what is played the newest sample is that the response brings into the frame. */
function newestAt(played: Float32Array, delay: number): number {
  return played.length - COMPARED_FRAME - pathDelay(delay) + EchoPath.early;
}
