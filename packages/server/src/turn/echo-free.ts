import { PcmRing } from './pcm-ring.ts';
import { COMPARED_RATE_HZ, PRE_EMPHASIS } from './played-voices.ts';

/** How long a microphone is remembered without its echo, s: a voice is compared with others when its words are known. */
const KEPT_S = 6;
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
  readonly #echo = new PcmRing(KEPT_S * COMPARED_RATE_HZ);
  readonly #ownFilter = new DeEmphasis();
  readonly #echoFilter = new DeEmphasis();
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
    const echo = new Float32Array(heard.length);
    let ownPower = 0;
    let echoPower = 0;
    for (let i = 0; i < heard.length; i++) {
      echo[i] = share * (expected?.[i] ?? 0);
      own[i] = heard[i] - echo[i];
      ownPower += own[i] * own[i];
      echoPower += echo[i] * echo[i];
    }
    if (isEcho && echoPower > 1e-6)
      this.#leftShare += (Math.min(1, ownPower / echoPower) - this.#leftShare) * LEARNS;
    this.#own.write(this.#ownFilter.apply(own));
    this.#echo.write(this.#echoFilter.apply(echo));
  }

  /** A stretch of the capture from a sample on; silence where nothing is kept. */
  own(startSample: number, samples: number): Float32Array {
    return this.#read(this.#own, startSample, samples);
  }

  /** The echo in it; see {@link EchoFree.own}. */
  echo(startSample: number, samples: number): Float32Array {
    return this.#read(this.#echo, startSample, samples);
  }

  /** Sound as loud as what is left of the echo in a stretch, and of its spectrum. */
  left(startSample: number, samples: number): Float32Array {
    const gain = Math.sqrt(this.#leftShare);
    return this.echo(startSample, samples).map((sample) => gain * sample);
  }

  #read(ring: PcmRing, startSample: number, samples: number): Float32Array {
    const begin = this.#beginSample;
    const from = Math.max(startSample, 0, ring.endSample - KEPT_S * COMPARED_RATE_HZ - begin);
    const end = Math.min(startSample + samples, ring.endSample - begin);
    const out = new Float32Array(samples);
    if (end > from) out.set(ring.read(begin + from, begin + end), from - startSample);
    return out;
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
