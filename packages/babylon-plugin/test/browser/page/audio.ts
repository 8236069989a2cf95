import { JitterBuffer, type SpeechPacket, type UtteranceMessage } from '@parley/sdk';
import { createMicrophoneEncoder } from '../../../src/audio/microphone-encoder.ts';
import { createSpeechDecoder } from '../../../src/audio/speech-decoder.ts';
import { SpeechPlayer } from '../../../src/audio/speech-player.ts';
import { Recorder } from './recorder.ts';

const RATE = 24_000;
const BLOCK = 2400;
const HEADS = 4;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function utterance(startMs: number, codec: 'pcm16' | 'opus' = 'pcm16'): UtteranceMessage {
  return { npc: 'npc', utterance: 1, rateHz: RATE, codec, startMs, fps: 30, heads: HEADS, classes: 8 };
}

function jitterBuffer(): JitterBuffer {
  return new JitterBuffer({ layout: { heads: HEADS, classes: 8 }, neutral: [0, 0, 0, 0] });
}

/** A block of silence with a click at each multiple of `every` samples. */
function clickBlock(index: number, every: number, last: boolean): SpeechPacket {
  const audio = Array.from({ length: 5 }, (_, frame) => {
    const pcm = new Int16Array(480);
    for (let i = 0; i < 480; i++) {
      const sample = index * BLOCK + frame * 480 + i;
      // Two samples of a half-cosine: short, yet within the band.
      if (sample > 0 && sample % every === 0) pcm[i] = 30_000;
    }
    return new Uint8Array(pcm.buffer);
  });
  return {
    first: index === 0,
    last,
    codesOnly: false,
    npcIndex: 0,
    utterance: 1,
    startSample: index * BLOCK,
    codes: new Uint8Array(3 * HEADS),
    codeFrames: 3,
    audio,
  };
}

/** What {@link playClicks} measures. */
export interface PlayedClicks {
  readonly played: number;
  readonly expected: number;
  /** For each click: when it was in the graph by the recorder, minus when the player says its sample was, in ms. */
  readonly errorsMs: number[];
  /** Difference between the smooth and the browser's own output clock while playing, in ms. */
  readonly clockDifferencesMs: number[];
  /** Lag of the first sound behind the room's start, in ms. */
  readonly startErrorMs: number;
  readonly underruns: number;
  readonly finalLagMs: number;
  readonly outputLatencyMs: number;
}

/**
 * Plays clicks through a player and records them.
 *
 * @param seconds - Length of the utterance.
 * @param stallAt - Index of the block that comes `stallMs` late, with all after it; -1 for none.
 */
export async function playClicks(seconds: number, stallAt: number, stallMs: number): Promise<PlayedClicks> {
  const every = 6000;
  const context = new AudioContext({ latencyHint: 'interactive' });
  await context.resume();
  const player = await SpeechPlayer.create(context, { roomMs: () => performance.now() });
  const recorder = await Recorder.create(context);
  player.node.connect(recorder.node);
  const heard = { utterance: 0, sample: 0 };
  const reported = { utterance: 0, sample: 0 };
  // The clock settles while nothing is said, as in a room.
  for (let i = 0; i < 30; i++) {
    await sleep(16);
    player.readHeard(performance.now(), heard);
  }
  const startMs = performance.now() + 250;
  const buffer = jitterBuffer();
  player.begin(utterance(startMs), buffer);
  const blocks = Math.round((seconds * RATE) / BLOCK);
  const mapping: { time: number; sample: number }[] = [];
  const clockDifferencesMs: number[] = [];
  const endMs = startMs + seconds * 1000 + stallMs + 700;
  let sent = 0;
  let stalledUntil = 0;
  let startTime = Number.NaN;
  let finalLagMs = Number.NaN;
  while (performance.now() < endMs) {
    const nowMs = performance.now();
    if (sent === stallAt && stalledUntil === 0) stalledUntil = nowMs + stallMs;
    // Blocks come 300 ms ahead, as the room paces them.
    while (
      sent < blocks &&
      nowMs > startMs + sent * 100 - 300 &&
      !(sent >= stallAt && nowMs < stalledUntil && stallAt >= 0)
    ) {
      buffer.push(clickBlock(sent, every, sent === blocks - 1));
      player.pump();
      sent++;
    }
    const latency = player.clock.outputLatencySeconds;
    finalLagMs = player.report?.lagMs ?? finalLagMs;
    if (player.readHeard(nowMs, heard)) {
      if (Number.isNaN(startTime)) startTime = player.clock.timeAt(startMs);
      mapping.push({ time: player.clock.timeAt(nowMs) - latency, sample: heard.sample });
      if (player.readReported(nowMs, reported)) {
        clockDifferencesMs.push(((heard.sample - reported.sample) * 1000) / RATE);
      }
    }
    await sleep(8);
  }
  const times = recorder.clickTimes(0.3, context.sampleRate);
  const errorsMs = times.map((time, i) => {
    const sample = (i + 1) * every;
    const after = mapping.findIndex((entry) => entry.time >= time);
    if (after <= 0) return Number.NaN;
    const a = mapping[after - 1];
    const b = mapping[after];
    const at = a.sample + ((b.sample - a.sample) * (time - a.time)) / (b.time - a.time || 1);
    return ((sample - at) * 1000) / RATE;
  });
  const result: PlayedClicks = {
    played: times.length,
    expected: Math.ceil((blocks * BLOCK) / every) - 1,
    errorsMs,
    clockDifferencesMs,
    startErrorMs: (times[0] - startTime - every / RATE) * 1000,
    underruns: player.stats.underruns,
    finalLagMs,
    outputLatencyMs: player.clock.outputLatencySeconds * 1000,
  };
  player.dispose();
  await context.close();
  return result;
}

