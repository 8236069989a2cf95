import { decibels } from './decibels.ts';
import { HISS_FRAME_MS, HissLevel } from './hiss-level.ts';
import type { PlayedVoices } from './played-voices.ts';

/** A hiss is this much above the microphone's own noise, dB. */
const ABOVE_SILENCE_DB = 12;
/** Loudest hiss of a microphone's own noise, dB. */
const LOUDEST_SILENCE_DB = -45;
/** It is the visitor's own where it is this much louder than the echo to be expected, dB. */
const ABOVE_ECHO_DB = 8;
/** So much louder where nothing is known of the echo, against what is played; an echo is rarely louder than -6 dB. */
const ABOVE_PLAYED_DB = -4;
/** Played hisses that may be heard at a moment, if the delay is known: from a reverberation before it to an inexact delay after it, ms. */
const REVERBERATES_MS = 140;
const INEXACT_MS = 40;
/** The longest delay of an echo, ms. */
const LONGEST_MS = 820;
/** What is learnt begins with a loud echo, dB. */
const LOUD_GAIN_DB = -6;
/** What is played teaches the level of its echo where it is louder than this, dB. */
const TEACHES_DB = -50;
/** A hiss lasts for so many frames of the last three. */
const LASTS_FRAMES = 2;

/**
 * Tells a visitor's "s" or "f" from those of an NPC in the same microphone. They have hardly any power in the band in which voices are
 * compared, and a word that begins with one would be noticed a fifth of a second late.
 */
export class OwnHiss {
  readonly #played: PlayedVoices;
  #level = new HissLevel(16_000);
  /** Levels of frames that have come and were not judged, dB. */
  readonly #levels: number[] = [];
  #silenceDb = -75;
  /** Level of the echo's hisses against those that are played, dB; null while it is not known. */
  #gainDb: number | null = null;
  #recent = 0;

  constructor(played: PlayedVoices) {
    this.#played = played;
  }

  /** A new capture begins. */
  reset(): void {
    this.#level = new HissLevel(16_000);
    this.#levels.length = 0;
    this.#recent = 0;
  }

  /** The echo is another one, or gone. */
  forget(): void {
    this.#gainDb = null;
  }

  /** Takes the next 16 kHz samples of the microphone. */
  receive(pcm: Float32Array): void {
    this.#level.push(pcm, (power) => this.#levels.push(decibels(power)));
  }

  /** Takes the next frame for silence, as nothing is played. */
  pass(): void {
    const level = this.#next();
    this.#silenceDb += (Math.min(level, this.#silenceDb + 1, LOUDEST_SILENCE_DB) - this.#silenceDb) * 0.1;
    this.#recent = 0;
  }

  /**
   * Whether the next frame has a hiss of the visitor's.
   * @param roomMs Room clock at the frame.
   * @param delayMs How late the echo comes; null where that is not known.
   * @param unheardMs An echo would come later than this, as the microphone was silent for so long while something was played.
   * @param isEcho Whether the frame is an echo and nothing else.
   */
  judge(roomMs: number, delayMs: number | null, unheardMs: number, isEcho: boolean): boolean {
    const level = this.#next();
    const expectedDb = this.#expectedDb(roomMs, delayMs, unheardMs);
    const isOwn = level > this.#silenceDb + ABOVE_SILENCE_DB && level > expectedDb;
    if (isEcho && delayMs !== null) this.#learn(level, roomMs, delayMs);
    this.#recent = ((this.#recent << 1) | Number(isOwn)) & 7;
    const frames = (this.#recent & 1) + ((this.#recent >> 1) & 1) + ((this.#recent >> 2) & 1);
    return isOwn && frames >= LASTS_FRAMES;
  }

  #next(): number {
    return this.#levels.shift() ?? this.#silenceDb;
  }

  #expectedDb(roomMs: number, delayMs: number | null, unheardMs: number): number {
    if (delayMs === null || this.#gainDb === null) {
      const untilMs = roomMs + HISS_FRAME_MS - Math.max(0, unheardMs - INEXACT_MS);
      const loudest = this.#played.hissPower(roomMs - LONGEST_MS, untilMs);
      return decibels(loudest) + ABOVE_PLAYED_DB;
    }
    const heardMs = roomMs - delayMs;
    const loudest = this.#played.hissPower(heardMs - REVERBERATES_MS, heardMs + INEXACT_MS);
    return decibels(loudest) + this.#gainDb + ABOVE_ECHO_DB;
  }

  /** Rises at once and falls slowly, as an echo that was louder may be so again. */
  #learn(level: number, roomMs: number, delayMs: number): void {
    const heardMs = roomMs - delayMs;
    const playedDb = decibels(this.#played.hissPower(heardMs - INEXACT_MS, heardMs + INEXACT_MS));
    if (playedDb < TEACHES_DB) return;
    const gainDb = Math.min(0, level - playedDb);
    this.#gainDb ??= Math.max(gainDb, LOUD_GAIN_DB);
    this.#gainDb += (gainDb - this.#gainDb) * (gainDb > this.#gainDb ? 0.5 : 0.015);
  }
}
