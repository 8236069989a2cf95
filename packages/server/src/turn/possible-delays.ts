import { COMPARED_FRAME } from './played-voices.ts';

/** Delays are told apart in steps of a frame of 20 ms, up to 840 ms. */
const STEP = COMPARED_FRAME;
const STEPS = 42;
/** An echo is not louder than what is played, until it is found to be, dB. */
const LOUDEST_DB = 0;
/** How slowly an echo dies away, dB a frame: a reverberation time of 1.2 s. */
const DECAY_DB = 1;
/** What has been as loud for so many frames has filled most rooms. */
const FILLS_FRAMES = 3;
/** What is quieter tells nothing, dB. */
const TELLING_DB = -60;
/**
 * Loudspeakers and rooms have a gain of their own for each sound, so that it is no echo only where it is so much louder than any before it
 * could be, dB. In 40 rooms drawn by lot one echo had two such frames.
 */
const MARGIN_DB = 10;
/** Frames of a sound that no echo of a delay explains, for it to be something else. */
const UNEXPLAINED_FRAMES = 2;
/** A gain that was low may rise again, dB a frame: 1 dB a second. */
const RISES_DB = 0.02;
/** Steps by which the delay of an echo is another one in the next utterance, and how much louder it may be, dB. */
const MOVES_STEPS = 3;
const MOVES_DB = 3;

/**
 * Which delays an echo may have. A microphone that hears nothing while an NPC is loud has no echo of what was played so long ago, or only a
 * quiet one; a sound that is louder than any echo could be is something else, and needs no search. It is told of levels, frame by frame of 20 ms.
 */
export class PossibleDelays {
  /** Most that an echo can be against what is played, for each delay. */
  readonly #gainsDb = new Float64Array(STEPS).fill(LOUDEST_DB);
  /** Frames of the sound under way that are too loud for it. */
  readonly #unexplained = new Uint8Array(STEPS);
  /** The last frames that were played, newest first, dB. */
  readonly #played: number[] = [];
  /** For each delay, what was played: the quietest of some frames, and the loudest of all, which dies away. */
  readonly #least = new Float64Array(STEPS + 2).fill(Number.NEGATIVE_INFINITY);
  readonly #most = new Float64Array(STEPS + 2).fill(Number.NEGATIVE_INFINITY);

  /** Whether the sound under way may be an echo at all. */
  get any(): boolean {
    return this.#unexplained.some((frames) => frames < UNEXPLAINED_FRAMES);
  }

  /** Whether it may be an echo of this delay, in samples of 8 kHz. */
  admits(delay: number): boolean {
    return this.#unexplained[Math.min(STEPS - 1, Math.floor(delay / STEP))] < UNEXPLAINED_FRAMES;
  }

  /** Something plays after a silence: clocks and loudspeakers may have moved. */
  beginUtterance(): void {
    this.#played.length = 0;
    this.#least.fill(Number.NEGATIVE_INFINITY);
    this.#most.fill(Number.NEGATIVE_INFINITY);
    const before = Float64Array.from(this.#gainsDb);
    for (let step = 0; step < STEPS; step++) {
      const around = before.subarray(Math.max(0, step - MOVES_STEPS), step + MOVES_STEPS + 1);
      this.#gainsDb[step] = Math.min(LOUDEST_DB, Math.max(...around) + MOVES_DB);
    }
    this.beginSound();
  }

  /** The sound under way is over. */
  beginSound(): void {
    this.#unexplained.fill(0);
  }

  /** An echo of this delay was found, in samples of 8 kHz. */
  find(delay: number): void {
    const found = Math.floor(delay / STEP);
    for (
      let step = Math.max(0, found - MOVES_STEPS);
      step < Math.min(STEPS, found + MOVES_STEPS + 1);
      step++
    ) {
      this.#gainsDb[step] = LOUDEST_DB;
      this.#unexplained[step] = 0;
    }
  }

  /** The next frame. @param sounds Whether more than silence is heard. */
  push(playedDb: number, heardDb: number, sounds: boolean): void {
    this.#played.unshift(playedDb);
    if (this.#played.length > FILLS_FRAMES) this.#played.pop();
    const before = this.#most[0];
    this.#least.copyWithin(1, 0);
    this.#most.copyWithin(1, 0);
    this.#least[0] =
      this.#played.length < FILLS_FRAMES ? Number.NEGATIVE_INFINITY : Math.min(...this.#played);
    this.#most[0] = Math.max(playedDb, before - DECAY_DB);
    if (sounds) this.#explain(heardDb);
    for (let step = 0; step < STEPS; step++) {
      const leastDb = Math.min(this.#least[step], this.#least[step + 1]);
      if (leastDb < TELLING_DB) continue;
      this.#gainsDb[step] = Math.min(this.#gainsDb[step] + RISES_DB, heardDb - leastDb);
    }
  }

  /** A delay is known to a step more or less. */
  #explain(heardDb: number): void {
    for (let step = 0; step < STEPS; step++) {
      let loudestDb = Number.NEGATIVE_INFINITY;
      for (let near = Math.max(0, step - 1); near <= Math.min(STEPS - 1, step + 1); near++)
        loudestDb = Math.max(
          loudestDb,
          this.#gainsDb[near] + Math.max(this.#most[near], this.#most[near + 1]),
        );
      if (heardDb > loudestDb + MARGIN_DB)
        this.#unexplained[step] = Math.min(255, this.#unexplained[step] + 1);
    }
  }
}
