import { SPEECH_RATE_HZ } from '@parley/sdk';
import { Resampler } from '../engines/resample.ts';
import { BAND_FRAME_SAMPLES, BANDS, BandAnalyser } from './band-analyser.ts';

/** Time between two frames of played bands, ms. */
export const PLAYED_FRAME_MS = (1000 * BAND_FRAME_SAMPLES) / 16_000;
/** What has played is remembered this long, ms. */
const REMEMBERED_MS = 4_000;

interface PlayedUtterance {
  readonly startMs: number;
  readonly resampler: Resampler;
  readonly analyser: BandAnalyser;
  readonly frames: Float32Array[];
  /** Room clock at which it is over, ms. */
  endMs: number;
}

/** What the NPCs of a room have played and will play, as band powers on the room's clock: what a microphone may pick up. */
export class PlayedVoices {
  #utterances = new Map<string, PlayedUtterance>();
  /** Those that are over, until they are forgotten. */
  #over: PlayedUtterance[] = [];

  /** An NPC's utterance begins. @param startMs Room clock at sample 0. */
  begin(npcId: string, startMs: number): void {
    this.end(npcId);
    this.#utterances.set(npcId, {
      startMs,
      resampler: new Resampler(SPEECH_RATE_HZ, 16_000),
      analyser: new BandAnalyser(),
      frames: [],
      endMs: Number.POSITIVE_INFINITY,
    });
  }

  /** More of it, 24 kHz. */
  add(npcId: string, pcm: Float32Array): void {
    const utterance = this.#utterances.get(npcId);
    if (!utterance) return;
    for (const frame of utterance.analyser.push(utterance.resampler.push(pcm))) utterance.frames.push(frame);
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
      utterance.startMs + utterance.frames.length * PLAYED_FRAME_MS,
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

  /** Writes the band powers that play at a moment of the room's clock; zeros in silence. */
  read(roomMs: number, out: Float32Array): void {
    out.fill(0);
    for (const utterance of this.#utterances.values()) addBands(utterance, roomMs, out);
    for (const utterance of this.#over) addBands(utterance, roomMs, out);
  }

  #forget(nowMs: number): void {
    if (this.#over.length > 0) this.#over = this.#over.filter(({ endMs }) => endMs > nowMs - REMEMBERED_MS);
  }
}

function addBands(utterance: PlayedUtterance, roomMs: number, out: Float32Array): void {
  if (roomMs >= utterance.endMs) return;
  const frame = utterance.frames[Math.floor((roomMs - utterance.startMs) / PLAYED_FRAME_MS)];
  if (frame) for (let band = 0; band < BANDS; band++) out[band] += frame[band];
}
