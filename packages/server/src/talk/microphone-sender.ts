import { setTimeout as delay } from 'node:timers/promises';
import { Encoder } from '@evan/opus';
import { MICROPHONE_FRAME_SAMPLES, MICROPHONE_RATE_HZ, type ParleyClient } from '@parley/sdk';

/** Microphone bit rate, bit/s. */
const MICROPHONE_BITRATE = 24_000;
const FRAME_MS = (1000 * MICROPHONE_FRAME_SAMPLES) / MICROPHONE_RATE_HZ;

/** A microphone without a browser: sends 16 kHz PCM in real time as Opus, then silence until it is told to stop. */
export class MicrophoneSender {
  readonly #client: ParleyClient;
  readonly #encoder = new Encoder({
    channels: 1,
    sample_rate: MICROPHONE_RATE_HZ,
    application: 'voip',
  });
  readonly #frame = new Int16Array(MICROPHONE_FRAME_SAMPLES);
  #seq = 0;
  #startSample = 0;

  constructor(client: ParleyClient) {
    this.#client = client;
    this.#encoder.bitrate = MICROPHONE_BITRATE;
  }

  /**
   * @param pcm 16 kHz mono.
   * @param signal Ends the sending.
   * @param onSent Told of the sample index that was sent up to.
   */
  async run(pcm: Float32Array, signal: AbortSignal, onSent: (endSample: number) => void): Promise<void> {
    const startMs = performance.now();
    for (let frame = 0; !signal.aborted; frame++) {
      const dueMs = startMs + (frame + 1) * FRAME_MS - performance.now();
      if (dueMs > 0) await delay(dueMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const from = frame * MICROPHONE_FRAME_SAMPLES;
      for (let i = 0; i < MICROPHONE_FRAME_SAMPLES; i++) {
        const sample = pcm[from + i] ?? 0;
        this.#frame[i] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      }
      this.#client.sendMicrophone({
        codec: 'opus',
        seq: this.#seq,
        startSample: this.#startSample,
        payload: this.#encoder.encode(this.#frame).slice(),
      });
      this.#seq = (this.#seq + 1) & 0xffff;
      this.#startSample += MICROPHONE_FRAME_SAMPLES;
      onSent(from + MICROPHONE_FRAME_SAMPLES);
    }
  }
}
