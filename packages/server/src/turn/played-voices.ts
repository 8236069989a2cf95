import { Decoder } from '@evan/opus';
import { SPEECH_RATE_HZ } from '@parley/sdk';
import { Resampler } from '../engines/resample.ts';
import { GainRamp } from './gain-ramp.ts';
import { HISS_FRAME_MS, HissLevel } from './hiss-level.ts';

/** Rate at which voices are compared; the consonants above 4 kHz tell nothing that the vowels do not. */
export const COMPARED_RATE_HZ = 8_000;
/** Samples of a frame of 20 ms, in which they are compared. */
export const COMPARED_FRAME = COMPARED_RATE_HZ / 50;
/** What has played is remembered this long, ms. */
const REMEMBERED_MS = 4_000;
/** A gain changes in steps of so many samples: 2 ms. */
const GAIN_EVERY = 16;
/** First-order pre-emphasis: speech has most of its power below 500 Hz, where all voices are alike. */
export const PRE_EMPHASIS = 0.9;

/** Makes samples of {@link COMPARED_RATE_HZ} of a stream: resampled, and its high frequencies raised. */
export class ComparedSignal {
  readonly #resampler: Resampler;
  #last = 0;

  constructor(rateHz: number) {
    this.#resampler = new Resampler(rateHz, COMPARED_RATE_HZ);
  }

  push(pcm: Float32Array): Float32Array {
    const out = this.#resampler.push(pcm);
    for (let i = 0; i < out.length; i++) {
      const sample = out[i];
      out[i] = sample - PRE_EMPHASIS * this.#last;
      this.#last = sample;
    }
    return out;
  }
}

interface PlayedUtterance {
  readonly startMs: number;
  readonly signal: ComparedSignal;
  samples: Float32Array;
  length: number;
  readonly hissLevel: HissLevel;
  /** Power of its hisses, for each 20 ms. */
  readonly hisses: number[];
  readonly gain: GainRamp;
  /** What a client makes of its frames. */
  decoder: Decoder | null;
  /** Room clock at which it is over, ms. */
  endMs: number;
}

/** What the NPCs of a room have played and will play, on the room's clock: what a microphone may pick up. */
export class PlayedVoices {
  #utterances = new Map<string, PlayedUtterance>();
  /** Those that are over, until they are forgotten. */
  #over: PlayedUtterance[] = [];

  /** An NPC's utterance begins. @param startMs Room clock at sample 0. */
  begin(npcId: string, startMs: number): void {
    this.end(npcId);
    this.#utterances.set(npcId, {
      startMs,
      signal: new ComparedSignal(SPEECH_RATE_HZ),
      samples: new Float32Array(4 * COMPARED_RATE_HZ),
      length: 0,
      hissLevel: new HissLevel(SPEECH_RATE_HZ),
      hisses: [],
      gain: new GainRamp(),
      decoder: null,
      endMs: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * More of it as it is sent, in Opus frames: a microphone hears what the clients decode, and that is half as far from its echo as the
   * voice before Opus.
   */
  addCoded(npcId: string, frames: readonly Uint8Array[]): void {
    const utterance = this.#utterances.get(npcId);
    if (!utterance) return;
    utterance.decoder ??= new Decoder({ channels: 1, sample_rate: SPEECH_RATE_HZ });
    for (const frame of frames) {
      const bytes = utterance.decoder.decode(frame).slice();
      const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
      this.add(
        npcId,
        Float32Array.from(samples, (sample) => sample / 32_768),
      );
    }
  }

  /** More of it, 24 kHz. */
  add(npcId: string, pcm: Float32Array): void {
    const utterance = this.#utterances.get(npcId);
    if (!utterance) return;
    const more = utterance.signal.push(pcm);
    if (utterance.length + more.length > utterance.samples.length) {
      const grown = new Float32Array(2 * (utterance.length + more.length));
      grown.set(utterance.samples.subarray(0, utterance.length));
      utterance.samples = grown;
    }
    utterance.samples.set(more, utterance.length);
    utterance.length += more.length;
    utterance.hissLevel.push(pcm, (power) => utterance.hisses.push(power));
  }

  /** Clients are told now to play it at a share of its loudness. @param nowMs Room clock. */
  duck(npcId: string, gain: number, nowMs: number): void {
    this.#utterances.get(npcId)?.gain.change(gain, nowMs);
  }

  /** It ends at this sample. */
  stop(npcId: string, endSample: number): void {
    const utterance = this.#utterances.get(npcId);
    if (utterance) utterance.endMs = utterance.startMs + (1000 * endSample) / SPEECH_RATE_HZ;
  }

  /** Nothing more comes of it. */
  end(npcId: string): void {
    const utterance = this.#utterances.get(npcId);
    if (!utterance) return;
    this.#utterances.delete(npcId);
    utterance.endMs = Math.min(
      utterance.endMs,
      utterance.startMs + (1000 * utterance.length) / COMPARED_RATE_HZ,
    );
    this.#over.push(utterance);
  }

  /** Whether anything plays at some time in a stretch of the room's clock. */
  playsWithin(fromMs: number, toMs: number): boolean {
    this.#forget(toMs);
    for (const utterance of [...this.#utterances.values(), ...this.#over])
      if (utterance.startMs < toMs && utterance.endMs > fromMs) return true;
    return false;
  }

  /** Writes what plays from a moment of the room's clock on, at {@link COMPARED_RATE_HZ}; zeros in silence. */
  read(fromMs: number, out: Float32Array): void {
    out.fill(0);
    for (const utterance of this.#utterances.values()) addSamples(utterance, fromMs, out);
    for (const utterance of this.#over) addSamples(utterance, fromMs, out);
  }

  /** Power of the loudest hiss in a stretch of the room's clock. */
  hissPower(fromMs: number, toMs: number): number {
    let loudest = 0;
    for (const { startMs, endMs, hisses, gain } of [...this.#utterances.values(), ...this.#over]) {
      const first = Math.max(0, Math.floor((fromMs - startMs) / HISS_FRAME_MS));
      const end = Math.ceil((Math.min(toMs, endMs) - startMs) / HISS_FRAME_MS);
      for (let i = first; i < Math.min(end, hisses.length); i++)
        loudest = Math.max(loudest, hisses[i] * gain.at(startMs + i * HISS_FRAME_MS) ** 2);
    }
    return loudest;
  }

  #forget(nowMs: number): void {
    if (this.#over.length > 0) this.#over = this.#over.filter(({ endMs }) => endMs > nowMs - REMEMBERED_MS);
  }
}

function addSamples(
  { startMs, endMs, samples, length, gain }: PlayedUtterance,
  fromMs: number,
  out: Float32Array,
): void {
  const from = Math.round(((fromMs - startMs) * COMPARED_RATE_HZ) / 1000);
  const end = Math.min(length, Math.round(((endMs - startMs) * COMPARED_RATE_HZ) / 1000));
  let share = gain.at(fromMs);
  for (let i = Math.max(0, -from); i < out.length && from + i < end; i++) {
    if (!gain.isLevel && i % GAIN_EVERY === 0) share = gain.at(fromMs + (i * 1000) / COMPARED_RATE_HZ);
    out[i] += share * samples[from + i];
  }
}
