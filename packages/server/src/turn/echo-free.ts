import { PcmRing } from './pcm-ring.ts';
import { COMPARED_RATE_HZ, PRE_EMPHASIS } from './played-voices.ts';

/** How long a microphone is remembered without its echo, s. */
const KEPT_S = 3;
/** Share of the echo's power that is left of it at first, and how fast that is learnt. */
const LEFT_AT_FIRST = 0.3;
const LEARNS = 0.05;

/** What a visitor utters, as far as the echo could be taken from it. */
export interface OwnSound {
  /** Mono, at `COMPARED_RATE_HZ`. */
  readonly pcm: Float32Array;
  /** As loud as what is still left of the echo in it, and of its spectrum. */
  readonly left: Float32Array;
}

/** A microphone without the echo that is to be expected in it; the high frequencies that were raised for comparing are lowered again. */
export class EchoFree {
  readonly #own = new PcmRing(KEPT_S * COMPARED_RATE_HZ);
  readonly #left = new PcmRing(KEPT_S * COMPARED_RATE_HZ);
  readonly #ownFilter = new DeEmphasis();
  readonly #leftFilter = new DeEmphasis();
  #leftShare = LEFT_AT_FIRST;
  /** A new capture begins. */
  #beginSample = 0;

  /** Samples count from 0 again. */
  reset(): void {
    this.#beginSample = this.#own.endSample;
  }

  /** The echo is another one, or gone. */
  forget(): void {
    this.#leftShare = LEFT_AT_FIRST;
  }

  /**
   * Takes the next frame.
   * @param expected The echo to be expected; null for none.
   * @param share How much of it is in the frame, 0 to 1.
   * @param isEcho Whether there is nothing but the echo.
   */
  push(heard: Float32Array, expected: Float32Array | null, share: number, isEcho: boolean): void {
    const own = new Float32Array(heard.length);
    const left = new Float32Array(heard.length);
    let ownPower = 0;
    let echoPower = 0;
    for (let i = 0; i < heard.length; i++) {
      const echo = share * (expected?.[i] ?? 0);
      own[i] = heard[i] - echo;
      ownPower += own[i] * own[i];
      echoPower += echo * echo;
    }
    if (isEcho && echoPower > 1e-6)
      this.#leftShare += (Math.min(1, ownPower / echoPower) - this.#leftShare) * LEARNS;
    const gain = share * Math.sqrt(this.#leftShare);
    for (let i = 0; i < heard.length; i++) left[i] = gain * (expected?.[i] ?? 0);
    this.#own.write(this.#ownFilter.apply(own));
    this.#left.write(this.#leftFilter.apply(left));
  }

  /** A stretch of the capture, as much of it as is still kept. */
  read(startSample: number, endSample: number): OwnSound {
    const start = this.#beginSample + startSample;
    const end = this.#beginSample + endSample;
    return { pcm: this.#own.read(start, end), left: this.#left.read(start, end) };
  }
}

class DeEmphasis {
  #last = 0;

  apply(samples: Float32Array): Float32Array {
    for (let i = 0; i < samples.length; i++) {
      this.#last = samples[i] + PRE_EMPHASIS * this.#last;
      samples[i] = this.#last;
    }
    return samples;
  }
}
