import { createServer } from 'node:net';
import { Server } from '@colyseus/core';
import { Client, type Room } from '@colyseus/sdk';
import { WebSocketTransport } from '@colyseus/ws-transport';
import {
  type DuckMessage,
  type FaceManifest,
  MICROPHONE_FRAME_SAMPLES,
  type NoticeMessage,
  ParleyClient,
  type SpeechPacket,
  type StopMessage,
  type TranscriptMessage,
  type UtteranceMessage,
} from '@parley/sdk';
import { onTestFinished } from 'vitest';
import { readPersona } from '../../src/persona/read-persona.ts';
import { ParleyRoom, type ParleyRoomOptions } from '../../src/room/parley-room.ts';
import type { TurnReport } from '../../src/turn/npc-turns.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

/** Only what a room reads of a manifest. */
export const FACE_MANIFEST = {
  codec: {
    heads: 8,
    classes: 16,
    fps: 30,
    window: 8,
    neutral: [0, 0, 0, 0, 0, 0, 0, 0],
    lipHeads: [0],
    upperHeads: [1],
  },
} as unknown as FaceManifest;

export const MIRA = readPersona(
  `
name: Mira
title: guide
greeting: Hello, I am Mira.
apology: Sorry, my mind went blank.
position: { x: 0, z: 2 }
facts: [The museum closes at six.]
`,
  'mira',
);
export const ORSON = readPersona(
  `
name: Orson
title: philosopher
greeting: Good day.
position: { x: 20, z: 2 }
`,
  'orson',
);

/** A Colyseus server on a port of its own, with one kind of room. */
export interface RunningServer {
  readonly url: string;
  readonly reports: TurnReport[];
  readonly rooms: ParleyRoom[];
}

/** Starts a server for the running test; it closes when the test is over. */
export async function startServer(options: Partial<ParleyRoomOptions> = {}): Promise<RunningServer> {
  const reports: TurnReport[] = [];
  const rooms: ParleyRoom[] = [];
  const setup: ParleyRoomOptions = {
    engines: scriptedEngines(),
    personas: [MIRA, ORSON],
    faceManifest: FACE_MANIFEST,
    onTurn: (report) => reports.push(report),
    ...options,
  };
  class Tracked extends ParleyRoom {
    protected override readonly parleyOptions = setup;

    override onCreate() {
      super.onCreate();
      rooms.push(this);
    }
  }
  const server = await listen((server) => server.define('parley', Tracked));
  onTestFinished(() => server.close());
  return { reports, rooms, url: server.url };
}

export async function listen(
  define: (server: Server) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = new Server({
    greet: false,
    gracefullyShutdown: false,
    transport: new WebSocketTransport({ maxPayload: 64 * 1024 }),
  });
  define(server);
  const port = await freePort();
  await server.listen(port, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, close: () => server.gracefullyShutdown(false) };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A visitor and everything it was told. */
export class TestVisitor {
  readonly room: Room;
  readonly parley: ParleyClient;
  readonly utterances: UtteranceMessage[] = [];
  readonly packets: { readonly atMs: number; readonly packet: SpeechPacket }[] = [];
  readonly stops: StopMessage[] = [];
  readonly ducks: DuckMessage[] = [];
  readonly transcripts: TranscriptMessage[] = [];
  readonly notices: NoticeMessage[] = [];
  leftWith: number | null = null;
  #seq = 0;
  #startSample = 0;

  constructor(room: Room) {
    this.room = room;
    this.parley = new ParleyClient(room);
    this.parley.on('utterance', (message) => this.utterances.push(message));
    this.parley.on('packet', (packet) => this.packets.push({ atMs: performance.now(), packet }));
    this.parley.on('duck', (message) => this.ducks.push(message));
    this.parley.on('stop', (message) => this.stops.push(message));
    this.parley.on('transcript', (message) => this.transcripts.push(message));
    this.parley.on('notice', (message) => this.notices.push(message));
    room.onLeave((code) => {
      this.leftWith = code;
    });
  }

  static async join(url: string, name = 'Ann'): Promise<TestVisitor> {
    const visitor = new TestVisitor(await new Client(url).joinOrCreate('parley', { name }));
    await visitor.parley.ready;
    return visitor;
  }

  npc(id: string) {
    return this.parley.npcs.find((npc) => npc.id === id);
  }

  /** Sends PCM as fast as the wire takes it. */
  send(pcm: Float32Array, frameSamples = MICROPHONE_FRAME_SAMPLES): void {
    for (let at = 0; at + frameSamples <= pcm.length; at += frameSamples) {
      const frame = Int16Array.from(pcm.subarray(at, at + frameSamples), (v) => Math.round(v * 32767));
      this.parley.sendMicrophone({
        codec: 'pcm16',
        seq: this.#seq++ & 0xffff,
        startSample: this.#startSample,
        payload: new Uint8Array(frame.buffer),
      });
      this.#startSample += frameSamples;
    }
  }
}

/** A vowel of 125 Hz: what the scripted voice detector takes for speech, and what sounds like words. */
export function voice(durationMs: number): Float32Array {
  return harmonics(durationMs, 24);
}

/** A voice with closed lips: "mm". */
export function hum(durationMs: number): Float32Array {
  return harmonics(durationMs, 2);
}

function harmonics(durationMs: number, count: number): Float32Array {
  return Float32Array.from({ length: durationMs * 16 }, (_, i) => {
    let sum = 0;
    for (let n = 1; n <= count; n++) sum += Math.sin((2 * Math.PI * 125 * n * i) / 16_000) / Math.sqrt(n);
    return (0.3 * sum) / Math.sqrt(count);
  });
}

/** A cough: a burst without a voice. The seed is fixed. */
export function cough(durationMs: number): Float32Array {
  let state = 7;
  return Float32Array.from({ length: durationMs * 16 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 0.5 * (state / 2 ** 31 - 1);
  });
}

export function silence(durationMs: number): Float32Array {
  return new Float32Array(durationMs * 16);
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** Waits until something is so; says what was awaited when it never comes. */
export async function until<T>(what: string, probe: () => T, timeoutMs = 5_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = probe();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await pause(10);
  }
}
