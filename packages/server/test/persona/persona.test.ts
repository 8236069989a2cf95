import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildPrompt } from '../../src/persona/build-prompt.ts';
import { loadPersonas } from '../../src/persona/load-personas.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { relevantFacts } from '../../src/persona/relevant-facts.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/metaverse-room/personas', import.meta.url));
const MINIMAL = 'name: Mira\ntitle: guide\ngreeting: Hello.\n';

test('a minimal file gets defaults and its folder as id', () => {
  expect(readPersona(MINIMAL, 'mira')).toMatchObject({
    id: 'mira',
    position: { x: 0, y: 0, z: 0, yaw: 0 },
    voice: { pitch: 1 },
    maxSentences: 2,
  });
});

test('a mood is an emotion and its intensity', () => {
  expect(readPersona(`${MINIMAL}mood: joy:0.3\n`, 'mira').mood).toEqual({ name: 'joy', intensity: 0.3 });
  expect(readPersona(MINIMAL, 'mira').mood).toBeUndefined();
});

test.each([
  ['name: [', 'not valid YAML'],
  ['title: guide\ngreeting: Hello.', 'name: '],
  [`${MINIMAL}voice: { pitch: 3 }`, 'voice.pitch: '],
  [`${MINIMAL}id: Not An Id`, 'id: must be lower-case'],
  [`${MINIMAL}colour: red`, 'colour'],
  [`${MINIMAL}mood: merry:0.3`, 'mood: There is no emotion "merry". Known are: joy, distress'],
  [
    `${MINIMAL}pardon: 3`,
    'line 4, pardon: must be true, false, or what to say instead, at most 80 characters',
  ],
  [`${MINIMAL}hums: 3`, 'line 4, hums: must be true, false, or a list of what to hum instead'],
  [`${MINIMAL}pardon: ''`, 'line 4, pardon: is empty'],
  [`${MINIMAL}pardon: ${'so '.repeat(30)}`, 'line 4, pardon: is too long; it may have 80 characters'],
  [`${MINIMAL}tools: [{ clinet: show-map }]`, 'line 4, tools.0: must be the name of a tool, or have one of'],
  [`${MINIMAL}facts: [3]`, 'line 4, facts.0: must be a sentence, or { text: a sentence, about: ['],
  [`${MINIMAL}mood: joy:3`, 'mood: The intensity of joy must be from 0 to 1, not 3.'],
])('a wrong file is refused with the field at fault: %j', (yaml, fault) => {
  expect(() => readPersona(yaml, 'mira', 'mira/persona.yaml')).toThrow(fault);
  expect(() => readPersona(yaml, 'mira', 'mira/persona.yaml')).toThrow('mira/persona.yaml');
});

test('a folder without personas says what to add; a folder that is not there says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-personas-'));
  await expect(loadPersonas(folder)).rejects.toThrow('persona.yaml');
  await expect(loadPersonas(join(folder, 'none'))).rejects.toThrow('cannot be read');
  await mkdir(join(folder, 'zoe'));
  await writeFile(join(folder, 'zoe', 'persona.yaml'), MINIMAL);
  expect((await loadPersonas(folder)).map(({ id }) => id)).toEqual(['zoe']);
});

test.each([
  ['How much does a ticket cost?', 'eight euros'],
  ['When do you close?', 'midnight'],
  ['Where is the bathroom?', 'toilets'],
  ['Who built the orrery?', 'Ada Lindqvist'],
  ['Can my kids come in for free?', 'children under twelve'],
  ['How old is the moon rock?', 'four billion'],
  ['Could I take a photo?', 'flash'],
])('the guide of the example knows what %j is about', async (question, words) => {
  const mira = (await loadPersonas(EXAMPLE)).find(({ id }) => id === 'mira')!;
  expect(relevantFacts(mira.facts, question)[0]).toContain(words);
});

test('a question about nothing that it knows finds nothing', async () => {
  const mira = (await loadPersonas(EXAMPLE)).find(({ id }) => id === 'mira')!;
  expect(relevantFacts(mira.facts, 'What is two plus two?')).toEqual([]);
  expect(buildPrompt(mira, [], 'What is two plus two?').at(-1)?.content).toContain(mira.deflection!);
});

test('successive prompts begin alike, so that their prefix stays cached', async () => {
  const mira = (await loadPersonas(EXAMPLE)).find(({ id }) => id === 'mira')!;
  const one = buildPrompt(mira, [], 'When do you close?');
  const two = buildPrompt(mira, [], 'Where is the pool?');
  expect(two.slice(0, -1)).toEqual(one.slice(0, -1));
  expect(one.at(-1)?.content).toMatch(/^When do you close\?/);
});
