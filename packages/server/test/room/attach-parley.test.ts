import { Room } from '@colyseus/core';
import { schema, t } from '@colyseus/schema';
import { Client } from '@colyseus/sdk';
import type { NoticeMessage } from '@parley/sdk';
import { expect, test } from 'vitest';
import { attachParley, type ParleyHandle } from '../../src/room/attach-parley.ts';
import { ParleyState } from '../../src/room/parley-state.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { FACE_MANIFEST, listen, MIRA, startServer, TestVisitor, until } from './room-harness.ts';

const Tank = schema({ hull: t.uint8().default(100), x: t.number(), z: t.number() }, 'Tank');
const BattleState = schema({ tanks: t.map(Tank), parley: t.ref(ParleyState) }, 'BattleState');

let handle: ParleyHandle;

/** A world of somebody else's, with its own state, its own messages and a few lines of Parley. */
class BattleRoom extends Room<{ state: InstanceType<typeof BattleState> }> {
  override state = new BattleState();

  override onCreate(): void {
    handle = attachParley(this, {
      // The codes of the model that comes with the package.
      engines: scriptedEngines({ heads: 16, classes: 64 }),
      personas: [MIRA],
      players: this.state.tanks,
    });
    this.onMessage('fire', (client) => client.send('boom', 1));
  }

  override onJoin(client: { sessionId: string }): void {
    this.state.tanks.set(client.sessionId, new Tank().assign({ x: 1, z: 1 }));
  }

  override async onDispose(): Promise<void> {
    await handle.dispose();
  }
}

test('NPCs join a room that knows nothing of them', async () => {
  const server = await listen((s) => s.define('battle', BattleRoom));
  try {
    const stranger = await new Client(server.url).joinOrCreate('battle');
    const unexpected: unknown[] = [];
    stranger.onMessage('*', (type) => unexpected.push(type));
    const ann = new TestVisitor(await new Client(server.url).joinOrCreate('battle'));
    const booms: unknown[] = [];
    ann.room.onMessage('boom', (payload) => booms.push(payload));
    ann.room.send('fire');
    await until('the NPC', () => ann.npc('mira'));
    ann.parley.say('When do you close?');
    await until('the answer', () => ann.packets.some(({ packet }) => packet.last));
    expect(booms).toEqual([1]);
    // A client without Parley is not bothered with packets that it could not read.
    expect(unexpected).toEqual([]);
    await handle.dispose();
    await until('the NPC to be gone', () => ann.npc('mira') === undefined);
    ann.room.send('fire');
    await until('a second boom', () => booms.length === 2);
  } finally {
    await server.close();
  }
});

test('a client of another version of the protocol is told so, and left alone', async () => {
  const server = await startServer();
  const room = await new Client(server.url).joinOrCreate('parley');
  const notices: NoticeMessage[] = [];
  const others: unknown[] = [];
  room.onMessage('parley:notice', (notice) => notices.push(notice));
  room.onMessage('*', (type) => others.push(type));
  room.send('parley:hello', { version: 2 });
  const { code, message } = await until('a notice', () => notices[0]);
  expect(code).toBe('unsupported-version');
  expect(message).toMatch(/version 1 of the protocol, this client version 2: reload the page/u);
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When do you close?', 'mira');
  await until('the answer', () => ann.packets.some(({ packet }) => packet.last));
  expect(others).toEqual([]);
});

test('speech that clients would drop is not asked for', () => {
  const room = {
    state: { parley: new ParleyState() },
    clients: [],
    onMessage: () => () => {},
    onMessageBytes: () => () => {},
  };
  const options = { engines: scriptedEngines(), personas: [MIRA], faceManifest: FACE_MANIFEST };
  for (const maxAheadMs of [0, 9_000, Number.NaN])
    expect(() => attachParley(room, { ...options, maxAheadMs })).toThrow('at most 8000');
});

test('a state without `parley` is refused with the line to add', () => {
  const room = { state: {}, clients: [], onMessage: () => () => {}, onMessageBytes: () => () => {} };
  const options = { engines: scriptedEngines(), personas: [MIRA], faceManifest: FACE_MANIFEST };
  expect(() => attachParley(room, options)).toThrow('parley: t.ref(ParleyState)');
});
