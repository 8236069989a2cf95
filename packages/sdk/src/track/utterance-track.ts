import type { FaceDecoder } from '../decoder/face-decoder.ts';
import { ParleyError } from '../errors.ts';
import { JitterBuffer } from '../jitter/jitter-buffer.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import { frameSamples } from '../packet/constants.ts';
import type { UtteranceMessage } from '../packet/messages.ts';
import type { SpeechPacket } from '../packet/speech-packet.ts';

/** Windows in one request to the decoder. */
const DECODE_BATCH = 48;
/** A missing frame repeats the last one for this long before the face gives up and relaxes. */
const HOLD_MS = 300;

/** What an {@link UtteranceTrack} needs besides the message. */
export interface UtteranceTrackOptions {
  readonly manifest: FaceManifest;
  readonly decoder: FaceDecoder;
  readonly capacityMs?: number;
  readonly onError?: (error: ParleyError) => void;
}

/** The face of one utterance: packets in, decoded ahead of playout, controls at any sample out. */
export class UtteranceTrack {
  readonly id: number;
  /** Room clock at sample 0, in ms. */
  readonly startMs: number;
  readonly rateHz: number;
  /** Codes and audio in order; the player takes its audio here. */
  readonly buffer: JitterBuffer;
  /** Share of this utterance in the face, 0 to 1; moved by {@link FaceTrack}. */
  weight = 0;
  /** From this sample on the face leaves the utterance. */
  fadeOutSample = Number.POSITIVE_INFINITY;
  /** Last controls that were sampled; they stand in where nothing is decoded. */
  readonly held: Float32Array;

  readonly #decoder: FaceDecoder;
  readonly #onError: ((error: ParleyError) => void) | undefined;
  readonly #frameSamples: number;
  readonly #holdFrames: number;
  readonly #controls: number;
  /** Ring of decoded frames; `#frameAt[slot]` tells which one a slot holds. */
  readonly #values: Float32Array;
  readonly #frameAt: Float64Array;
  readonly #windows: Int32Array;
  #pending = new Set<number>();
  #decoding: Promise<void> | undefined;
  #closed = false;

  constructor(message: UtteranceMessage, options: UtteranceTrackOptions) {
    const { manifest, decoder } = options;
    const { heads, classes, fps, window, neutral } = manifest.codec;
    if (message.heads !== heads || message.classes !== classes || message.fps !== fps)
      throw new ParleyError(
        'model-mismatch',
        `the room speaks ${message.heads} x ${message.classes} codes at ${message.fps} fps, this page has ${heads} x ${classes} at ${fps}; serve the same models/exports to both`,
      );
    this.id = message.utterance;
    this.startMs = message.startMs;
    this.rateHz = message.rateHz;
    this.#decoder = decoder;
    this.#onError = options.onError;
    this.#frameSamples = frameSamples(fps);
    this.#holdFrames = Math.ceil((HOLD_MS * fps) / 1000);
    this.#controls = manifest.controls.length;
    this.buffer = new JitterBuffer({
      layout: { heads, classes },
      neutral,
      frameSamples: this.#frameSamples,
      capacityMs: options.capacityMs,
      historyFrames: Math.max(2 * window, this.#holdFrames + 2),
    });
    this.#values = new Float32Array(this.buffer.capacityFrames * this.#controls);
    this.#frameAt = new Float64Array(this.buffer.capacityFrames).fill(-1);
    this.#windows = new Int32Array(DECODE_BATCH * window * heads);
    this.held = new Float32Array(this.#controls);
  }

  /** Newest sample whose face has come, or -1. */
  get newestSample(): number {
    return this.buffer.newestFrame * this.#frameSamples;
  }

  /** Takes a packet and decodes all frames whose window it changes. */
  push(packet: SpeechPacket): void {
    if (this.#closed) return;
    const before = this.buffer.newestFrame;
    if (!this.buffer.push(packet)) return;
    const first = packet.startSample / this.#frameSamples;
    const newest = this.buffer.newestFrame;
    // A hole before this packet is filled with repeated codes; those frames are shown too.
    const from = before >= 0 ? Math.min(first, before + 1) : first;
    const to = Math.min(first + packet.codeFrames - 1 + this.#decoder.window - 1, newest);
    for (let frame = Math.max(from, this.buffer.oldestFrame); frame <= to; frame++) this.#pending.add(frame);
    this.#decoding ??= this.#decodePending();
  }

  /** Resolves when all frames that have come are decoded. */
  async settled(): Promise<void> {
    while (this.#decoding) await this.#decoding;
  }

  /**
   * Writes the controls at a sample to {@link held}. Allocates nothing.
   * @param sample Before 0 it stands for 0, after the end for the last frame.
   * @returns false, with `held` as it was, if there is no decoded frame at or shortly before the sample.
   */
  sampleControls(sample: number): boolean {
    const lastFrame = this.buffer.newestFrame;
    if (lastFrame < 0) return false;
    const ended = sample >= this.buffer.endSample - this.#frameSamples;
    let position = Math.max(0, sample / this.#frameSamples);
    if (ended) position = Math.min(position, lastFrame);
    let frame = Math.floor(position);
    const oldest = Math.max(0, frame - this.#holdFrames);
    let t = position - frame;
    while (frame >= oldest && !this.#hasDecoded(frame)) {
      frame--;
      t = 0;
    }
    if (frame < oldest) return false;
    const a = (frame % this.#frameAt.length) * this.#controls;
    const b = this.#hasDecoded(frame + 1) ? ((frame + 1) % this.#frameAt.length) * this.#controls : a;
    for (let i = 0; i < this.#controls; i++) {
      const value = this.#values[a + i];
      this.held[i] = value + (this.#values[b + i] - value) * t;
    }
    return true;
  }

  /** Stops decoding; packets are ignored from now on. */
  close(): void {
    this.#closed = true;
    this.#pending.clear();
  }

  #hasDecoded(frame: number): boolean {
    return this.#frameAt[frame % this.#frameAt.length] === frame;
  }

  async #decodePending(): Promise<void> {
    const { window, heads } = this.#decoder;
    const frames: number[] = [];
    try {
      // All packets of this tick go into one request.
      await undefined;
      while (this.#pending.size > 0) {
        frames.length = 0;
        for (const frame of this.#pending) {
          if (frames.length === DECODE_BATCH) break;
          this.#pending.delete(frame);
          if (frame < this.buffer.oldestFrame) continue;
          this.buffer.codesAt(frame, this.#windows, window, frames.length * window * heads);
          frames.push(frame);
        }
        if (frames.length === 0) continue;
        const values = await this.#decoder.decode(this.#windows, frames.length);
        if (this.#closed) return;
        frames.forEach((frame, row) => {
          if (frame < this.buffer.oldestFrame) return;
          const slot = frame % this.#frameAt.length;
          this.#frameAt[slot] = frame;
          this.#values.set(
            values.subarray(row * this.#controls, (row + 1) * this.#controls),
            slot * this.#controls,
          );
        });
      }
    } catch (error) {
      // The face relaxes into its idle loop; the voice goes on.
      this.close();
      this.#onError?.(
        error instanceof ParleyError
          ? error
          : new ParleyError('decoder-failed', `the face could not be decoded: ${String(error)}`, error),
      );
    } finally {
      this.#decoding = undefined;
    }
  }
}
