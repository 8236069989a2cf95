import type { FaceDecoder } from '../decoder/face-decoder.ts';
import type { ParleyError } from '../errors.ts';
import type { JitterBuffer } from '../jitter/jitter-buffer.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import type { StopMessage, UtteranceMessage } from '../packet/messages.ts';
import type { SpeechPacket } from '../packet/speech-packet.ts';
import type { IdleLoop } from './idle-loop.ts';
import { UtteranceTrack } from './utterance-track.ts';

/** Settings of a {@link FaceTrack}. */
export interface FaceTrackOptions {
  readonly manifest: FaceManifest;
  /** Shared by all NPCs. */
  readonly decoder: FaceDecoder;
  /** Shared by all NPCs. */
  readonly idle: IdleLoop;
  /** Shifts this NPC's idle loop, so that not all blink together; equal on all clients, for instance from its index. Default 0. */
  readonly idlePhaseMs?: number;
  /** Cross-fade between idle and speech. Default {@link FACE_TRACK_DEFAULTS}. */
  readonly fadeMs?: number;
  /** How far ahead of playout packets are kept. Default 16 000 ms. */
  readonly capacityMs?: number;
  /** Room clock in ms, so that packets are placed right while nothing is sampled (hidden page). */
  readonly roomMs?: () => number;
  /** Told when an utterance's face cannot be decoded; the face then goes on idling. */
  readonly onError?: (error: ParleyError) => void;
}

/** Default {@link FaceTrackOptions}. */
export const FACE_TRACK_DEFAULTS = { fadeMs: 150 } as const;

/** A stopped voice fades out over this long before its end, and the face with it. */
export const STOP_FADE_MS = 80;
/** Utterances of one NPC that are kept at once: the running one, one that fades, and the next. */
const MAX_UTTERANCES = 4;
/** A silent gap or jump of the time axis larger than this is followed at once instead of faded. */
const JUMP_MS = 500;
/** An utterance whose packets ended without a last one is forgotten after this. */
const ABANDON_MS = 20_000;

/**
 * The face of one NPC over time: its idle loop, cross-faded with the utterances it speaks. Packets are decoded when
 * they come, so that sampling is synchronous and allocates nothing.
 */
export class FaceTrack {
  readonly #options: FaceTrackOptions;
  readonly #fadeMs: number;
  readonly #phaseMs: number;
  readonly #utterances: UtteranceTrack[] = [];
  #lastMs = Number.NaN;

  constructor(options: FaceTrackOptions) {
    this.#options = options;
    this.#fadeMs = options.fadeMs ?? FACE_TRACK_DEFAULTS.fadeMs;
    this.#phaseMs = options.idlePhaseMs ?? 0;
    if (!(this.#fadeMs > 0)) throw new RangeError(`fadeMs must be above 0, not ${this.#fadeMs}`);
  }

  /** Numbers that {@link sampleControls} writes. */
  get controls(): number {
    return this.#options.manifest.controls.length;
  }

  /**
   * Begins an utterance, also in its middle. One that is known already is left as it is.
   * @throws ParleyError `model-mismatch` if the room's codes are of another model.
   */
  begin(message: UtteranceMessage): void {
    if (this.#find(message.utterance)) return;
    this.#utterances.push(new UtteranceTrack(message, this.#options));
    if (this.#utterances.length > MAX_UTTERANCES) this.#remove(0);
  }

  /**
   * Takes a packet of an utterance that has begun.
   * @returns false if its utterance is unknown.
   */
  push(packet: SpeechPacket): boolean {
    const utterance = this.#find(packet.utterance);
    if (!utterance) return false;
    const { roomMs } = this.#options;
    if (roomMs) utterance.buffer.advance(toSample(utterance, roomMs()));
    utterance.push(packet);
    return true;
  }

  /** Ends an utterance early: its voice and face fade towards `endSample`. */
  stop(message: Pick<StopMessage, 'utterance' | 'endSample'>): void {
    const utterance = this.#find(message.utterance);
    if (!utterance) return;
    utterance.buffer.end(message.endSample);
    const fadeSamples = (STOP_FADE_MS * utterance.rateHz) / 1000;
    utterance.fadeOutSample = Math.min(utterance.fadeOutSample, message.endSample - fadeSamples);
  }

  /** The jitter buffer of an utterance, where the player takes its audio. */
  bufferOf(utterance: number): JitterBuffer | undefined {
    return this.#find(utterance)?.buffer;
  }

  /**
   * Room clock at a sample of an utterance, to sample the face by the audio clock:
   * `track.sampleControls(track.roomMsAt(utterance, audibleSample), out)`.
   * @returns `undefined` if the utterance is unknown.
   */
  roomMsAt(utterance: number, sample: number): number | undefined {
    const track = this.#find(utterance);
    return track && track.startMs + (sample * 1000) / track.rateHz;
  }

  /**
   * Writes the face of a moment. Call it once for each rendered frame, with a time that runs on. Allocates nothing.
   * @param roomMs Room clock of what is to be seen, in ms.
   * @param out Receives the controls in the manifest's order and units.
   */
  sampleControls(roomMs: number, out: Float32Array): void {
    const deltaMs = roomMs - this.#lastMs;
    // The first frame, and one after a pause of the page, is shown as it is.
    const jump = !(deltaMs > -JUMP_MS && deltaMs < JUMP_MS);
    const step = jump ? 1 : Math.max(0, deltaMs) / this.#fadeMs;
    this.#lastMs = roomMs;
    this.#options.idle.sampleControls(roomMs + this.#phaseMs, out);
    for (let i = 0; i < this.#utterances.length; i++) {
      const utterance = this.#utterances[i];
      const sample = toSample(utterance, roomMs);
      utterance.buffer.advance(sample);
      const fadeSamples = (this.#fadeMs * utterance.rateHz) / 1000;
      const outSample = Math.min(utterance.fadeOutSample, utterance.buffer.endSample);
      const live = sample >= -fadeSamples && utterance.sampleControls(sample) && sample < outSample;
      utterance.weight = live ? Math.min(1, utterance.weight + step) : Math.max(0, utterance.weight - step);
      if (utterance.weight > 0) blend(out, utterance.held, utterance.weight);
      else if (sample >= Math.min(outSample, utterance.newestSample + (ABANDON_MS * utterance.rateHz) / 1000))
        this.#remove(i--);
    }
  }

  /** Resolves when every packet that has come is decoded; for tests and for rendering offline. */
  async settled(): Promise<void> {
    await Promise.all(this.#utterances.map((utterance) => utterance.settled()));
  }

  /** Drops all utterances. The decoder and the idle loop belong to the caller. */
  close(): void {
    while (this.#utterances.length > 0) this.#remove(0);
  }

  #find(id: number): UtteranceTrack | undefined {
    for (let i = this.#utterances.length - 1; i >= 0; i--)
      if (this.#utterances[i].id === id) return this.#utterances[i];
    return undefined;
  }

  #remove(index: number): void {
    this.#utterances[index].close();
    this.#utterances.copyWithin(index, index + 1);
    this.#utterances.length--;
  }
}

function toSample(utterance: UtteranceTrack, roomMs: number): number {
  return ((roomMs - utterance.startMs) * utterance.rateHz) / 1000;
}

/** `out` becomes the mix of itself and `over`, eased at both ends (smoothstep). */
function blend(out: Float32Array, over: Float32Array, weight: number): void {
  const eased = weight * weight * (3 - 2 * weight);
  for (let i = 0; i < out.length; i++) out[i] += (over[i] - out[i]) * eased;
}
