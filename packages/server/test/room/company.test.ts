import { expect, test } from 'vitest';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import {
  cough,
  hum,
  MIRA,
  ORSON,
  pause,
  silence,
  startServer,
  TestVisitor,
  until,
  voice,
} from './room-harness.ts';
import { whileMiraSpeaks } from './while-mira-speaks.ts';

/** A visitor as the room shows them to `seer`. */
const shown = (seer: TestVisitor, visitor: TestVisitor) =>
  seer.room.state.players.get(visitor.room.sessionId) as {
    readonly x: number;
    readonly yaw: number;
    readonly caption: string;
  };

test('a cough, a hum and a hummed yes leave the speaker alone', async () => {
  const { ann } = await whileMiraSpeaks(['Mm-hmm.']);
  for (const sound of [cough(400), hum(500)]) {
    ann.send(sound);
    ann.send(silence(600));
  }
  expect(ann.stops).toEqual([]);
  // Nothing tells that nothing happened: what is heard next, a voice that takes the floor, is the first that lowers hers.
  ann.send(voice(1000));
  await until('a stop', () => ann.stops[0]);
  expect(ann.ducks.map(({ gain }) => gain)).toEqual([0.25]);
  expect(ann.transcripts.filter(({ speakerId, final }) => speakerId !== '' && final)).toHaveLength(1);
});

test('at "yeah" the speaker lowers the voice and goes on', async () => {
  const { ann } = await whileMiraSpeaks(['Yeah.']);
  ann.send(voice(350));
  await until('a lower voice', () => ann.ducks.length > 0);
  ann.send(silence(700));
  await until('the voice again', () => ann.ducks.length > 1);
  expect(ann.ducks.map(({ gain }) => gain)).toEqual([0.25, 1]);
  expect(ann.stops).toEqual([]);
});

test('another visitor cannot stop who answers Ann; their question waits', async () => {
  const { ann, server } = await whileMiraSpeaks(['What about Monday?']);
  const bob = await TestVisitor.join(server.url, 'Bob');
  bob.parley.listen(true, 'mira');
  bob.send(silence(300));
  bob.send(voice(1000));
  bob.send(silence(600));
  await until('queued', () => bob.notices.find(({ code }) => code === 'queued'));
  expect(ann.stops).toEqual([]);
});

test('the words so far are told while somebody speaks', async () => {
  const server = await startServer({
    engines: scriptedEngines({ transcripts: ['Where is', 'Where is the telescope?'] }),
  });
  const ann = await TestVisitor.join(server.url);
  const bob = await TestVisitor.join(server.url, 'Bob');
  ann.parley.listen(true, 'mira');
  ann.send(voice(1300));
  const partial = await until('the words so far', () => bob.transcripts[0]);
  expect(partial).toMatchObject({
    text: 'Where is',
    final: false,
    speakerId: ann.room.sessionId,
    npc: 'mira',
  });
  ann.send(silence(600));
  await until('the words', () => bob.transcripts.find(({ final }) => final));
});

test('a hesitant speaker is waited for, and the whole sentence is one question', async () => {
  const server = await startServer({
    engines: scriptedEngines({ transcripts: ['I would like to', 'I would like to see the telescope.'] }),
  });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(800));
  ann.send(silence(1200));
  await until('the words so far', () => ann.transcripts.find(({ text }) => text === 'I would like to'));
  expect(ann.transcripts.filter(({ final }) => final)).toEqual([]);
  await until('listening', () => ann.npc('mira')?.status === 'listening');
  ann.send(voice(800));
  ann.send(silence(700));
  await until('an answer', () => ann.utterances[0]);
  await until('the report', () => server.reports[0], 10_000);
  expect(server.reports.map(({ question }) => question)).toEqual(['I would like to see the telescope.']);
});

test('who walks up is greeted, once, and a question cuts the greeting short', async () => {
  // A greeting of ten seconds, so that there is something to cut short on a busy machine.
  const mira = {
    ...MIRA,
    greeting: `Hello, I am Mira, ${'and I am very glad to see you, '.repeat(6)}indeed.`,
  };
  const server = await startServer({
    personas: [mira, ORSON],
    spawn: { x: 0, y: 0, z: -2, yaw: 0, radiusM: 0 },
  });
  const ann = await TestVisitor.join(server.url);
  await until('Mira to see her', () => ann.npc('mira')?.lookAt === ann.room.sessionId);
  ann.room.send('player:move', { x: 0, y: 0, z: 0, yaw: 0 });
  await until('a greeting', () => ann.packets.length > 3);
  expect(ann.npc('mira')).toMatchObject({ lookAt: ann.room.sessionId });
  ann.parley.say('When do you close?');
  await until('the greeting to stop', () => ann.stops[0]);
  await until('the answer', () => server.reports[0], 10_000);
  // Long enough for a second greeting, were there one; nothing tells that there is none.
  await pause(1500);
  expect(ann.utterances).toHaveLength(2);
  expect(server.reports).toHaveLength(1);
});

