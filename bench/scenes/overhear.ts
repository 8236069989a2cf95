import { Decoder, Encoder } from '@evan/opus';
import { MICROPHONE_RATE_HZ, SPEECH_RATE_HZ } from '@parley/sdk';
import { type Asr, resample, TIMEOUT_DEFAULTS, type Vad } from '@parley/server';
import { EchoGate } from '../../packages/server/src/turn/echo-gate.ts';
import { Fourier } from '../../packages/server/src/turn/fourier.ts';
import type { InterruptionEvent } from '../../packages/server/src/turn/interruption.ts';
import { Listener } from '../../packages/server/src/turn/listener.ts';
import { PlayedVoices } from '../../packages/server/src/turn/played-voices.ts';
import { keep } from './keep.ts';
import { noise, voiceSpan } from './sounds.ts';

const FRAME = 320;
const FRAME_MS = 20;
const VAD_WINDOW = 512;
/** Silence before the NPC speaks, ms. */
const BEFORE_MS = 1_000;
/** What a listener may still make of a sound when it is over, ms, and how long it may wait for the end of a turn. */
const AFTER_MS = { sound: 900, turn: 1_900 } as const;

/** How late clients lower a voice when they are told to, and how fast, ms. */
const LOWERED_LATE_MS = 45;
const LOWERED_WITHIN_MS = 31;
const LOWERED_GAIN = 0.25;
/** Runs until what the microphone hears follows from what was made of it. */
const MOST_RUNS = 12;

/**
 * Whether clients lower the NPC's voice at a suspected interruption, as they do: `no` they go on as loud as before, `known` and `unknown`
 * they lower it, and the server's ears know of it or not.
 */
export type Lowering = 'no' | 'known' | 'unknown';

interface GainChange {
  readonly atMs: number;
  readonly gain: number;
}

/** A loudspeaker that the microphone hears. */
export interface Loudspeaker {
  /** Level at the microphone against the voice that is played, dB. */
  readonly gainDb: number;
  readonly delayMs: number;
  /** The room's response at 16 kHz, in order of time: sample, and share of the direct sound. */
  readonly room: readonly (readonly [atSample: number, share: number])[];
  readonly roomName: string;
}

/** An NPC speaks, and perhaps somebody in front of the microphone. */
export interface OverheardCase {
  /** 24 kHz. */
  readonly npc: Float32Array;
  readonly echo: Loudspeaker | null;
  readonly noiseDb: number;
  /** What the visitor utters, 16 kHz, and how long after the NPC began, ms. */
  readonly own?: { readonly pcm: Float32Array; readonly atMs: number; readonly words: string };
  readonly seed: number;
}

/** What a listener made of it. */
export interface Overheard {
  /** From the visitor's first sound to the lowered voice, microphone time, ms; infinite when it was not lowered. */
  readonly reactedMs: number;
  /** Whether it reacted before the visitor uttered anything. */
  readonly early: boolean;
  readonly events: readonly string[];
  /** What the visitor was understood to say, one text for each turn that was not taken for noise. */
  readonly turns: readonly string[];
}

/**
 * Feeds a listener frame by frame in the time of the microphone.
 * @param asr Understands the words, in no time; without it they come from the script.
 */
export async function overhear(
  vad: Vad,
  heard: OverheardCase,
  asr?: Asr,
  lowering: Lowering = 'no',
): Promise<Overheard> {
  let changes: readonly GainChange[] = [];
  for (let run = 1; ; run++) {
    const { result, wanted } = await listen(vad, heard, changes, lowering, asr);
    const same = JSON.stringify(wanted) === JSON.stringify(changes);
    if (lowering === 'no' || heard.echo === null || same || run === MOST_RUNS) return result;
    changes = wanted;
  }
}

