import { assertCodeLayout, type CodeLayout } from '../packet/code-layout.ts';
import { FRAME_SAMPLES, OPUS_FRAME_SAMPLES, SPEECH_RATE_HZ } from '../packet/constants.ts';
import type { SpeechPacket } from '../packet/speech-packet.ts';

/** Settings of a {@link JitterBuffer}. */
export interface JitterBufferOptions {
  /** Heads and classes of the utterance. */
  readonly layout: CodeLayout;
  /** Codes of the neutral face, one for each head. */
  readonly neutral: ArrayLike<number>;
  /** Samples in a code frame. Default {@link FRAME_SAMPLES}. */
  readonly frameSamples?: number;
  /** How far ahead of the playhead packets are kept. Default {@link JITTER_BUFFER_DEFAULTS}. */
  readonly capacityMs?: number;
  /** Code frames that are kept behind the playhead, for the decoder's window. */
  readonly historyFrames?: number;
}

/** Default {@link JitterBufferOptions}: 16 s ahead, 2 s behind. About 60 kB for an utterance. */
export const JITTER_BUFFER_DEFAULTS = { capacityMs: 16_000, historyFrames: 60 } as const;

/** What a {@link JitterBuffer} has seen. */
export interface JitterStats {
  /** Packets pushed, whatever became of them. */
  received: number;
  /** 20 ms audio frames that had to be played and were not there. */
  lost: number;
  /** Packets whose audio had been played or given up before they came. */
  late: number;
  /** Packets that brought nothing new. */
  duplicate: number;
  /** Packets (or parts) dropped because they were further ahead than the capacity, or not on the frame grid. */
  dropped: number;
}

/** Receives audio in order. `undefined` stands for a frame that was lost: conceal it. */
export type AudioSink = (startSample: number, frame: Uint8Array | undefined) => void;

/**
 * Puts the packets of one utterance in order. Loss, reordering, duplicates and a start in the middle are all normal.
 * Memory is bounded: frames live in rings around the playhead, and what does not fit is dropped and counted.
 */
export class JitterBuffer {
  readonly stats: JitterStats = { received: 0, lost: 0, late: 0, duplicate: 0, dropped: 0 };
  readonly #heads: number;
  readonly #neutral: Uint8Array;
  readonly #frameSamples: number;
  readonly #historyFrames: number;
  readonly #aheadSamples: number;
  /** Ring of codes; `#frameAt[slot]` tells which frame a slot holds. */
  readonly #codes: Uint8Array;
  readonly #frameAt: Float64Array;
  /** Ring of audio frames; `#audioAt[slot]` tells which one a slot holds. */
  readonly #audio: (Uint8Array | undefined)[];
  readonly #audioAt: Float64Array;
  #playSample = 0;
  #newestFrame = -1;
  #newestAudio = -1;
  /** Next audio frame to hand out; -1 until there is one. */
  #audioCursor = -1;
  #taking = false;
  #endSample = Number.POSITIVE_INFINITY;

