import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Room, Server } from '@colyseus/core';
import { schema, t } from '@colyseus/schema';
import { Client, type Room as JoinedRoom } from '@colyseus/sdk';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  MessageName,
  MessageType,
  type MicrophonePacket,
  ParleyClient,
  readMicrophonePacket,
  type SpeechPacket,
  writeSpeechPacket,
} from '../../src/index.ts';

/** Machines that run tests are busy. */
const PATIENCE = { timeout: 20_000 };
const layout = { heads: 2, classes: 64 };
const npcSchema = schema(
  { id: t.string(), index: t.uint16(), name: t.string(), status: t.string() },
  'TestNpc',
);
const parleySchema = schema({ npcs: t.map(npcSchema) }, 'TestParley');
const stateSchema = schema({ parley: t.ref(parleySchema) }, 'TestState');

const heard: { hello: unknown[]; say: unknown[]; microphone: MicrophonePacket[] } = {
  hello: [],
  say: [],
  microphone: [],
};

/** A host's own room that speaks the protocol. */
class HostRoom extends Room<{ state: InstanceType<typeof stateSchema> }> {
  override state = new stateSchema();
  override patchRate = 20;

  override onCreate(): void {
    this.state.parley = new parleySchema();
    const npc = new npcSchema();
    Object.assign(npc, { id: 'mira', index: 3, name: 'Mira', status: 'idle' });
    this.state.parley.npcs.set('mira', npc);
    this.onMessage(MessageName.clock, (_, { t0 }: { t0: number }) => ({
      t0,
      serverMs: performance.now() + 5_000,
    }));
    this.onMessage(MessageName.hello, (client, message) => {
      heard.hello.push(message);
      const announcement = {
        npc: 'mira',
        utterance: 1,
        rateHz: 24_000,
        codec: 'opus',
        startMs: 0,
        fps: 30,
        ...layout,
      };
      client.send(MessageName.utterance, announcement);
      client.sendBytes(MessageType.speech, writeSpeechPacket(PACKET, layout));
      client.sendBytes(MessageType.speech, Uint8Array.of(1, 2, 3));
    });
    this.onMessage(MessageName.say, (_, message) => {
      heard.say.push(message);
      npc.status = 'thinking';
    });
    this.onMessageBytes(MessageType.microphone, (_, bytes: Uint8Array) => {
      heard.microphone.push(readMicrophonePacket(bytes));
    });
  }
}

const PACKET: SpeechPacket = {
  first: true,
  last: true,
  codesOnly: false,
  npcIndex: 3,
  utterance: 1,
  startSample: 0,
  codes: Uint8Array.of(63, 1),
  codeFrames: 1,
  audio: [Uint8Array.of(1, 2, 3, 4, 5)],
};

let server: Server;
let room: JoinedRoom;

beforeAll(async () => {
  server = new Server({ greet: false, gracefullyShutdown: false, transport: new WebSocketTransport({}) });
  server.define('host', HostRoom);
  const port = await freePort();
  await server.listen(port);
  room = await new Client(`http://127.0.0.1:${port}`).joinOrCreate('host');
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

afterAll(async () => {
  await room?.leave();
  await server?.gracefullyShutdown(false);
});

test('a room of @colyseus/sdk is wrapped as it is: state, clock, JSON and bytes both ways', async () => {
  // The assignment is the type test: a joined room fits RoomLike without a cast.
  const client = new ParleyClient(room);
  const packets: SpeechPacket[] = [];
  client.on('packet', (packet) => packets.push(packet));
  await client.ready;
  // Wrong by at most half of the round trip, however busy the machine is; the least of several looks, since the
  // process may be put aside between the two clocks.
  const errorsMs = Array.from({ length: 9 }, () =>
    Math.abs(client.clock.nowMs() - (performance.now() + 5_000)),
  );
  expect(Math.min(...errorsMs)).toBeLessThan(client.clock.rttMs / 2 + 0.1);
  await vi.waitFor(() => expect(packets).toHaveLength(1), PATIENCE);
  expect(packets[0]).toEqual(PACKET);
  expect(heard.hello).toEqual([{ version: 1 }]);
  await vi.waitFor(() => expect(client.stats.malformed).toBe(1), PATIENCE);

  await vi.waitFor(
    () => expect(client.npcs[0]).toMatchObject({ id: 'mira', index: 3, name: 'Mira' }),
    PATIENCE,
  );
  const statuses: string[] = [];
  client.on('npcs', (npcs) => statuses.push(npcs[0].status));
  client.say('Hello', 'mira');
  await vi.waitFor(() => expect(statuses).toEqual(['thinking']), PATIENCE);
  expect(heard.say).toEqual([{ npc: 'mira', text: 'Hello' }]);

  const frame = {
    codec: 'pcm16',
    seq: 65_535,
    startSample: 4_000_000_000,
    payload: new Uint8Array(640).fill(7),
  } as const;
  expect(client.sendMicrophone(frame)).toBe(true);
  await vi.waitFor(() => expect(heard.microphone).toEqual([frame]), PATIENCE);
  client.close();
});
