import type { MicrophonePacket } from '@parley/sdk';
import { OpusDecoder } from 'opus-decoder';
import { Microphone } from '../../../src/index.ts';
import { sleep } from './audio.ts';

/** What {@link recordMicrophone} measures. */
export interface RecordedMicrophone {
  readonly states: string[];
  readonly error: string;
  readonly codec: string;
  readonly packets: number;
  /** Packets that came while listening was off. */
  readonly packetsUnasked: number;
  /** Packets whose start does not follow on the one before. */
  readonly gaps: number;
  readonly highestLevel: number;
  /** Zero crossings a second of the middle of the recording, halved: the tone's pitch in Hz. */
  readonly pitchHz: number;
  /** Tracks that still run after stop. */
  readonly liveTracks: number;
}

/** Records the microphone for a while. */
export async function recordMicrophone(codec: 'auto' | 'pcm16', ms: number): Promise<RecordedMicrophone> {
  const context = new AudioContext();
  const packets: MicrophonePacket[] = [];
  const tracks: MediaStreamTrack[] = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await ask(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
  const microphone = new Microphone(context, {
    codec,
    processing: false,
    onPacket: (packet) => packets.push(packet),
  });
  const states: string[] = [microphone.state];
  microphone.onState((state) => states.push(state));
  let error = '';
  let highestLevel = 0;
  let packetsUnasked = 0;
  let usedCodec = '';
  try {
    await microphone.start();
    usedCodec = microphone.codec ?? '';
    await sleep(200);
    packetsUnasked = packets.length;
    microphone.listening = true;
    for (let at = 0; at < ms; at += 50) {
      await sleep(50);
      highestLevel = Math.max(highestLevel, microphone.level);
    }
  } catch (failure) {
    error = (failure as { code?: string }).code ?? String(failure);
  }
  microphone.stop();
  navigator.mediaDevices.getUserMedia = ask;
  const gaps = packets.filter(
    ({ startSample }, i) => i > 0 && startSample - packets[i - 1].startSample !== 320,
  );
  const pitchHz = packets.length > 20 ? pitchOf(await decode(packets)) : Number.NaN;
  microphone.dispose();
  await context.close();
  return {
    states,
    error,
    codec: usedCodec,
    packets: packets.length,
    packetsUnasked,
    gaps: gaps.length,
    highestLevel,
    pitchHz,
    liveTracks: tracks.filter(({ readyState }) => readyState === 'live').length,
  };
}

async function decode(packets: MicrophonePacket[]): Promise<Float32Array> {
  if (packets[0].codec === 'pcm16') {
    return Float32Array.from(packets.flatMap(({ payload }) => [...new Int16Array(payload.buffer)]));
  }
  const decoder = new OpusDecoder({ sampleRate: 16_000, channels: 1 });
  await decoder.ready;
  const { channelData } = decoder.decodeFrames(packets.map(({ payload }) => payload));
  decoder.free();
  return channelData[0];
}

function pitchOf(sound: Float32Array): number {
  const middle = sound.subarray(sound.length * 0.25, sound.length * 0.75);
  let crossings = 0;
  for (let i = 1; i < middle.length; i++) if (middle[i - 1] < 0 && middle[i] >= 0) crossings++;
  return (crossings * 16_000) / middle.length;
}
