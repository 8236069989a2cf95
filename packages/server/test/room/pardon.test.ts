import { expect, test } from 'vitest';
import { readPersona } from '../../src/persona/read-persona.ts';
import { apologyOf, pardonOf } from '../../src/turn/stock-phrases.ts';
import { cough, hum, MIRA, pause, silence, TestVisitor, until, voice } from './room-harness.ts';
import { whileMiraSpeaks } from './while-mira-speaks.ts';

/** A voice that takes the floor, and then leaves it. */
function interrupt(visitor: TestVisitor): void {
  visitor.send(voice(1_000));
  visitor.send(silence(2_000));
}

type Scene = Awaited<ReturnType<typeof whileMiraSpeaks>>;
/** How often Mira has said this. */
const count = ({ engines }: Scene, words = 'Sorry?') =>
  engines.log.clauses.filter((clause) => clause === words).length;

test('whoever stops an NPC without being understood is asked what they said, once, and no history knows of it', async () => {
  const scene = await whileMiraSpeaks(['', '', '', 'What about Monday?']);
  const { ann, server, engines } = scene;
  interrupt(ann);
  await until('a stop', () => ann.stops[0]);
  const pardon = await until('a second utterance', () => ann.utterances[1]);
  expect(pardon).toMatchObject({ npc: 'mira', speakerId: ann.room.sessionId });
  await until('its caption', () => ann.npc('mira')?.caption === 'Sorry?');
  expect(ann.npc('mira')?.lookAt).toBe(ann.room.sessionId);
  await until('rest', () => ann.npc('mira')?.status === 'idle', 10_000);
  // A voice that stops nobody and is not understood is nothing.
  const heard = engines.log.heardSamples.length;
  ann.send(voice(500));
  ann.send(silence(2_000));
  await until('her voice', () => engines.log.heardSamples.length > heard);
  await until('rest', () => ann.npc('mira')?.status === 'idle');
  ann.parley.say('What about Monday?', 'mira');
  await until('the answer', () => ann.utterances[2]);
  expect(count(scene)).toBe(1);
  expect(server.reports.map(({ outcome }) => outcome)).toEqual(['interrupted']);
  expect(JSON.stringify(engines.log.requests)).not.toContain('Sorry?');
  expect(ann.transcripts.filter(({ text }) => text === 'Sorry?')).toEqual([]);
});

test.each(['Ah.', 'Mm-hmm.', '[coughing]'])(
  'a voice of which the recogniser makes %j is not understood either',
  async (text) => {
    const scene = await whileMiraSpeaks([text]);
    interrupt(scene.ann);
    await until('a stop', () => scene.ann.stops[0]);
    await until('a second utterance', () => scene.ann.utterances[1]);
    expect(count(scene)).toBe(1);
  },
);

test('a cough, a hum and a "yeah" that do not stop an NPC are not asked about', async () => {
  const scene = await whileMiraSpeaks(['Yeah.']);
  const { ann } = scene;
  for (const sound of [cough(400), hum(500), voice(350)]) {
    ann.send(sound);
    ann.send(silence(2_000));
  }
  await until('her voice again', () => ann.ducks.at(-1)?.gain === 1);
  await pause(500);
  expect([ann.stops.length, ann.utterances.length]).toEqual([0, 1]);
});

test('who said "okay" to stop an NPC is understood', async () => {
  const scene = await whileMiraSpeaks(['Okay, okay.']);
  const { ann } = scene;
  interrupt(ann);
  await until('a stop', () => ann.stops[0]);
  await until('rest', () => ann.npc('mira')?.status === 'idle');
  await pause(500);
  expect(ann.utterances).toHaveLength(1);
});

test('who is not understood a second time is not asked again', async () => {
  const pardon = 'I am so sorry, but I have not understood a word of that.';
  const scene = await whileMiraSpeaks([''], { ...MIRA, pardon });
  const { ann } = scene;
  interrupt(ann);
  await until('the question', () => ann.npc('mira')?.caption === pardon, 10_000);
  interrupt(ann);
  await until('a second stop', () => ann.stops[1]);
  await until('rest', () => ann.npc('mira')?.status === 'idle');
  await pause(500);
  expect([count(scene, pardon), ann.utterances.length]).toEqual([1, 2]);
});

test('a question cuts the "Sorry?" short and is answered', async () => {
  const pardon = 'I am so sorry, but I have not understood a word of that.';
  const scene = await whileMiraSpeaks([''], { ...MIRA, pardon });
  const { ann } = scene;
  interrupt(ann);
  await until('the question', () => ann.npc('mira')?.caption === pardon, 10_000);
  ann.parley.say('What about Monday?', 'mira');
  await until('a second stop', () => ann.stops[1]);
  await until('the answer', () => ann.utterances[2]);
  expect(scene.engines.log.requests).toHaveLength(2);
});

test("another visitor's question that waits comes first", async () => {
  const scene = await whileMiraSpeaks(['']);
  const { ann, server } = scene;
  const bob = await TestVisitor.join(server.url, 'Bob');
  bob.parley.say('Is there a cafe?', 'mira');
  await until('queued', () => bob.notices.find(({ code }) => code === 'queued'));
  interrupt(ann);
  await until('an answer for Bob', () => ann.utterances[1]?.speakerId === bob.room.sessionId);
  await until('that she is not listened to any more', () => scene.engines.log.heardSamples.length > 0);
  await pause(500);
  expect(count(scene)).toBe(0);
});

test('a persona asks and apologises in its language, English where that is not known', () => {
  const of = (yaml: string) => readPersona(`name: Mira\ntitle: guide\ngreeting: Hello.\n${yaml}`, 'mira');
  expect(pardonOf(of('languages: [es, en]'))).toBe('¿Perdón?');
  expect(apologyOf(of('languages: [fr]'))).toMatch(/^Pardon, j'ai perdu le fil\./u);
  expect([pardonOf(of('languages: [fi]')), pardonOf(of(''))]).toEqual(['Sorry?', 'Sorry?']);
  expect(apologyOf(of(''))).toBe('Sorry, I lost my train of thought. Please ask me again.');
  expect(apologyOf(of('apology: Oh dear.'))).toBe('Oh dear.');
  expect([pardonOf(of('pardon: Come again?')), pardonOf(of('pardon: false'))]).toEqual(['Come again?', '']);
});

test('a persona may ask in its own words, or not at all', async () => {
  const spanish = await whileMiraSpeaks([''], { ...MIRA, languages: ['es'] });
  interrupt(spanish.ann);
  await until('the question', () => spanish.ann.npc('mira')?.caption === '¿Perdón?', 10_000);
  const silent = await whileMiraSpeaks([''], { ...MIRA, pardon: false });
  interrupt(silent.ann);
  await until('rest', () => silent.ann.npc('mira')?.status === 'idle');
  await pause(500);
  expect(silent.ann.utterances).toHaveLength(1);
});