test('people who talk to each other are left alone, until they call an NPC', async () => {
  const server = await startServer({ spawn: { x: 0, y: 0, z: 0, yaw: 0, radiusM: 0 } });
  const ann = await TestVisitor.join(server.url);
  const bob = await TestVisitor.join(server.url, 'Bob');
  ann.room.send('player:move', { x: 0, y: 0, z: 0, yaw: Math.PI / 2 });
  bob.room.send('player:move', { x: 1, y: 0, z: 0, yaw: -Math.PI / 2 });
  await until('both in their places', () => shown(ann, ann).yaw > 1 && shown(ann, bob).x === 1);
  ann.parley.say('Shall we have some tea?');
  await until('her words', () => shown(bob, ann).caption !== '');
  bob.parley.say('Yes, I am hungry.');
  await until('his words', () => shown(ann, bob).caption !== '' && shown(bob, bob).caption !== '');
  expect(ann.npc('mira')?.status).toBe('idle');
  expect(ann.utterances).toEqual([]);
  expect([...ann.notices, ...bob.notices]).toEqual([]);
  bob.parley.say('Mira, where is the cafe?');
  await until('an answer', () => ann.utterances[0]);
  expect(ann.utterances[0]).toMatchObject({ npc: 'mira', speakerId: bob.room.sessionId });
});

test('an NPC that listens looks at the speaker and nods at their pauses', async () => {
  const server = await startServer({
    engines: scriptedEngines({ transcripts: ['And then we went to the'] }),
  });
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'mira');
  ann.send(voice(1500));
  await until('listening', () => ann.npc('mira')?.status === 'listening');
  ann.send(silence(400));
  await until('a nod', () => ann.npc('mira')?.nods === 1);
  expect(ann.npc('mira')?.lookAt).toBe(ann.room.sessionId);
});

test('a large model is told who speaks and what others asked just before', async () => {
  const engines = scriptedEngines({ reply: () => 'Nine euros.', msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'large' });
  const server = await startServer({ engines });
  const ann = await TestVisitor.join(server.url);
  const bob = await TestVisitor.join(server.url, 'Bob "the (guest)"\n');
  ann.parley.say('What is a ticket?', 'mira');
  await until('an answer', () => ann.transcripts.some(({ speakerId }) => speakerId === ''));
  await until('rest', () => ann.npc('mira')?.status === 'idle');
  bob.parley.say('And for children?', 'mira');
  await until('his request', () => engines.log.requests[1]);
  const [first, second] = engines.log.requests.map(({ messages }) => messages.at(-1)?.content ?? '');
  expect(first).toContain('Ann is talking to you.');
  expect(first).not.toContain('Shortly before');
  expect(second).toContain("Bob 'the 'guest'' is talking to you.");
  expect(second).toContain(
    'Shortly before, Ann said to you "What is a ticket?" and you answered "Nine euros.".',
  );
});

test('a visitor may go on from what another one asked', async () => {
  const text = 'The bell weighs two tonnes. It comes from Utrecht.\n\nThe clock is old. It comes from Paris.';
  const engines = scriptedEngines({ msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'small' });
  const server = await startServer({
    engines,
    personas: [{ ...MIRA, documents: [{ name: 'tower.txt', text }] }],
  });
  const ann = await TestVisitor.join(server.url);
  const bob = await TestVisitor.join(server.url, 'Bob');
  const answered = async (visitor: TestVisitor, question: string) => {
    const before = visitor.transcripts.length;
    visitor.parley.say(question, 'mira');
    const answer = await until('an answer', () =>
      visitor.transcripts.slice(before).find(({ speakerId }) => speakerId === ''),
    );
    await until('rest', () => visitor.npc('mira')?.status === 'idle');
    return answer.text;
  };
  expect(await answered(ann, 'How heavy is the bell?')).toBe('The bell weighs two tonnes.');
  expect(await answered(bob, 'And where does it come from?')).toBe('It comes from Utrecht.');
  expect(await answered(bob, 'How old is the clock?')).toBe('The clock is old.');
  expect(await answered(ann, 'And where does it come from?')).toBe('It comes from Paris.');
});
