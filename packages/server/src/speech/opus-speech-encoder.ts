import { Encoder } from '@evan/opus';
import { OPUS_FRAME_SAMPLES, SPEECH_RATE_HZ } from '@parley/sdk';

/** Speech bit rate, bit/s. */
export const SPEECH_BITRATE = 24_000;

/** Samples by which Opus delays sound in `voip` mode at 24 kHz: 6.5 ms (RFC 6716, 2.1.4; OPUS_GET_LOOKAHEAD). */
const OPUS_DELAY_SAMPLES = 156;

/**
 * Encodes an utterance to Opus frames of 20 ms. The codec's delay is taken out: frame k, decoded from the utterance's
 * start, sounds exactly at sample 480·k.
 */
export class OpusSpeechEncoder {
  readonly #encoder = new Encoder({ channels: 1, sample_rate: SPEECH_RATE_HZ, application: 'voip' });
  /** Samples not yet encoded, shifted by the delay. */
  readonly #held = new Int16Array(OPUS_FRAME_SAMPLES);
  #heldSamples = 0;
  #toSkip = OPUS_DELAY_SAMPLES;

  constructor() {
    this.#encoder.bitrate = SPEECH_BITRATE;
    this.#encoder.signal = 'voice';
  }

  /**
   * Takes samples in [-1, 1] and returns the frames that became complete. They lag the input by the codec's delay, so
   * the last frame of a stream needs {@link OpusSpeechEncoder.flush}.
   */
  push(pcm: Float32Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let from = Math.min(this.#toSkip, pcm.length);
    this.#toSkip -= from;
    while (from < pcm.length) {
      const count = Math.min(OPUS_FRAME_SAMPLES - this.#heldSamples, pcm.length - from);
      for (let i = 0; i < count; i++) {
        const value = Math.max(-1, Math.min(1, pcm[from + i]));
        this.#held[this.#heldSamples + i] = Math.round(value * 32767);
      }
      from += count;
      this.#heldSamples += count;
      if (this.#heldSamples === OPUS_FRAME_SAMPLES) frames.push(this.#encode());
    }
    return frames;
  }

  /** The last frame, filled up with silence. Empty when nothing is held. */
  flush(): Uint8Array[] {
    if (this.#heldSamples === 0) return [];
    this.#held.fill(0, this.#heldSamples);
    return [this.#encode()];
  }

  #encode(): Uint8Array {
    this.#heldSamples = 0;
    // The encoder reuses its output buffer.
    return this.#encoder.encode(this.#held).slice();
  }
}
