const RATE_HZ = 16_000;
/** Whisper hears 30 s at most; the rest is the padding that ends an utterance. */
const LONGEST_PIECE_SAMPLES = 28 * RATE_HZ;
const SEARCH_SAMPLES = 8 * RATE_HZ;
const FRAME_SAMPLES = RATE_HZ / 20;
/** A pause of this length makes a partial result worth having: the speaker may have finished. */
const PAUSE_FRAMES = 5;
/** Quieter than this share of the loudest frame is a pause. */
const QUIET_SHARE = 0.06;
const SILENCE_RMS = 0.001;

/** The part of an utterance that is still to be transcribed: at most 28 s and one chunk. */
export class SpeechBuffer {
  #pcm = new Float32Array(4 * RATE_HZ);
  #length = 0;
  #loudest = 0;
  /** Place of the buffer's first sample in the utterance. */
  startSample = 0;

  get length(): number {
    return this.#length;
  }

  get endSample(): number {
    return this.startSample + this.#length;
  }

  get isFull(): boolean {
    return this.#length >= LONGEST_PIECE_SAMPLES;
  }

  push(chunk: Float32Array): void {
    if (this.#length + chunk.length > this.#pcm.length) {
      const grown = new Float32Array(Math.max(2 * this.#pcm.length, this.#length + chunk.length));
      grown.set(this.#pcm.subarray(0, this.#length));
      this.#pcm = grown;
    }
    this.#pcm.set(chunk, this.#length);
    const from = this.#length - (this.#length % FRAME_SAMPLES);
    this.#length += chunk.length;
    for (let at = from; at + FRAME_SAMPLES <= this.#length; at += FRAME_SAMPLES) {
      this.#loudest = Math.max(this.#loudest, this.#frameRms(at));
    }
  }

  copy(): Float32Array {
    return this.#pcm.slice(0, this.#length);
  }

  /** Takes up to 28 s off the front, cut at the quietest 50 ms of the last eight seconds. */
  takePiece(): Float32Array {
    let cut = LONGEST_PIECE_SAMPLES;
    let quietest = Number.POSITIVE_INFINITY;
    for (let at = LONGEST_PIECE_SAMPLES - SEARCH_SAMPLES; at < LONGEST_PIECE_SAMPLES; at += FRAME_SAMPLES) {
      const rms = this.#frameRms(at);
      if (rms < quietest) {
        quietest = rms;
        cut = at + FRAME_SAMPLES / 2;
      }
    }
    const piece = this.#pcm.slice(0, cut);
    this.#pcm.copyWithin(0, cut, this.#length);
    this.#length -= cut;
    this.startSample += cut;
    return piece;
  }

  /** Whether there is no speech from a sample of the utterance on. */
  isQuietFrom(sample: number): boolean {
    for (let at = Math.max(0, sample - this.startSample); at < this.#length; at += FRAME_SAMPLES) {
      if (!this.#isQuiet(at)) return false;
    }
    return true;
  }

  /** Whether speech came after a sample of the utterance and then a pause, in which the buffer ends. */
  hasPausedSince(sample: number): boolean {
    const pauseAt = this.#length - PAUSE_FRAMES * FRAME_SAMPLES;
    if (pauseAt <= 0 || !this.isQuietFrom(this.startSample + pauseAt)) return false;
    for (let at = Math.max(0, sample - this.startSample); at < pauseAt; at += FRAME_SAMPLES) {
      if (!this.#isQuiet(at)) return true;
    }
    return false;
  }

  #isQuiet(at: number): boolean {
    return this.#frameRms(at) < Math.max(SILENCE_RMS, QUIET_SHARE * this.#loudest);
  }

  #frameRms(at: number): number {
    const end = Math.min(at + FRAME_SAMPLES, this.#length);
    let energy = 0;
    for (let i = at; i < end; i++) energy += this.#pcm[i]! ** 2;
    return Math.sqrt(energy / Math.max(1, end - at));
  }
}
