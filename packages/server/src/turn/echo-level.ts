import { decibels, FLOOR_DB } from './decibels.ts';

/** Energies of a response are taken together for so many samples: 20 ms at 8 kHz, a frame. */
const BLOCK = 160;
/** Decay of a room of which nothing is known, dB a frame: a reverberation time of 0.5 s. */
const USUAL_DECAY_DB = 2.4;
/** Decays of rooms, dB a frame: reverberation times of 1.2 s and 0.2 s. */
const DECAYS_DB = [1, 6] as const;
/** How fast the level is learnt. */
const LEARNS = 0.1;

/**
 * How loud an echo is to be expected, from what was played and from how the room's response dies away, also beyond the end of the response
 * that is known. In a bare room the tail of a word is louder than the direct sound of the next.
 */
export class EchoLevel {
  /** Samples before the frame that are looked at, beyond the response. */
  static readonly reach = 2 * BLOCK;
  readonly #usual: Float64Array;
  /** Share of the power in each block of the response. */
  #shares: Float64Array;
  #decay = 10 ** (-USUAL_DECAY_DB / 10);
  #tail = 0;
  #gainDb = 0;
  #modelDb = FLOOR_DB;

  /** @param taps Samples of the response. @param early Those of them before its loudest part. */
  constructor(taps: number, early: number) {
    const blocks = Math.ceil(taps / BLOCK);
    this.#usual = Float64Array.from({ length: blocks }, (_, block) => {
      const late = block - early / BLOCK;
      return late < 0 ? 0 : 10 ** ((-USUAL_DECAY_DB * late) / 10);
    });
    this.#shares = this.#usual;
  }

  /** Nothing is playing, or something new. */
  reset(): void {
    this.#tail = 0;
    this.#modelDb = FLOOR_DB;
  }

  /** The echo is another one, or gone. */
  forget(): void {
    this.reset();
    this.#shares = this.#usual;
    this.#decay = 10 ** (-USUAL_DECAY_DB / 10);
  }

  /** The room's response is this. */
  shape(response: Float64Array): void {
    const shares = new Float64Array(this.#usual.length);
    for (let tap = 0; tap < response.length; tap++)
      shares[Math.floor(tap / BLOCK)] += response[tap] * response[tap];
    let loudest = 0;
    for (let block = 1; block < shares.length; block++) if (shares[block] > shares[loudest]) loudest = block;
    this.#decay = 10 ** (-decayDb(shares, loudest) / 10);
    // The level that was learnt stays.
    this.#gainDb += decibels(total(this.#shares)) - decibels(total(shares));
    this.#shares = shares;
  }

  /**
   * The next frame.
   * @param played What is played. @param newest Index in it of the sample that the response's first tap brings into the frame's first.
   * @returns Level to be expected, dB.
   */
  expect(played: Float32Array, newest: number): number {
    const shares = this.#shares;
    let power = 0;
    for (let block = 0; block < shares.length; block++)
      power += shares[block] * blockPower(played, newest - (block + 0.5) * BLOCK);
    const last = shares[shares.length - 1];
    this.#tail =
      this.#decay * (this.#tail + last * blockPower(played, newest - (shares.length + 0.5) * BLOCK));
    this.#modelDb = decibels(power + this.#tail);
    return this.#modelDb + this.#gainDb;
  }

  /** The frame was of this level, and nothing but an echo, dB. */
  learn(level: number): void {
    this.#gainDb += (level - this.#modelDb - this.#gainDb) * LEARNS;
  }

  /** Some frames were so much louder than expected, dB. */
  correct(louderDb: number): void {
    this.#gainDb += louderDb;
  }
}

function total(shares: Float64Array): number {
  let sum = 0;
  for (const share of shares) sum += share;
  return sum;
}

/** How fast the response dies away after its loudest block, dB a frame: the slope of its energies. */
function decayDb(shares: Float64Array, loudest: number): number {
  const count = shares.length - loudest;
  if (count < 3) return USUAL_DECAY_DB;
  const middle = (count - 1) / 2;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    sum += (i - middle) * decibels(shares[loudest + i]);
    squares += (i - middle) ** 2;
  }
  return Math.min(DECAYS_DB[1], Math.max(DECAYS_DB[0], -sum / squares));
}

function blockPower(played: Float32Array, from: number): number {
  const start = Math.max(0, Math.round(from));
  const end = Math.min(played.length, Math.round(from) + BLOCK);
  let sum = 0;
  for (let i = start; i < end; i++) sum += played[i] * played[i];
  return sum / BLOCK;
}
