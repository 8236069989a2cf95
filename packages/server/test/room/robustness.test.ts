import { expect, test } from 'vitest';
import type WebSocket from 'ws';
import type { Llm } from '../../src/engines/contracts.ts';
import { TIMEOUT_DEFAULTS } from '../../src/turn/watchdog.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { MIRA, pause, silence, startServer, TestVisitor, until, voice } from './room-harness.ts';

/** The room works: whoever comes now gets an answer. */
async function expectWorking(url: string): Promise<void> {
  const bob = await TestVisitor.join(url, 'Bob');
  await until('Mira to be free', () => bob.npc('mira')?.status === 'idle', 10_000);
  bob.parley.say('Still there?', 'mira');
  await until('an answer', () => bob.packets.some(({ packet }) => packet.last));
  await bob.room.leave();
}

test('an open microphone that sends nothing', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  await pause(300);
  ann.parley.listen(false);
  await expectWorking(server.url);
  expect(ann.transcripts.filter(({ speakerId }) => speakerId === ann.room.sessionId)).toEqual([]);
});

test('a microphone that stops in the middle of a word', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(900));
  await until('a transcript', () => ann.transcripts[0]);
  await expectWorking(server.url);
});

test('silence', async () => {
  const engines = scriptedEngines();
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(silence(4_000));
  await pause(300);
  expect(engines.log.heardSamples).toEqual([]);
  expect(ann.npc('mira')?.status).toBe('idle');
  await expectWorking(server.url);
});

test('noise that the recogniser does not believe in', async () => {
  const server = await startServer({ engines: scriptedEngines({ averageLogProbability: -2 }) });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(600));
  ann.send(silence(2_000));
  await until('idle', () => ann.npc('mira')?.status === 'idle');
  expect(ann.transcripts).toEqual([]);
  await expectWorking(server.url);
});

test('a monologue of ten minutes is heard in bounded pieces', async () => {
  const engines = scriptedEngines({ transcripts: ['And so it goes,'] });
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  const parley = server.rooms[0];
  parley.maxMessagesPerSecond = Number.POSITIVE_INFINITY;
  ann.parley.listen(true, 'mira');
  const piece = voice(1_200);
  for (let i = 0; i < 500; i++) {
    ann.send(piece, 960);
    // The queue before the voice detector holds 250 frames.
    if (i % 6 === 5) await ann.room.request('parley:clock', { t0: 0 });
  }
  ann.send(silence(2_000));
  const { text } = await until('the transcript', () => ann.transcripts[0], 40_000);
  expect(text.length).toBeLessThanOrEqual(12 * 16);
  expect(Math.max(...engines.log.heardSamples)).toBeLessThanOrEqual(29 * 16_000);
  expect(engines.log.heardSamples.length).toBeGreaterThan(20);
  await until('an utterance', () => ann.utterances[0]);
  await expectWorking(server.url);
}, 120_000);

test('messages of unknown types and wrong content', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  for (const type of ['nonsense', 'constructor', '__proto__', 'toString', '']) ann.room.send(type, { a: 1 });
  ann.room.send(99 as never, 'x' as never);
  ann.room.sendBytes(77, Uint8Array.of(1, 2, 3));
  for (const payload of [
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { text: 3 },
    { text: '' },
    { text: 'x'.repeat(5000) },
  ])
    for (const type of [
      'parley:say',
      'parley:listen',
      'parley:hello',
      'parley:clock',
      'player:move',
      'player:name',
    ])
      ann.room.send(type, payload);
  ann.room.send('parley:say', { npc: 'nobody', text: 'Hello?' });
  ann.room.send('parley:utterance', { npc: 'mira' });
  await until('malformed messages to be counted', () => (server.rooms[0].parley?.stats.malformed ?? 0) > 10);
  expect(server.rooms[0].parley?.stats.unknown).toBeGreaterThan(3);
  expect(ann.notices.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^parley:say\.text: /u),
  );
  await expectWorking(server.url);
  expect(ann.leftWith).toBeNull();
});