/** One run. @param changes Of the loudspeaker. @returns And those that clients are told of. */
async function listen(
  vad: Vad,
  heard: OverheardCase,
  changes: readonly GainChange[],
  lowering: Lowering,
  asr?: Asr,
): Promise<{ readonly result: Overheard; readonly wanted: GainChange[] }> {
  const { npc, own } = heard;
  const npcMs = npc.length / 24;
  const onset = own ? BEFORE_MS + own.atMs + voiceSpan(own.pcm).start / 16 : Number.POSITIVE_INFINITY;
  const heardMs = own ? own.atMs + own.pcm.length / 16 : npcMs;
  const endMs = BEFORE_MS + heardMs + (asr ? AFTER_MS.turn : AFTER_MS.sound);
  const frames = Math.ceil(endMs / FRAME_MS);
  const pcm = await microphone(heard, frames, changes);
  const probabilities = await keep(['silero', pcm], () => detect(vad, pcm));

  const played = new PlayedVoices();
  const sent = decodedByClients(npc);
  const events: { readonly atMs: number; readonly what: string }[] = [];
  let nowMs = 0;
  let clockMs = 0;
  let windows = 0;
  let recognising = 0;
  const turns: string[] = [];
  const note = (what: string) => events.push({ atMs: clockMs, what });
  const wanted: GainChange[] = [];
  const interrupt = (event: InterruptionEvent) => {
    note(event);
    const gain = event === 'suspect' ? LOWERED_GAIN : 1;
    if (event === 'confirm' || gain === (wanted.at(-1)?.gain ?? 1)) return;
    wanted.push({ atMs: nowMs, gain });
    if (lowering === 'known') played.duck('npc', gain, nowMs);
  };
  const listener = new Listener(
    {
      vad: {
        async *detect(input) {
          let samples = 0;
          for await (const chunk of input) {
            samples += chunk.length;
            for (; (windows + 1) * VAD_WINDOW <= samples; windows++) {
              clockMs = ((windows + 1) * VAD_WINDOW) / 16;
              yield { startSample: windows * VAD_WINDOW, probability: probabilities[windows] };
            }
          }
        },
      },
      asr: {
        async *transcribe(input, signal) {
          recognising++;
          try {
            if (asr) return yield* asr.transcribe(input, signal);
            for await (const _ of input);
            const text = own?.words ?? '';
            yield { type: 'final', text, averageLogProbability: -0.2, noSpeechProbability: 0 };
          } finally {
            recognising--;
          }
        },
      },
      timeouts: TIMEOUT_DEFAULTS,
      partialEveryMs: Number.POSITIVE_INFINITY,
      echo: new EchoGate(played),
      overhears: () => nowMs >= BEFORE_MS - 120 && nowMs < BEFORE_MS + npcMs,
      nowMs: () => nowMs,
    },
    {
      onSpeechStart: () => note('speech'),
      onInterruption: interrupt,
      onTurn: (turn) => {
        note('turn');
        if (turn) turns.push(turn.text);
      },
      onPartial: () => {},
      onPause: () => {},
      onLikelyTurn: () => {},
      onResume: () => {},
      onFailure: (error) => {
        throw error;
      },
    },
  );
  let given = -1;
  for (let frame = 0; frame < frames; frame++) {
    nowMs = (frame + 1) * FRAME_MS + 5;
    if (given < 0 && nowMs >= BEFORE_MS - 120) {
      given = 0;
      played.begin('npc', BEFORE_MS);
    }
    for (; given >= 0 && given < npc.length && given / 24 + BEFORE_MS < nowMs + 2_000; given += 2400)
      played.add('npc', sent.subarray(given, given + 2400));
    listener.receive(pcm.subarray(frame * FRAME, (frame + 1) * FRAME));
    const due = Math.floor(((frame + 1) * FRAME) / VAD_WINDOW);
    do await new Promise((next) => setImmediate(next));
    while (windows < due || recognising > 0);
  }
  listener.stop();
  const before = events.filter(({ atMs, what }) => atMs < onset && what !== 'turn');
  const reacted = events.find(
    ({ atMs, what }) => atMs >= onset && (what === 'suspect' || what === 'confirm'),
  );
  const result = {
    reactedMs: (reacted?.atMs ?? Number.POSITIVE_INFINITY) - onset,
    early: before.length > 0,
    events: events.map(({ what }) => what),
    turns,
  };
  return { result, wanted };
}

