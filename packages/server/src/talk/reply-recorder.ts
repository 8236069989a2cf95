import { Decoder } from '@evan/opus';
import {
  OPUS_FRAME_SAMPLES,
  packedFrameBytes,
  SPEECH_RATE_HZ,
  type SpeechPacket,
  type UtteranceMessage,
} from '@parley/sdk';

/** Loudness above which a sample is a sound, of full scale. */
const AUDIBLE = 0.01;

/** What came of one utterance, and how much of the wire it took. */
export interface ReplyStats {
  readonly durationMs: number;
  readonly packets: number;
  readonly lostPackets: number;
  readonly codeFrames: number;
  readonly audioFrames: number;
  /** Payload of the voice, and of the face, a second of speech. */
  readonly audioBytesPerSecond: number;
  readonly faceBytesPerSecond: number;
  /** Changes of a code from one frame to the next, of all codes; 0 is a frozen face. */
  readonly codeChangeShare: number;
}

/** Gathers the packets of one utterance: voice to PCM, codes to counts. */
export class ReplyRecorder {
  readonly utterance: UtteranceMessage;
  readonly #packets = new Map<number, SpeechPacket>();
  #endSample = 0;

  constructor(utterance: UtteranceMessage) {
    this.utterance = utterance;
  }

  add(packet: SpeechPacket): void {
    this.#packets.set(packet.startSample, packet);
    const samples = (packet.codeFrames * SPEECH_RATE_HZ) / this.utterance.fps;
    this.#endSample = Math.max(this.#endSample, packet.startSample + samples);
  }

  /** The voice at 24 kHz; silence where a packet is missing. */
  pcm(): Float32Array {
    const decoder = new Decoder({ channels: 1, sample_rate: SPEECH_RATE_HZ });
    const pcm = new Float32Array(this.#endSample);
    for (const packet of this.#inOrder())
      for (const [index, frame] of packet.audio.entries()) {
        const bytes = decoder.decode(frame).slice();
        const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
        const at = packet.startSample + index * OPUS_FRAME_SAMPLES;
        for (let i = 0; i < samples.length && at + i < pcm.length; i++) pcm[at + i] = samples[i] / 32768;
      }
    return pcm;
  }

  /** Room clock at which the first audible sample plays, ms; null for a silent reply. */
  firstSoundMs(pcm: Float32Array): number | null {
    const sample = pcm.findIndex((value) => Math.abs(value) > AUDIBLE);
    return sample < 0 ? null : this.#playMs(sample);
  }

  /** Room clock at which the first code changes, ms; null for a frozen face. */
  firstMotionMs(): number | null {
    let last: Uint8Array | null = null;
    for (const { startSample, codes } of this.#frames()) {
      if (last?.some((code, head) => code !== codes[head])) return this.#playMs(startSample);
      last = codes;
    }
    return null;
  }

  stats(): ReplyStats {
    const { fps } = this.utterance;
    const seconds = this.#endSample / SPEECH_RATE_HZ || 1;
    const packets = [...this.#packets.values()];
    const codeFrames = packets.reduce((sum, packet) => sum + packet.codeFrames, 0);
    const audio = packets.flatMap((packet) => packet.audio);
    const expected =
      packets.length > 0 ? this.#endSample / ((packets[0].codeFrames * SPEECH_RATE_HZ) / fps) : 0;
    return {
      durationMs: (1000 * this.#endSample) / SPEECH_RATE_HZ,
      packets: packets.length,
      lostPackets: Math.max(0, Math.round(expected) - packets.length),
      codeFrames,
      audioFrames: audio.length,
      audioBytesPerSecond: audio.reduce((sum, frame) => sum + frame.length, 0) / seconds,
      faceBytesPerSecond: (codeFrames * packedFrameBytes(this.utterance)) / seconds,
      codeChangeShare: this.#changeShare(),
    };
  }

  #changeShare(): number {
    let changed = 0;
    let compared = 0;
    let last: Uint8Array | null = null;
    for (const { codes } of this.#frames()) {
      if (last)
        for (const [head, code] of codes.entries()) {
          compared++;
          if (code !== last[head]) changed++;
        }
      last = codes;
    }
    return compared === 0 ? 0 : changed / compared;
  }

  *#frames(): Generator<{ readonly startSample: number; readonly codes: Uint8Array }> {
    const { heads, fps } = this.utterance;
    for (const packet of this.#inOrder())
      for (let frame = 0; frame < packet.codeFrames; frame++)
        yield {
          startSample: packet.startSample + (frame * SPEECH_RATE_HZ) / fps,
          codes: packet.codes.subarray(frame * heads, (frame + 1) * heads),
        };
  }

  #inOrder(): SpeechPacket[] {
    return [...this.#packets.values()].toSorted((a, b) => a.startSample - b.startSample);
  }

  #playMs(sample: number): number {
    return this.utterance.startMs + (1000 * sample) / SPEECH_RATE_HZ;
  }
}
