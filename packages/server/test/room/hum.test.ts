import { expect, test } from 'vitest';
import { readPersona } from '../../src/persona/read-persona.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import {
  MIRA,
  ORSON,
  pause,
  type RunningServer,
  silence,
  startServer,
  TestVisitor,
  until,
  voice,
} from './room-harness.ts';

const FIRST = 'We came here with the children this morning and I would like to';
const WHOLE = `${FIRST} see the telescope.`;

const hums = ({ utterances }: TestVisitor) => utterances.filter(({ backchannel }) => backchannel);
const answers = ({ utterances }: TestVisitor) => utterances.filter(({ backchannel }) => !backchannel);

/** Ann speaks to Mira for a while and pauses; the hum is ready by then. */
async function longTurn(personas = [MIRA, ORSON], before?: (server: RunningServer) => Promise<void>) {
  const engines = scriptedEngines({ transcripts: [FIRST, WHOLE], msPerCharacter: 20 });
  // A room's clock that runs slowly, so that a pause does not become too long for a hum on a busy machine.
  const nowMs = () => performance.now() / 4;
  const server = await startServer({ engines, personas, partialEveryMs: Number.POSITIVE_INFINITY, nowMs });
  const ann = await TestVisitor.join(server.url);
  await before?.(server);
  ann.parley.listen(true, 'mira');
  ann.send(silence(300));
  ann.send(voice(4_500));
  await until('listening', () => ann.npc('mira')?.status === 'listening');
  // The hums are made while she speaks, which takes no time here.
  await pause(100);
  ann.send(silence(200));
  return { server, ann, engines };
}

test('who speaks for long is hummed to at a pause, and heard whole', async () => {
  const { server, ann, engines } = await longTurn();
  const [hum] = await until('a hum', () => (hums(ann).length > 0 ? hums(ann) : null));
  expect(hum).toMatchObject({ npc: 'mira', backchannel: true });
  expect(hum.speakerId).toBeUndefined();
  await until('its last packet', () => ann.packets.some(({ packet }) => packet.last));
  const first = ann.packets[0].packet;
  expect(first).toMatchObject({ utterance: hum.utterance, startSample: 0, codeFrames: 3 });
  expect(ann.npc('mira')?.status).toBe('listening');
  expect(ann.npc('mira')?.caption ?? '').toBe('');
  // She goes on over it, and has not finished before it is over.
  ann.send(voice(500));
  await until('its end', () => server.rooms[0].state.parley.npcs.get('mira')?.utterance === 0);
  ann.send(voice(400));
  ann.send(silence(800));
  await until('an answer', () => answers(ann)[0]);
  await until('the report', () => server.reports[0], 10_000);
  expect(server.reports.map(({ question, outcome }) => [question, outcome])).toEqual([[WHOLE, 'answered']]);
  expect(hums(ann)).toHaveLength(1);
  expect([ann.ducks, ann.stops, ann.notices]).toEqual([[], [], []]);
  const said = ann.transcripts.filter(({ speakerId }) => speakerId === '').map(({ text }) => text);
  expect(said).toHaveLength(1);
  ann.parley.say('And what else?', 'mira');
  await until('the second report', () => server.reports[1], 10_000);
  expect(JSON.stringify(engines.log.requests)).not.toMatch(/mhm|uh-huh/iu);
});

test('a pause that nobody fills ends the turn as it did, and the answer comes after the hum', async () => {
  const { server, ann } = await longTurn();
  await until('a hum', () => hums(ann)[0]);
  ann.send(silence(1_500));
  const answer = await until('an answer', () => answers(ann)[0]);
  const [hum] = hums(ann);
  expect(answer.startMs).toBeGreaterThan(hum.startMs);
  expect(server.rooms[0].state.parley.npcs.get('mira')?.speakerId).toBe(ann.room.sessionId);
});

test('a persona that does not hum does not', async () => {
  const quiet = readPersona(
    'name: Mira\ntitle: guide\ngreeting: Hello.\nposition: { x: 0, z: 2 }\nhums: false\n',
    'mira',
  );
  const { ann } = await longTurn([quiet]);
  await until('her pause', () => ann.transcripts.some(({ text }) => text === FIRST));
  await pause(500);
  expect(ann.utterances).toEqual([]);
});

test('nobody hums into another voice nearby', async () => {
  const { ann } = await longTurn([MIRA, ORSON], async (server) => {
    const bob = await TestVisitor.join(server.url, 'Bob');
    bob.parley.listen(true, 'mira');
    bob.send(silence(300));
    bob.send(voice(1_000));
    await until('Bob', () => bob.npc('mira')?.status === 'listening');
  });
  await until('her pause', () => ann.transcripts.some(({ text }) => text === FIRST));
  await pause(500);
  expect(hums(ann)).toEqual([]);
});