  constructor(options: JitterBufferOptions) {
    const { layout, neutral } = options;
    assertCodeLayout(layout);
    if (neutral.length !== layout.heads)
      throw new RangeError(`neutral must hold ${layout.heads} codes, not ${neutral.length}`);
    this.#heads = layout.heads;
    this.#neutral = Uint8Array.from(neutral);
    this.#frameSamples = options.frameSamples ?? FRAME_SAMPLES;
    this.#historyFrames = options.historyFrames ?? JITTER_BUFFER_DEFAULTS.historyFrames;
    const capacityMs = options.capacityMs ?? JITTER_BUFFER_DEFAULTS.capacityMs;
    if (!(capacityMs > 0)) throw new RangeError(`capacityMs must be above 0, not ${capacityMs}`);
    this.#aheadSamples = Math.ceil((capacityMs * SPEECH_RATE_HZ) / 1000);
    const frames = Math.ceil(this.#aheadSamples / this.#frameSamples) + this.#historyFrames;
    this.#codes = new Uint8Array(frames * layout.heads);
    this.#frameAt = new Float64Array(frames).fill(-1);
    const audioFrames = Math.ceil(this.#aheadSamples / OPUS_FRAME_SAMPLES) + 1;
    this.#audio = new Array(audioFrames).fill(undefined);
    this.#audioAt = new Float64Array(audioFrames).fill(-1);
  }

  /** Code frames the ring holds, history included. */
  get capacityFrames(): number {
    return this.#frameAt.length;
  }

  /** Newest code frame that has come, or -1. */
  get newestFrame(): number {
    return this.#newestFrame;
  }

  /** Oldest code frame that is still kept. */
  get oldestFrame(): number {
    return Math.max(0, Math.floor(this.#playSample / this.#frameSamples) - this.#historyFrames);
  }

  /** First sample after the utterance; `Infinity` until the last packet or {@link end} told it. */
  get endSample(): number {
    return this.#endSample;
  }

  /**
   * Takes a packet of this utterance.
   * @returns whether it brought a code or audio frame that was missing.
   */
  push(packet: SpeechPacket): boolean {
    const { stats } = this;
    stats.received++;
    if (
      packet.startSample % this.#frameSamples !== 0 ||
      packet.codes.length !== packet.codeFrames * this.#heads
    ) {
      stats.dropped++;
      return false;
    }
    const audioLate =
      packet.audio.length > 0 &&
      this.#taking &&
      packet.startSample / OPUS_FRAME_SAMPLES + packet.audio.length <= this.#audioCursor;
    const before = stats.dropped;
    const newCodes = this.#storeCodes(packet);
    const newAudio = audioLate ? false : this.#storeAudio(packet);
    if (stats.dropped > before) stats.dropped = before + 1;
    else if (packet.last) {
      const audioEnd = packet.startSample + packet.audio.length * OPUS_FRAME_SAMPLES;
      const codesEnd = packet.startSample + packet.codeFrames * this.#frameSamples;
      this.end(packet.audio.length > 0 ? audioEnd : codesEnd);
    }
    if (audioLate) stats.late++;
    else if (!newCodes && !newAudio && stats.dropped === before) stats.duplicate++;
    return newCodes || newAudio;
  }

  /**
   * Ends the utterance at a sample, unless it already ends before it. Nothing is handed out after it.
   * @param endSample First sample that is not played.
   */
  end(endSample: number): void {
    this.#endSample = Math.min(this.#endSample, endSample);
  }

  /**
   * Moves the playhead, which makes room ahead. It never moves back.
   * @param sample The sample that is heard now; may be negative before the start.
   */
  advance(sample: number): void {
    if (sample > this.#playSample) this.#playSample = sample;
  }

  /**
   * Hands out audio frames in order, each once.
   * @param deadlineSample A missing frame that ends at or before this sample is given up (and counted as lost), if a
   *   later one has come; without a later one the stream is merely stalled, and nothing is handed out.
   * @param aheadSample Frames that start at or after this sample are left for a later call.
   * @param sink Called for each frame.
   * @returns the number of frames handed out, lost ones included.
   */
  takeAudio(deadlineSample: number, aheadSample: number, sink: AudioSink): number {
    if (this.#audioCursor < 0) return 0;
    let taken = 0;
    for (;;) {
      const index = this.#audioCursor;
      const startSample = index * OPUS_FRAME_SAMPLES;
      if (startSample >= aheadSample || startSample >= this.#endSample) break;
      const slot = index % this.#audio.length;
      const frame = this.#audioAt[slot] === index ? this.#audio[slot] : undefined;
      if (frame === undefined) {
        if (index >= this.#newestAudio || startSample + OPUS_FRAME_SAMPLES > deadlineSample) break;
        this.stats.lost++;
      }
      this.#audio[slot] = undefined;
      this.#taking = true;
      this.#audioCursor++;
      taken++;
      sink(startSample, frame);
    }
    this.advance(deadlineSample);
    return taken;
  }

  /** Whether the codes of a frame have come and are still kept. */
  hasFrame(frame: number): boolean {
    return this.#frameAt[frame % this.#frameAt.length] === frame;
  }

  /**
   * Writes the decoder's window for a frame, oldest first. Before the start stands the neutral face; a frame that is
   * missing repeats the one before it.
   * @param frame The window's last frame, 0 or more.
   * @param out Receives `window` x heads codes.
   * @param window Frames in the window.
   * @param offset Where in `out` to begin. Default 0.
   * @returns whether `frame` itself has come.
   */
  codesAt(frame: number, out: Int32Array | Uint8Array, window: number, offset = 0): boolean {
    const heads = this.#heads;
    const first = frame - window + 1;
    for (let row = 0; row < window; row++) {
      const at = first + row;
      const target = offset + row * heads;
      if (at >= 0 && this.hasFrame(at)) this.#copyFrame(at, out, target);
      else if (at >= 0 && row > 0) out.copyWithin(target, target - heads, target);
      else this.#copyHeld(at, out, target);
    }
    return this.hasFrame(frame);
  }

  /** The nearest frame before a missing one at the head of a window, else neutral. */
  #copyHeld(frame: number, out: Int32Array | Uint8Array, target: number): void {
    const oldest = Math.max(this.oldestFrame, frame - this.#historyFrames);
    for (let at = frame - 1; at >= oldest; at--)
      if (this.hasFrame(at)) {
        this.#copyFrame(at, out, target);
        return;
      }
    for (let head = 0; head < this.#heads; head++) out[target + head] = this.#neutral[head];
  }

  #copyFrame(frame: number, out: Int32Array | Uint8Array, target: number): void {
    const source = (frame % this.#frameAt.length) * this.#heads;
    for (let head = 0; head < this.#heads; head++) out[target + head] = this.#codes[source + head];
  }

  #storeCodes(packet: SpeechPacket): boolean {
    const firstFrame = packet.startSample / this.#frameSamples;
    const oldest = this.oldestFrame;
    const end = oldest + this.#frameAt.length;
    let isNew = false;
    for (let i = 0; i < packet.codeFrames; i++) {
      const frame = firstFrame + i;
      if (frame < oldest) continue;
      if (frame >= end) {
        this.stats.dropped++;
        break;
      }
      if (this.hasFrame(frame)) continue;
      const slot = frame % this.#frameAt.length;
      this.#frameAt[slot] = frame;
      this.#codes.set(packet.codes.subarray(i * this.#heads, (i + 1) * this.#heads), slot * this.#heads);
      this.#newestFrame = Math.max(this.#newestFrame, frame);
      isNew = true;
    }
    return isNew;
  }

  #storeAudio(packet: SpeechPacket): boolean {
    if (packet.audio.length === 0) return false;
    if (packet.startSample % OPUS_FRAME_SAMPLES !== 0) {
      this.stats.dropped++;
      return false;
    }
    const first = packet.startSample / OPUS_FRAME_SAMPLES;
    const oldest = this.#taking ? this.#audioCursor : 0;
    const playing = Math.floor(this.#playSample / OPUS_FRAME_SAMPLES);
    const end = Math.max(oldest, playing) + this.#audio.length - 1;
    let isNew = false;
    packet.audio.forEach((frame, i) => {
      const index = first + i;
      const slot = index % this.#audio.length;
      if (index < oldest || this.#audioAt[slot] === index) return;
      if (index >= end) {
        this.stats.dropped++;
        return;
      }
      // A slot may still hold an old frame that nobody took.
      this.#audioAt[slot] = index;
      this.#audio[slot] = frame;
      this.#newestAudio = Math.max(this.#newestAudio, index);
      if (!this.#taking && (this.#audioCursor < 0 || index < this.#audioCursor)) this.#audioCursor = index;
      isNew = true;
    });
    return isNew;
  }
}
