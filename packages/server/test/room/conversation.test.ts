import { expect, test } from 'vitest';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { pause, silence, startServer, TestVisitor, until, voice } from './room-harness.ts';

test('a typed question is answered with voice, face and caption', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When do you close?', 'mira');
  await until('thinking or speaking', () => ann.npc('mira')?.status !== 'idle');
  const { packet } = await until('the last packet', () => ann.packets.find(({ packet }) => packet.last));
  const packets = ann.packets.map(({ packet }) => packet);
  expect(packets[0]).toMatchObject({ first: true, startSample: 0, npcIndex: 0, codeFrames: 3 });
  expect(packets.every((p, i) => p.startSample === i * 2400 && p.audio.length === 5)).toBe(true);
  expect(packet.startSample).toBe((packets.length - 1) * 2400);
  expect(ann.npc('mira')).toMatchObject({ status: 'speaking', lookAt: ann.room.sessionId });
  await until('idle again', () => ann.npc('mira')?.status === 'idle');
  expect(ann.transcripts.map(({ text, speakerId }) => [text, speakerId])).toEqual([
    ['When do you close?', ann.room.sessionId],
    ['The museum closes at six. Please come again.', ''],
  ]);
  expect(server.reports[0]).toMatchObject({ outcome: 'answered', npc: 'mira' });
});

test('a spoken question is heard, ended by silence and answered', async () => {
  const engines = scriptedEngines();
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(silence(300));
  ann.send(voice(1000));
  await until('listening', () => ann.npc('mira')?.status === 'listening');
  ann.send(silence(700));
  await until('an utterance', () => ann.utterances[0]);
  const final = ann.transcripts.find((transcript) => transcript.final);
  expect(final).toMatchObject({ text: 'What time do you close?', npc: 'mira' });
  expect(engines.log.heardSamples.at(-1)! / 16).toBeGreaterThan(1000);
  expect(engines.log.heardSamples.at(-1)! / 16).toBeLessThan(1700);
});

test('letting go of the key ends the turn at once', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.room.send('parley:listen', { npc: 'orson', on: true, mode: 'push' });
  ann.send(voice(600));
  ann.send(silence(2500));
  ann.send(voice(600));
  ann.parley.listen(false);
  await until('an answer by Orson', () => ann.utterances.find(({ npc }) => npc === 'orson'));
  await until('the report', () => server.reports.length === 1, 10_000);
});

test('whoever names nobody speaks to the nearest within range', async () => {
  const server = await startServer({ spawn: { x: 20, y: 0, z: 0, yaw: 0, radiusM: 0 } });
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('Hello?');
  await until('Orson', () => ann.utterances.find(({ npc }) => npc === 'orson'));
  ann.room.send('player:move', { x: 100, y: 0, z: 0, yaw: 0 });
  ann.parley.say('Anybody?');
  await until('a notice', () => ann.notices.find(({ code }) => code === 'nobody-near'));
});

test('everybody receives the same bytes', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  const bob = await TestVisitor.join(server.url, 'Bob');
  ann.parley.say('When do you close?', 'mira');
  await until(
    'the end',
    () => bob.packets.some(({ packet }) => packet.last) && ann.packets.length === bob.packets.length,
  );
  expect(bob.packets.map(({ packet }) => packet)).toEqual(ann.packets.map(({ packet }) => packet));
  expect(bob.utterances).toEqual(ann.utterances);
});

test('who joins in the middle gets the running utterance within a second, in step', async () => {
  const server = await startServer();
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When do you close?', 'mira');
  await until('speech', () => ann.packets.length > 10);
  await pause(900);
  const joinedMs = performance.now();
  const bob = await TestVisitor.join(server.url, 'Bob');
  await until('a packet', () => bob.packets.length > 0);
  expect(bob.packets[0].atMs - joinedMs).toBeLessThan(1000);
  expect(bob.utterances).toEqual(ann.utterances);
  const current = ((bob.parley.clock.nowMs() - bob.utterances[0].startMs) * 24) as number;
  const first = bob.packets[0].packet;
  expect(first.codesOnly).toBe(true);
  expect(first.startSample).toBeGreaterThan(current - 8 * 800 - 2 * 2400);
  const sounding = bob.packets.filter(({ packet }) => !packet.codesOnly);
  expect(sounding[0].packet.startSample).toBeLessThanOrEqual(current);
  await until('the end', () => bob.packets.some(({ packet }) => packet.last));
  const theirs = new Map(ann.packets.map(({ packet }) => [packet.startSample, packet]));
  for (const { packet } of sounding) expect(packet).toEqual(theirs.get(packet.startSample));
});

