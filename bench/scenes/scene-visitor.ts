import { setTimeout as delay } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import { Decoder, Encoder } from '@evan/opus';
import {
  MICROPHONE_FRAME_SAMPLES,
  MICROPHONE_RATE_HZ,
  type NoticeMessage,
  OPUS_FRAME_SAMPLES,
  ParleyClient,
  SPEECH_RATE_HZ,
  type TranscriptMessage,
  type UtteranceMessage,
} from '@parley/sdk';
import { resample } from '@parley/server';
import { noise, seededRandom, silence, voiceSpan } from './sounds.ts';

const FRAME_MS = (1000 * MICROPHONE_FRAME_SAMPLES) / MICROPHONE_RATE_HZ;
/** Sound that waits to be said, 60 s. */
const TAPE_SAMPLES = 60 * MICROPHONE_RATE_HZ;

/** A loudspeaker that the microphone hears. */
export interface EchoPath {
  /** Level at the microphone against the voice that is played, dB. */
  readonly gainDb: number;
  /** From the loudspeaker's output to the microphone's, ms. */
  readonly delayMs: number;
}

export interface SceneVisitorOptions {
  readonly name: string;
  readonly place?: { readonly x: number; readonly z: number; readonly yaw: number };
  /** Level of the noise in the visitor's room, dB of full scale. Default -65. */
  readonly noiseDb?: number;
  readonly echo?: EchoPath;
  /** Sound in the room that goes on for ever, 16 kHz. */
  readonly background?: Float32Array;
  /** What the microphone makes of its sound, a factor; what is beyond full scale is clipped. Default 1. */
  readonly gain?: number;
  /** Share of packets that never arrive, and of those that arrive after the next one. Default 0. */
  readonly lostShare?: number;
  readonly lateShare?: number;
}

/** Something that happened, by the clock of this process, ms. */
export interface Noted<T> {
  readonly atMs: number;
  readonly message: T;
}

/** A visitor without a browser whose microphone is always running: noise, what they say, and the echo of the room. */
export class SceneVisitor {
  readonly room: Room;
  readonly client: ParleyClient;
  readonly utterances: Noted<UtteranceMessage>[] = [];
  readonly stops: Noted<{ npc: string; utterance: number; endSample: number }>[] = [];
  readonly ducks: Noted<{ npc: string; gain: number }>[] = [];
  readonly transcripts: Noted<TranscriptMessage>[] = [];
  readonly notices: Noted<NoticeMessage>[] = [];
  readonly #options: SceneVisitorOptions;
  readonly #stop = new AbortController();
  readonly #noise: Float32Array;
  readonly #tape = new Float32Array(TAPE_SAMPLES);
  readonly #encoder = new Encoder({ channels: 1, sample_rate: MICROPHONE_RATE_HZ, application: 'voip' });
  /** What each utterance sounds like at 16 kHz, from its start on, by the clock of this process. */
  readonly #heard = new Map<
    number,
    { readonly startMs: number; readonly decoder: Decoder; pcm: Float32Array; samples: number; endMs: number }
  >();
  #sentSamples = 0;
  #startMs = 0;
  readonly #sentAtMs: number[] = [];
  #seq = 0;
  readonly #random = seededRandom(5);
  #held: (() => void) | null = null;

  private constructor(room: Room, options: SceneVisitorOptions) {
    this.room = room;
    this.#options = options;
    this.#noise = noise(5 * MICROPHONE_RATE_HZ, options.noiseDb ?? -65, options.name.length * 31);
    this.#encoder.bitrate = 24_000;
    this.client = new ParleyClient(room);
    const now = () => performance.now();
    this.client.on('utterance', (message) => {
      this.utterances.push({ atMs: now(), message });
      if (options.echo) this.#begin(message);
    });
    this.client.on('packet', ({ utterance, startSample, audio }) =>
      this.#hear(utterance, startSample, audio),
    );
    this.client.on('stop', (message) => {
      this.stops.push({ atMs: now(), message });
      const heard = this.#heard.get(message.utterance);
      if (heard) heard.endMs = heard.startMs + (1000 * message.endSample) / SPEECH_RATE_HZ;
    });
    this.client.on('duck', (message) => this.ducks.push({ atMs: now(), message }));
    this.client.on('transcript', (message) => this.transcripts.push({ atMs: now(), message }));
    this.client.on('notice', (message) => this.notices.push({ atMs: now(), message }));
  }

  static async join(server: string, options: SceneVisitorOptions): Promise<SceneVisitor> {
    const visitor = new SceneVisitor(
      await new Client(server).joinOrCreate('parley', { name: options.name }),
      options,
    );
    await visitor.client.ready;
    if (options.place) visitor.move(options.place);
    return visitor;
  }

  get id(): string {
    return this.client.sessionId;
  }

  /** What this visitor was understood to say, finally. */
  get understood(): Noted<TranscriptMessage>[] {
    return this.transcripts.filter(({ message }) => message.final && message.speakerId === this.id);
  }

  /** Utterances that answer this visitor. */
  get answers(): Noted<UtteranceMessage>[] {
    return this.utterances.filter(({ message }) => message.speakerId === this.id);
  }

  npc(id: string) {
    return this.client.npcs.find((npc) => npc.id === id);
  }

  move(place: { readonly x: number; readonly z: number; readonly yaw: number }): void {
    this.room.send('player:move', { y: 0, ...place });
  }

  /** Opens the microphone; it sends until the visitor leaves. */
  listen(npc?: string): void {
    this.client.listen(true, npc);
    void this.#run();
  }