test('truncated and random microphone packets, seed 7', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  const random = mulberry32(7);
  ann.parley.listen(true, 'mira');
  for (let i = 0; i < 500; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 120) }, () => random() * 256);
    if (i % 2 === 0 && bytes.length > 2) bytes.set([1, Math.floor(random() * 2)]);
    ann.room.sendBytes(1, bytes);
    if (i % 100 === 99) await pause(200);
  }
  ann.room.send('parley:listen', { on: false });
  await until('packets to be counted', () => (server.rooms[0].parley?.stats.malformed ?? 0) > 200);
  await expectWorking(server.url);
  expect(ann.leftWith).toBeNull();
});

test('raw frames that are not Colyseus at all, seed 11', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  const random = mulberry32(11);
  const { ws } = (ann.room.connection as unknown as { transport: { ws: WebSocket } }).transport;
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 40) }, () => random() * 256);
    if (bytes.length > 0 && i % 2 === 0) bytes[0] = 10 + Math.floor(random() * 10);
    ws.send(bytes);
  }
  await expectWorking(server.url);
});

test.each(['vad', 'asr', 'llm', 'tts', 'face'] as const)('%s throws', async (engine) => {
  const failures: Record<string, Error> = { [engine]: new Error('out of memory') };
  const server = await startServer({ engines: scriptedEngines({ failures }) });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(800));
  ann.send(silence(1_000));
  const notice = await until('a notice', () => ann.notices[0]);
  expect(notice.code).toBe(engine === 'vad' ? 'listening-failed' : 'engine-failed');
  expect(notice.message).toContain('out of memory');
  if (engine === 'llm') {
    await until('a spoken apology', () => ann.utterances[0]);
    await until('its caption', () => ann.npc('mira')?.caption === MIRA.apology);
  }
  delete failures[engine];
  await expectWorking(server.url);
});

test('a language model that hangs, ignoring its signal', async () => {
  let hang = true;
  const engines = scriptedEngines();
  const llm: Llm = {
    async *generate(request, signal) {
      if (hang) await new Promise(() => {});
      yield* engines.llm.generate(request, signal);
    },
  };
  const timeouts = { ...TIMEOUT_DEFAULTS, llm: { firstMs: 300, nextMs: 300 } };
  const server = await startServer({ engines: { ...engines, llm }, timeouts });
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('Hello?', 'mira');
  const notice = await until('a notice', () => ann.notices[0]);
  expect(notice).toMatchObject({ code: 'engine-timeout', npc: 'mira' });
  expect(notice.message).toContain('llm');
  hang = false;
  await expectWorking(server.url);
});

test('a visitor who vanishes while being answered', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.room.reconnection.enabled = false;
  ann.parley.say('When?', 'mira');
  await until('speech', () => ann.packets.length > 0);
  for (const client of server.rooms[0].clients) (client.ref as WebSocket).terminate();
  await expectWorking(server.url);
});

test('a visitor whose connection breaks is heard again once they are back', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.room.reconnection.minUptime = 0;
  ann.parley.listen(true, 'mira');
  ann.send(voice(100));
  await ann.room.request('parley:clock', { t0: 0 });
  const back = new Promise<void>((resolve) => ann.room.onReconnect(() => resolve()));
  for (const client of server.rooms[0].clients) (client.ref as WebSocket).terminate();
  await back;
  ann.send(voice(800));
  ann.send(silence(800));
  await until('an answer', () => ann.packets.some(({ packet }) => packet.last), 10_000);
  expect(server.rooms[0].parley?.stats.visitors).toBe(1);
}, 20_000);

test('the room is disposed in the middle of an answer', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When?', 'mira');
  await until('speech', () => ann.packets.length > 0);
  await server.rooms[0].disconnect();
  await until('the report', () => server.reports[0]?.outcome === 'interrupted');
});

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