/** What {@link opusRoundTrip} measures. */
export interface OpusRoundTrip {
  readonly frames: number;
  readonly bytesPerFrame: number;
  /** Correlation of the decoded sound with the original, at the best shift. */
  readonly correlation: number;
  /** Best shift, in samples at 24 kHz: positive when the decoded sound is late. */
  readonly lateSamples: number;
  readonly samples: number;
}

/** Encodes a chirp as the server does (Opus, 24 kHz, 20 ms) with the browser's encoder, and decodes it. */
export async function opusRoundTrip(backend: 'webcodecs' | 'wasm'): Promise<OpusRoundTrip> {
  const frames = 75;
  const original = Float32Array.from({ length: frames * 480 }, (_, n) => {
    const t = n / RATE;
    const envelope = 0.5 + 0.5 * Math.sin(2 * Math.PI * 3 * t);
    return 0.4 * envelope * Math.sin(2 * Math.PI * (200 + 700 * t) * t);
  });
  const packets: Uint8Array[] = [];
  const encoder = new AudioEncoder({
    output(chunk) {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      packets.push(bytes);
    },
    error(error) {
      throw error;
    },
  });
  encoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: 32_000 });
  // The room takes out the codec's delay of 6.5 ms (RFC 6716, section 2).
  const delaySamples = 156;
  for (let frame = 0; frame < frames - 1; frame++) {
    const from = frame * 480 + delaySamples;
    const data = new AudioData({
      format: 'f32-planar',
      sampleRate: RATE,
      numberOfFrames: 480,
      numberOfChannels: 1,
      timestamp: frame * 20_000,
      data: original.slice(from, from + 480),
    });
    encoder.encode(data);
    data.close();
  }
  await encoder.flush();
  encoder.close();
  const decoded = new Float32Array(original.length + 4800);
  let samples = 0;
  const decoder = createSpeechDecoder(
    'opus',
    (startSample, pcm) => {
      decoded.set(pcm, startSample);
      samples += pcm.length;
    },
    backend,
  );
  for (const [i, packet] of packets.entries()) decoder.decode(i * 480, packet);
  for (let i = 0; i < 100 && samples < (frames - 3) * 480; i++) await sleep(50);
  await sleep(100);
  decoder.close();
  let best = { correlation: -1, lateSamples: 0 };
  for (let shift = -400; shift <= 400; shift++) {
    const correlation = correlate(original, decoded, shift);
    if (correlation > best.correlation) best = { correlation, lateSamples: shift };
  }
  const bytes = packets.reduce((sum, packet) => sum + packet.length, 0);
  return { frames: packets.length, bytesPerFrame: bytes / packets.length, samples, ...best };
}

function correlate(a: Float32Array, b: Float32Array, shift: number): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 2400; i < a.length - 2400; i++) {
    ab += a[i] * b[i + shift];
    aa += a[i] * a[i];
    bb += b[i + shift] * b[i + shift];
  }
  return ab / Math.sqrt(aa * bb || 1);
}

/** Which codec the microphone would send, and whether it makes packets of it. */
export async function microphoneCodec(): Promise<{ codec: string; packets: number; startSamples: number[] }> {
  const startSamples: number[] = [];
  const encoder = await createMicrophoneEncoder(({ startSample }) => startSamples.push(startSample));
  for (let i = 0; i < 20; i++) {
    encoder.encode({ startSample: 1000 + i * 320, pcm: new Float32Array(320).fill(0.1) });
  }
  await sleep(500);
  const codec = encoder.codec;
  encoder.close();
  return { codec, packets: startSamples.length, startSamples };
}
