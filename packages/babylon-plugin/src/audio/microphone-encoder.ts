import { MICROPHONE_RATE_HZ, type MicrophonePacket } from '@parley/sdk';
import type { MicrophoneFrame } from './microphone-worklet.ts';

/** Bits a second of the microphone's Opus stream. */
export const MICROPHONE_BITRATE = 24_000;

/** Receives encoded frames, in order. */
export type PacketSink = (packet: MicrophonePacket) => void;

/** Encodes microphone frames for the wire. */
export interface MicrophoneEncoder {
  readonly codec: MicrophonePacket['codec'];
  encode(frame: MicrophoneFrame): void;
  close(): void;
}

/** Opus by WebCodecs where the browser encodes it at 16 kHz mono, else PCM16. */
export async function createMicrophoneEncoder(
  sink: PacketSink,
  wanted: 'auto' | 'pcm16' = 'auto',
): Promise<MicrophoneEncoder> {
  const config = {
    codec: 'opus',
    sampleRate: MICROPHONE_RATE_HZ,
    numberOfChannels: 1,
    bitrate: MICROPHONE_BITRATE,
    opus: { frameDuration: 20_000, application: 'voip' },
  } as const;
  if (wanted === 'auto' && (await encodesOpus(config))) return createOpusEncoder(config, sink);
  return createPcmEncoder(sink);
}

async function encodesOpus(config: AudioEncoderConfig): Promise<boolean> {
  if (typeof AudioEncoder === 'undefined' || typeof AudioData === 'undefined') return false;
  try {
    return (await AudioEncoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}

const MICROSECONDS_PER_SAMPLE = 1_000_000 / MICROPHONE_RATE_HZ;

function createOpusEncoder(config: AudioEncoderConfig, sink: PacketSink): MicrophoneEncoder {
  let seq = 0;
  let fallback: MicrophoneEncoder | undefined;
  const encoder = new AudioEncoder({
    output(chunk) {
      const payload = new Uint8Array(chunk.byteLength);
      chunk.copyTo(payload);
      const startSample = Math.round(chunk.timestamp / MICROSECONDS_PER_SAMPLE) >>> 0;
      sink({ codec: 'opus', seq, startSample, payload });
      seq = (seq + 1) & 0xffff;
    },
    error() {
      fallback ??= createPcmEncoder(sink);
    },
  });
  encoder.configure(config);
  return {
    get codec() {
      return fallback ? fallback.codec : 'opus';
    },
    encode(frame) {
      if (fallback) {
        fallback.encode(frame);
        return;
      }
      const data = new AudioData({
        format: 'f32-planar',
        sampleRate: MICROPHONE_RATE_HZ,
        numberOfFrames: frame.pcm.length,
        numberOfChannels: 1,
        timestamp: frame.startSample * MICROSECONDS_PER_SAMPLE,
        data: frame.pcm,
      });
      encoder.encode(data);
      data.close();
    },
    close() {
      if (encoder.state !== 'closed') encoder.close();
    },
  };
}

function createPcmEncoder(sink: PacketSink): MicrophoneEncoder {
  let seq = 0;
  return {
    codec: 'pcm16',
    encode({ startSample, pcm }) {
      const payload = new Uint8Array(pcm.length * 2);
      const view = new DataView(payload.buffer);
      for (let i = 0; i < pcm.length; i++) {
        const clipped = Math.max(-1, Math.min(1, pcm[i]));
        view.setInt16(i * 2, Math.round(clipped * 32767), true);
      }
      sink({ codec: 'pcm16', seq, startSample: startSample >>> 0, payload });
      seq = (seq + 1) & 0xffff;
    },
    close() {},
  };
}
