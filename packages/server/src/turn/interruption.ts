import { isBackchannel } from './backchannel.ts';
import type { VocalSound } from './vocal-sound.ts';

/** What a listener's voice means for whom it listens to. */
export type InterruptionEvent =
  /** It sounds like words: the speaker lowers the voice. */
  | 'suspect'
  /** It was nothing: the speaker goes on as before. */
  | 'withdraw'
  /** They take the floor: the speaker stops. */
  | 'confirm';

export interface InterruptionOptions {
  /** Voice that sounds like words before the speaker lowers the voice, ms. */
  readonly suspectMs: number;
  /** The same where the voice detector is sure, ms. */
  readonly sureMs: number;
  /** Voice after which the words are asked for, ms. */
  readonly probeMs: number;
  /** Voice that takes the floor whatever the words are, ms. */
  readonly confirmMs: number;
  /** Voice with closed lips that takes the floor as words would, ms. */
  readonly hummedMs: number;
}

export const INTERRUPTION_DEFAULTS: InterruptionOptions = {
  suspectMs: 64,
  sureMs: 32,
  probeMs: 320,
  confirmMs: 640,
  hummedMs: 1_500,
};

/** How often the sound is looked at anew while it is none of words, ms. */
const LOOK_EVERY_MS = 32;

/**
 * Tells who interrupts from who coughs, hums or says "yeah": by the sound first, as a fade must come at once, then by the
 * words. Pure: it is told of voice and words and says what they mean.
 */
export class Interruption {
  readonly #options: InterruptionOptions;
  #phase: 'none' | 'suspected' | 'confirmed' = 'none';
  #nextLookMs = 0;
  #probes = 0;

  constructor(options: InterruptionOptions = INTERRUPTION_DEFAULTS) {
    this.#options = options;
  }

  get phase(): 'none' | 'suspected' | 'confirmed' {
    return this.#phase;
  }

  /**
   * So much voice has come.
   * @param sound Looks at the sound so far.
   * @param sure Whether the newest of it is a voice for sure.
   */
  hear(voicedMs: number, sound: () => VocalSound, sure = false): InterruptionEvent | null {
    const { confirmMs, hummedMs, sureMs, suspectMs } = this.#options;
    if (this.#phase === 'suspected' && voicedMs >= confirmMs) return this.#become('confirmed', 'confirm');
    if (this.#phase !== 'none' || voicedMs < Math.max(sure ? sureMs : suspectMs, this.#nextLookMs))
      return null;
    this.#nextLookMs = voicedMs + LOOK_EVERY_MS;
    const heard = sound();
    if (heard === 'words' || heard === 'hiss' || (heard === 'hum' && voicedMs >= hummedMs))
      return this.#become('suspected', 'suspect');
    return null;
  }

  /** Whether the words so far are wanted now: once early, once more if they told nothing. */
  wantsWords(voicedMs: number): boolean {
    if (
      this.#phase !== 'suspected' ||
      voicedMs < this.#options.probeMs * (1 + this.#probes) ||
      this.#probes > 1
    )
      return false;
    this.#probes++;
    return true;
  }

  /** These are the words so far. @param over Whether the speaker has paused, so that no more may come. */
  hearWords(text: string, over: boolean): InterruptionEvent | null {
    if (this.#phase === 'confirmed') return null;
    if (text !== '' && !isBackchannel(text)) return this.#become('confirmed', 'confirm');
    return over ? this.withdraw() : null;
  }

  /** Silence: nothing came of it. */
  withdraw(): InterruptionEvent | null {
    const suspected = this.#phase === 'suspected';
    if (this.#phase !== 'confirmed') this.#phase = 'none';
    this.#nextLookMs = 0;
    this.#probes = 0;
    return suspected ? 'withdraw' : null;
  }

  /** The turn is over: everything begins anew. */
  reset(): InterruptionEvent | null {
    const event = this.withdraw();
    this.#phase = 'none';
    return event;
  }

  #become(phase: 'suspected' | 'confirmed', event: InterruptionEvent): InterruptionEvent {
    this.#phase = phase;
    return event;
  }
}
