/** Length of the response: 160 ms at 8 kHz, the direct sound and most of what the walls give back. */
const TAPS = 1280;
/** The response begins this much before the delay that was found, in samples: in a bare room a reflection may be the loudest. */
const EARLY = 160;
/** Share that a frame of 20 ms keeps when the next comes: what was learnt 3.2 seconds ago counts a fifth. */
const KEEPS = 0.99;
/** Frames from which a response can be told. */
const LEAST_FRAMES = 6;
/** While little is known it is told anew with each second frame, later with each tenth. */
const KNOWN_WELL_FRAMES = 30;
/** Share of the echo's power that a response foretells which is known well. */
const EXPLAINS_WELL = 0.5;
/** How fast it is learnt what a response is worth, and the coherence of a usual one. */
const PROVES = 0.08;
const USUAL_COHERENCE = 0.9;
const LEARN_EVERY = { early: 2, later: 10 } as const;
/** Prediction error, as a share of the power, below which the equations are too ill-posed to be believed. */
const LEAST_ERROR = 3e-4;

/**
 * What becomes of a voice from the server's samples to a microphone's: codec, loudspeaker, room, codec. A short linear response,
 * fitted by least squares (normal equations by Levinson's recursion) to what was heard while nothing but the echo was.
 */
export class EchoPath {
  /** Samples of the response; so many of `played` are needed before a frame. */
  static readonly taps = TAPS;
  /** Samples after the frame at the known delay that are needed, and that come before the loudest part of the response. */
  static readonly early = EARLY;
  readonly #auto = new Float64Array(TAPS);
  readonly #cross = new Float64Array(TAPS);
  #energy = 0;
  #response: Float64Array | null = null;
  #frames = 0;
  /** Share of the echo's power that was foretold, of frames that it had not learnt from. */
  #explains = 0;
  #coherence = USUAL_COHERENCE;

  /** Whether enough was heard to tell. */
  get known(): boolean {
    return this.#response !== null;
  }

  /** Whether so much was heard that what it does not explain is something else. */
  get wellKnown(): boolean {
    return this.#frames >= KNOWN_WELL_FRAMES && this.#explains >= EXPLAINS_WELL;
  }

  /** The response, once it is known. */
  get response(): Float64Array | null {
    return this.#response;
  }

  /** How much of the echo agrees with what was foretold, 0 to 1: the nearer to 1 the drier the room. */
  get coherence(): number {
    return this.#coherence;
  }

  /** What was foretold of a frame of nothing but the echo agrees with it by so much, -1 to 1. */
  prove(coherence: number): void {
    const sure = Math.max(0, coherence);
    this.#explains += (sure * sure - this.#explains) * PROVES;
    this.#coherence += (sure - this.#coherence) * PROVES;
  }

  forget(): void {
    this.#auto.fill(0);
    this.#cross.fill(0);
    this.#energy = 0;
    this.#response = null;
    this.#frames = 0;
    this.#explains = 0;
    this.#coherence = USUAL_COHERENCE;
  }

  /**
   * Learns from a frame in which the microphone hears the echo and nothing else.
   * @param heard The frame.
   * @param played What is played.
   * @param at Index in `played` of the sample that is heard, at the known delay, at the beginning of the frame.
   * @returns Whether the response is a new one.
   */
  learn(heard: Float32Array, played: Float32Array, at: number): boolean {
    const newest = at + EARLY;
    if (newest - TAPS < 0 || newest + heard.length > played.length) return false;
    // Two taps at a time: sums that do not wait for each other.
    for (let tap = 0; tap < TAPS; tap += 2) {
      let auto = 0;
      let cross = 0;
      let nextAuto = 0;
      let nextCross = 0;
      for (let i = 0; i < heard.length; i++) {
        const now = played[newest + i];
        const sound = heard[i];
        const late = played[newest + i - tap];
        const later = played[newest + i - tap - 1];
        auto += now * late;
        cross += sound * late;
        nextAuto += now * later;
        nextCross += sound * later;
      }
      this.#auto[tap] = this.#auto[tap] * KEEPS + auto;
      this.#cross[tap] = this.#cross[tap] * KEEPS + cross;
      this.#auto[tap + 1] = this.#auto[tap + 1] * KEEPS + nextAuto;
      this.#cross[tap + 1] = this.#cross[tap + 1] * KEEPS + nextCross;
    }
    let energy = 0;
    for (const sample of heard) energy += sample * sample;
    this.#energy = this.#energy * KEEPS + energy;
    this.#frames++;
    const every = this.#frames < KNOWN_WELL_FRAMES ? LEARN_EVERY.early : LEARN_EVERY.later;
    return this.#frames >= LEAST_FRAMES && this.#frames % every === 0 && this.#solve();
  }

  /** Writes the echo that is to be expected in a frame; see {@link EchoPath.learn}. */
  predict(played: Float32Array, at: number, out: Float32Array): void {
    out.fill(0);
    const response = this.#response;
    const newest = at + EARLY;
    if (!response || newest - TAPS < 0 || newest + out.length > played.length) return;
    // Four samples at a time, for the same reason.
    for (let i = 0; i < out.length; i += 4) {
      let first = 0;
      let second = 0;
      let third = 0;
      let fourth = 0;
      for (let tap = 0, from = newest + i; tap < TAPS; tap++, from--) {
        const share = response[tap];
        first += share * played[from];
        second += share * played[from + 1];
        third += share * played[from + 2];
        fourth += share * played[from + 3];
      }
      out[i] = first;
      out[i + 1] = second;
      out[i + 2] = third;
      out[i + 3] = fourth;
    }
  }

  /** The less is known, the smoother the solution should be. One that explains more than there was is none. */
  #solve(): boolean {
    const response = solveToeplitz(this.#auto, this.#cross, 1.02 + 0.5 / this.#frames);
    if (!response) return false;
    let explained = 0;
    for (let tap = 0; tap < TAPS; tap++) explained += response[tap] * this.#cross[tap];
    if (!(explained > 0 && explained < this.#energy)) return false;
    this.#response = response;
    return true;
  }
}

/**
 * Solves a symmetric Toeplitz system: Levinson 1946; null where it is ill-posed.
 * @param ridge Factor of the diagonal, above 1.
 */
function solveToeplitz(row: Float64Array, right: Float64Array, ridge: number): Float64Array | null {
  const size = row.length;
  const solution = new Float64Array(size);
  const predictor = new Float64Array(size);
  const power = row[0] * ridge;
  if (!(power > 1e-9)) return null;
  let error = power;
  predictor[0] = 1;
  solution[0] = right[0] / error;
  for (let order = 1; order < size; order++) {
    let sum = 0;
    let rest = right[order];
    for (let i = 0; i < order; i++) {
      const late = row[order - i];
      sum += predictor[i] * late;
      rest -= solution[i] * late;
    }
    const reflection = -sum / error;
    for (let i = 0, j = order; i <= j; i++, j--) {
      const front = predictor[i];
      const back = predictor[j];
      predictor[i] = front + reflection * back;
      predictor[j] = back + reflection * front;
    }
    error *= 1 - reflection * reflection;
    if (!(error > LEAST_ERROR * power)) return null;
    rest /= error;
    for (let i = 0; i <= order; i++) solution[i] += rest * predictor[order - i];
  }
  return solution;
}
