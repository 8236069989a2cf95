import { Decoder } from '@evan/opus';
import {
  MICROPHONE_FRAME_SAMPLES,
  MICROPHONE_RATE_HZ,
  type MicrophonePacket,
  ParleyError,
  readMicrophonePacket,
} from '@parley/sdk';

/** Counts of one microphone's packets. */
export interface MicrophoneStats {
  /** Packets that became sound. */
  received: number;
  /** Bytes that are no packet, and payloads that are no sound: dropped. */
  malformed: number;
  /** Packets that came late or twice: dropped. */
  late: number;
  /** Packets that never came. */
  lost: number;
}

/** Lost frames that are filled in; a longer gap is a pause of the sender and left out. */
const MAX_CONCEALED_FRAMES = 10;
/** Each filled-in frame is this much quieter than the one before it. */
const CONCEALMENT_GAIN = 0.5;
/** Longest Opus packet, 120 ms, in samples. */
const MAX_FRAME_SAMPLES = (MICROPHONE_RATE_HZ * 120) / 1000;

/**
 * One visitor's microphone: packets in, 16 kHz PCM out. Nothing that a client sends makes it throw. Lost frames are
 * replaced by ever quieter repetitions of the last one.
 */
export class MicrophoneDecoder {
  readonly stats: MicrophoneStats = { received: 0, malformed: 0, late: 0, lost: 0 };
  #opus: Decoder | null = null;
  #nextSeq: number | null = null;
  #last = new Float32Array(MICROPHONE_FRAME_SAMPLES);

  /** Reads one packet; the frames it leads to, those filled in before it included. */
  receive(bytes: Uint8Array): Float32Array[] {
    let pcm: Float32Array;
    let gap: number;
    try {
      const packet = readMicrophonePacket(bytes);
      gap = this.#nextSeq === null ? 0 : (packet.seq - this.#nextSeq) & 0xffff;
      if (gap >= 0x8000) {
        this.stats.late++;
        return [];
      }
      pcm = this.#decode(packet);
      this.#nextSeq = (packet.seq + 1) & 0xffff;
    } catch {
      this.stats.malformed++;
      return [];
    }
    this.stats.received++;
    this.stats.lost += gap;
    const frames: Float32Array[] = [];
    if (gap <= MAX_CONCEALED_FRAMES) {
      let gain = 1;
      for (let i = 0; i < gap; i++) {
        gain *= CONCEALMENT_GAIN;
        frames.push(this.#last.map((sample) => sample * gain));
      }
    }
    this.#last = new Float32Array(pcm);
    frames.push(pcm);
    return frames;
  }

  /** A new capture begins; its sequence numbers may start anywhere. */
  reset(): void {
    this.#nextSeq = null;
    this.#last.fill(0);
  }

  #decode({ codec, payload }: MicrophonePacket): Float32Array {
    const bytes = codec === 'opus' ? this.#decodeOpus(payload) : payload;
    const samples = bytes.length >> 1;
    if (samples < 1 || samples > MAX_FRAME_SAMPLES)
      throw new ParleyError('malformed-packet', `A microphone frame of ${samples} samples; drop it`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pcm = new Float32Array(samples);
    for (let i = 0; i < samples; i++) pcm[i] = view.getInt16(2 * i, true) / 32768;
    return pcm;
  }

  #decodeOpus(payload: Uint8Array): Uint8Array {
    this.#opus ??= new Decoder({ channels: 1, sample_rate: MICROPHONE_RATE_HZ });
    return this.#opus.decode(payload);
  }
}