test('speech is sent at most two seconds ahead', async () => {
  const server = await startServer({ engines: scriptedEngines({ msPerCharacter: 100 }) });
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When do you close?', 'mira');
  const utterance = await until('an utterance', () => ann.utterances[0]);
  await until('packets', () => ann.packets.length > 40);
  for (const { atMs, packet } of ann.packets) {
    const aheadMs = utterance.startMs + packet.startSample / 24 - ann.parley.clock.toRoomMs(atMs);
    expect(aheadMs).toBeLessThan(2_050);
    expect(aheadMs).toBeGreaterThan(0);
  }
});

test('speaking to a speaking NPC stops it, and only what was heard is remembered', async () => {
  const engines = scriptedEngines({
    transcripts: ['What about Monday?'],
    reply: () => 'The museum closes at six and opens again at ten in the morning of the next day.',
    msPerCharacter: 100,
  });
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.parley.say('When do you close?', 'mira');
  await until('speech', () => ann.packets.length > 5);
  await pause(600);
  ann.send(silence(600));
  ann.send(voice(400));
  const stop = await until('a stop', () => ann.stops[0]);
  expect(stop).toMatchObject({ npc: 'mira', utterance: ann.utterances[0].utterance });
  expect(stop.endSample).toBeGreaterThan(0);
  // Well before its end after some 8 s, however busy the machine is.
  expect(stop.endSample).toBeLessThan(4 * 24_000);
  ann.send(silence(700));
  await until('a second utterance', () => ann.utterances[1]);
  expect(server.reports[0]).toMatchObject({ outcome: 'interrupted' });
  const remembered = engines.log.requests[1].messages.at(-2);
  expect(remembered).toMatchObject({ role: 'assistant' });
  expect(remembered?.content).toMatch(/^The .*…$/);
});

test('the answer is prepared while endpointing still waits, once, and thrown away when the speaker goes on', async () => {
  const engines = scriptedEngines({
    transcripts: ['I saw the telescope.', 'I saw the telescope. And when?'],
  });
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(700));
  ann.send(silence(350));
  await until('a first request', () => engines.log.requests.length === 1);
  await until('listening', () => ann.npc('mira')?.status === 'listening');
  expect(ann.transcripts.filter((transcript) => transcript.final)).toEqual([]);
  ann.send(voice(400));
  ann.send(silence(700));
  await until('an utterance', () => ann.utterances[0]);
  await until('the report', () => server.reports[0], 10_000);
  expect(engines.log.requests.map(({ messages }) => messages.at(-1)?.content)).toHaveLength(2);
  expect(server.reports[0].question).toContain('And when?');
  expect(ann.utterances).toHaveLength(1);
});

test('a second visitor waits for the first, a third is told that the NPC is busy', async () => {
  const engines = scriptedEngines();
  const server = await startServer({ engines });
  const [ann, bob, cid] = await Promise.all(
    ['Ann', 'Bob', 'Cid'].map((name) => TestVisitor.join(server.url, name)),
  );
  ann.parley.say('One?', 'mira');
  await until('speech', () => ann.packets.length > 0);
  bob.parley.say('Two?', 'mira');
  await until('queued', () => bob.notices.find(({ code }) => code === 'queued'));
  cid.parley.say('Three?', 'mira');
  await until('busy', () => cid.notices.find(({ code }) => code === 'busy'));
  await until('an answer for Bob', () => ann.utterances.length === 2);
  const asked = engines.log.requests.map(({ messages }) => messages.at(-1)?.content.split('\n')[0]);
  expect(asked).toEqual(['One?', 'Two?']);
});

test('when the model is slower than the voice, silence keeps the clock of the utterance', async () => {
  const engines = scriptedEngines({ tokenDelayMs: 350, msPerCharacter: 10 });
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  ann.parley.say('When?', 'mira');
  const utterance = await until('an utterance', () => ann.utterances[0]);
  await until('the end', () => ann.packets.find(({ packet }) => packet.last));
  for (const { atMs, packet } of ann.packets) {
    const aheadMs = utterance.startMs + packet.startSample / 24 - ann.parley.clock.toRoomMs(atMs);
    expect(aheadMs).toBeGreaterThan(0);
  }
});