/** What the server gets of the microphone: noise, the visitor and the loudspeaker, all through Opus. */
export function microphone(
  { npc, echo, noiseDb, own, seed }: OverheardCase,
  frames: number,
  changes: readonly GainChange[] = [],
): Promise<Float32Array> {
  const { gainDb = 0, delayMs = 0, roomName = '', room = [] } = echo ?? {};
  const key = ['microphone 1', noiseDb, seed, frames, gainDb, delayMs, roomName, npc, own?.pcm ?? null];
  const told = changes.flatMap(({ atMs, gain }) => ['lowered', atMs, gain]);
  return keep([...key, own?.atMs ?? 0, ...told], async () => {
    const pcm = new Float32Array(frames * FRAME);
    const background = noise(5 * MICROPHONE_RATE_HZ, noiseDb, seed + 1);
    for (let at = 0; at < pcm.length; at++) pcm[at] = background[at % background.length];
    if (own) {
      const from = Math.round((BEFORE_MS + own.atMs) * 16);
      for (let i = 0; i < own.pcm.length && from + i < pcm.length; i++) pcm[from + i] += own.pcm[i];
    }
    if (echo) {
      const voice = resample(decodedByClients(npc), SPEECH_RATE_HZ, MICROPHONE_RATE_HZ);
      const gain = 10 ** (echo.gainDb / 20);
      const echoed = inRoom(voice, room);
      if (changes.length > 0) {
        // What was heard before stays the same to the last bit, as a transform does not keep it.
        const first = Math.round((changes[0].atMs - BEFORE_MS) * 16);
        echoed.set(inRoom(lowered(voice, changes), room).subarray(first), first);
      }
      const from = Math.round((BEFORE_MS + echo.delayMs) * 16);
      for (let i = 0; i < echoed.length && from + i < pcm.length; i++) pcm[from + i] += gain * echoed[i];
    }
    const code = throughOpus(16_000);
    const out = new Float32Array(pcm.length);
    for (let at = 0; at < pcm.length; at += FRAME) out.set(code(pcm.subarray(at, at + FRAME)), at);
    return out;
  });
}

/** A voice that a client lowers and raises, 16 kHz. */
function lowered(voice: Float32Array, changes: readonly GainChange[]): Float32Array {
  let gain = 1;
  return voice.map((sample, i) => {
    const ms = BEFORE_MS + i / 16;
    const to = changes.findLast(({ atMs }) => atMs + LOWERED_LATE_MS <= ms)?.gain ?? 1;
    gain += (to - gain) / (16 * LOWERED_WITHIN_MS);
    return gain * sample;
  });
}

export async function detect(vad: Vad, pcm: Float32Array): Promise<Float32Array> {
  async function* once() {
    yield pcm;
  }
  const probabilities: number[] = [];
  for await (const { probability } of vad.detect(once(), new AbortController().signal))
    probabilities.push(probability);
  return Float32Array.from(probabilities);
}

/** Opus there and back, a frame of 20 ms at a time. */
function throughOpus(rateHz: 16_000 | 24_000): (pcm: Float32Array) => Float32Array {
  const encoder = new Encoder({ channels: 1, sample_rate: rateHz, application: 'voip' });
  encoder.bitrate = 24_000;
  const decoder = new Decoder({ channels: 1, sample_rate: rateHz });
  return (pcm) => {
    const coded = Int16Array.from(pcm, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767));
    const bytes = decoder.decode(encoder.encode(coded).slice()).slice();
    return Float32Array.from(new Int16Array(bytes.buffer, 0, bytes.length >> 1), (sample) => sample / 32_768);
  };
}

/** The voice as loudspeakers have it, 24 kHz. */
export function decodedByClients(npc: Float32Array): Float32Array {
  const code = throughOpus(24_000);
  const out = new Float32Array(npc.length);
  for (let at = 0; at + 480 <= npc.length; at += 480) out.set(code(npc.subarray(at, at + 480)), at);
  return out;
}

/** A voice with a room's response: by Fourier transform, as measured responses have thousands of samples. */
function inRoom(voice: Float32Array, room: Loudspeaker['room']): Float32Array {
  const length = voice.length + Math.max(...room.map(([atSample]) => atSample));
  const size = 2 ** Math.ceil(Math.log2(length + 1));
  const fourier = new Fourier(size);
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  real.set(voice);
  const response = { real: new Float32Array(size), imaginary: new Float32Array(size) };
  for (const [atSample, share] of room) response.real[atSample] += share;
  fourier.transform(real, imaginary);
  fourier.transform(response.real, response.imaginary);
  for (let k = 0; k < size; k++) {
    const re = real[k] * response.real[k] - imaginary[k] * response.imaginary[k];
    const im = real[k] * response.imaginary[k] + imaginary[k] * response.real[k];
    // Swapped, so that the forward transform goes backwards.
    real[k] = im;
    imaginary[k] = re;
  }
  fourier.transform(real, imaginary);
  return imaginary.subarray(0, length).map((sample) => sample / size);
}
