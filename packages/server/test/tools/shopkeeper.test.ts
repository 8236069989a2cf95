import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadPersonas } from '../../src/persona/load-personas.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { startServer, TestVisitor, until } from '../room/room-harness.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/metaverse-room/personas', import.meta.url));

test.each([
  ['Please open the cabinet.', 'open', { thing: 'cabinet' }, 'Have a look'],
  ['Could you open the shop door?', 'open', { thing: 'shop door' }, 'Have a look'],
  ['Can I have a star map?', 'give', { item: 'star map' }, 'Look after it'],
  ["I'd like to buy a sundial.", 'give', { item: 'pocket sundial' }, 'Look after it'],
])('the shopkeeper of the example does what is asked: %j', async (text, tool, args, said) => {
  const engines = scriptedEngines({ msPerCharacter: 4 });
  Object.assign(engines.llm, { size: 'small' });
  const server = await startServer({ engines, personas: await loadPersonas(EXAMPLE) });
  const ann = await TestVisitor.join(server.url);
  const actions: unknown[] = [];
  ann.parley.on('action', ({ tool: name, arguments: given, status }) => actions.push([name, given, status]));
  ann.parley.say(text, 'bo');
  const answer = await until(
    'the answer',
    () => ann.transcripts.find(({ speakerId }) => speakerId === ''),
    20_000,
  );
  expect(actions).toEqual([
    [tool, args, 'started'],
    [tool, args, 'done'],
  ]);
  expect(answer.text).toContain(said);
});
