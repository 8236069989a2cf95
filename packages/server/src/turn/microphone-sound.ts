import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import type { EchoGate } from './echo-gate.ts';
import type { Segment } from './endpointing.ts';
import { PcmRing } from './pcm-ring.ts';
import { classifyOverEcho, classifyVocalSound, type VocalSound } from './vocal-sound.ts';

/** Microphone audio that voiced windows are told apart by, and what is looked at before it for the burst of a cough, ms. */
const SOUND_MS = 160;
const BURST_MS = 240;
/** Of a segment this much at its end is looked at to tell a cough, ms. */
const LOOKED_AT_MS = 2_000;

/** The last seconds of a microphone: what they sound like, and what a recogniser gets of them. */
export class MicrophoneSound {
  readonly #ring: PcmRing;
  readonly #echo: EchoGate | undefined;

  /** @param keptMs How much is kept. @param echo Tells what of it is the NPCs' own voices. */
  constructor(keptMs: number, echo: EchoGate | undefined) {
    this.#ring = new PcmRing(Math.ceil(samplesOf(keptMs)));
    this.#echo = echo;
  }

  /** Sample index after the newest sample. */
  get endSample(): number {
    return this.#ring.endSample;
  }

  /** Takes the next 16 kHz PCM. @param nowMs The room clock at its arrival. */
  receive(pcm: Float32Array, nowMs: number): void {
    this.#ring.write(pcm);
    this.#echo?.receive(pcm, nowMs);
  }

  /** What a voice that goes on until this sample does. */
  classifyEnd(endSample: number): VocalSound {
    return this.#classify(Math.max(0, endSample - samplesOf(SOUND_MS + BURST_MS)), endSample, SOUND_MS);
  }

  /** What a whole piece sounds like, or its end if it is long. */
  classify({ startSample, endSample }: Segment): VocalSound {
    const from = Math.max(startSample, endSample - samplesOf(LOOKED_AT_MS));
    return this.#classify(Math.round(from), Math.round(endSample));
  }

  /** A piece without the echo, for a recogniser. */
  read({ startSample, endSample }: Segment): Float32Array {
    const start = Math.round(startSample);
    const pcm = this.#ring.read(start, Math.round(endSample));
    return this.#echo ? this.#echo.withoutEcho(pcm, start) : pcm;
  }

  #classify(startSample: number, endSample: number, recentMs?: number): VocalSound {
    const pcm = this.#ring.read(startSample, endSample);
    const own = this.#echo?.ownSound(startSample, endSample);
    return own ? classifyOverEcho(pcm, own, recentMs) : classifyVocalSound(pcm, recentMs);
  }
}

function samplesOf(durationMs: number): number {
  return (durationMs * MICROPHONE_RATE_HZ) / 1000;
}