  /**
   * Says a sound as soon as possible.
   * @returns The times at which its voice begins and ends at the microphone, by the clock of this process, and the sample of the
   *   microphone's clock at which it begins.
   */
  play(pcm: Float32Array): {
    readonly startMs: number;
    readonly endMs: number;
    readonly startSample: number;
  } {
    const at = this.#sentSamples + 2 * MICROPHONE_FRAME_SAMPLES;
    for (let i = 0; i < pcm.length; i++) this.#tape[(at + i) % TAPE_SAMPLES] += pcm[i];
    const { start, end } = voiceSpan(pcm);
    const timeOf = (sample: number) => this.#startMs + ((at + sample) * 1000) / MICROPHONE_RATE_HZ;
    return { startMs: timeOf(start), endMs: timeOf(end), startSample: at + start };
  }

  /** When the frame with this sample was sent, by the clock of this process; a busy machine sends late. */
  sentAtMs(sample: number): number {
    return this.#sentAtMs[Math.floor(sample / MICROPHONE_FRAME_SAMPLES)] ?? Number.NaN;
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    this.client.close();
    await Promise.race([this.room.leave(), delay(1_000)]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    this.#startMs = performance.now();
    const pcm16 = new Int16Array(MICROPHONE_FRAME_SAMPLES);
    for (let frame = 0; !signal.aborted; frame++) {
      const dueMs = this.#startMs + (frame + 1) * FRAME_MS - performance.now();
      if (dueMs > 0) await delay(dueMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const from = frame * MICROPHONE_FRAME_SAMPLES;
      const echo = this.#echoAt(this.#startMs + frame * FRAME_MS);
      for (let i = 0; i < MICROPHONE_FRAME_SAMPLES; i++) {
        const at = (from + i) % TAPE_SAMPLES;
        const { background, gain = 1 } = this.#options;
        const other = background ? background[(from + i) % background.length] : 0;
        const sample =
          gain * (this.#tape[at] + other + echo[i]) + this.#noise[(from + i) % this.#noise.length];
        this.#tape[at] = 0;
        pcm16[i] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
      }
      const packet = {
        codec: 'opus',
        seq: this.#seq,
        startSample: from,
        payload: this.#encoder.encode(pcm16).slice(),
      } as const;
      this.#send(() => this.client.sendMicrophone(packet));
      this.#sentAtMs[frame] = performance.now();
      this.#seq = (this.#seq + 1) & 0xffff;
      this.#sentSamples = from + MICROPHONE_FRAME_SAMPLES;
    }
  }

  /** Sends a packet, or loses it, or holds it back until the next one is sent. */
  #send(packet: () => void): void {
    const { lostShare = 0, lateShare = 0 } = this.#options;
    const chance = this.#random();
    const held = this.#held;
    this.#held = null;
    if (chance >= lostShare && chance < lostShare + lateShare) this.#held = packet;
    else if (chance >= lostShare) packet();
    held?.();
  }

  #begin({ utterance, startMs }: UtteranceMessage): void {
    const decoder = new Decoder({ channels: 1, sample_rate: SPEECH_RATE_HZ });
    const pcm = new Float32Array(30 * MICROPHONE_RATE_HZ);
    // A player begins at its moment and then keeps to its own clock.
    const localMs = performance.now() + startMs - this.client.clock.toRoomMs(performance.now());
    this.#heard.set(utterance, {
      startMs: localMs,
      decoder,
      pcm,
      samples: 0,
      endMs: Number.POSITIVE_INFINITY,
    });
  }

  #hear(utterance: number, startSample: number, audio: readonly Uint8Array[]): void {
    const heard = this.#heard.get(utterance);
    if (!heard || audio.length === 0) return;
    const block = new Float32Array(audio.length * OPUS_FRAME_SAMPLES);
    for (const [index, frame] of audio.entries()) {
      const bytes = heard.decoder.decode(frame).slice();
      const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
      for (let i = 0; i < samples.length; i++) block[index * OPUS_FRAME_SAMPLES + i] = samples[i] / 32_768;
    }
    const at = (startSample * MICROPHONE_RATE_HZ) / SPEECH_RATE_HZ;
    const slow = resample(block, SPEECH_RATE_HZ, MICROPHONE_RATE_HZ);
    if (at + slow.length <= heard.pcm.length) heard.pcm.set(slow, at);
  }

  /** What the microphone hears of the loudspeaker in one frame: the direct sound and a room that dies away. */
  #echoAt(localMs: number): Float32Array {
    const { echo } = this.#options;
    const out = silence(FRAME_MS);
    if (!echo) return out;
    const gain = 10 ** (echo.gainDb / 20);
    const playedMs = localMs - echo.delayMs;
    for (const { startMs, pcm, endMs } of this.#heard.values()) {
      if (playedMs > endMs + 500) continue;
      for (const [lateMs, share] of REFLECTIONS) {
        const at = Math.round(((playedMs - lateMs - startMs) * MICROPHONE_RATE_HZ) / 1000);
        const end = Math.round(((endMs - startMs) * MICROPHONE_RATE_HZ) / 1000);
        for (let i = 0; i < out.length; i++)
          if (at + i >= 0 && at + i < Math.min(pcm.length, end)) out[i] += gain * share * pcm[at + i];
      }
    }
    return out;
  }
}

/** Reflections of a living room: delay in ms, and share of the direct sound. */
export const REFLECTIONS: readonly (readonly [number, number])[] = [
  [0, 0.8],
  [7, 0.35],
  [13, -0.28],
  [23, 0.22],
  [41, -0.16],
  [67, 0.1],
  [103, -0.06],
  [151, 0.03],
];

/** Waits until something is so, or `null`. */
export async function waitFor<T>(probe: () => T, timeoutMs: number): Promise<NonNullable<T> | null> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = probe();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) return null;
    await delay(10);
  }
}
