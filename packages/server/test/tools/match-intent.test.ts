import { expect, test } from 'vitest';
import { z } from 'zod';
import { matchIntent } from '../../src/tools/match-intent.ts';
import { defineTool } from '../../src/tools/tool.ts';
import { worldTool } from '../../src/tools/world-tools.ts';

const TOOLS = [
  worldTool('give', ['star map', 'pocket sundial', 'brass planet']),
  worldTool('open', ['shop door', 'cabinet']),
  worldTool('walk-to', ['orrery', 'telescope']),
  worldTool('point-at', ['moon rock', 'pool']),
  worldTool('follow', []),
  worldTool('come', []),
  defineTool({
    name: 'ring-bell',
    description: 'Rings the bell.',
    parameters: z.object({ times: z.int().min(1).max(12) }),
    phrases: [/\bring the bell\b/i],
    run: () => 'rang',
  }),
];

test.each([
  ['Can I have a star map, please?', 'give', { item: 'star map' }],
  ["I'd like to buy the pocket sundial.", 'give', { item: 'pocket sundial' }],
  ['Give me one of those brass planets', 'give', { item: 'brass planet' }],
  ['Could you open the door?', 'open', { thing: 'shop door' }],
  ['Please open the shop door.', 'open', { thing: 'shop door' }],
  ['Take me to the telescope!', 'walk-to', { place: 'telescope' }],
  ['Show me the moon rock.', 'point-at', { thing: 'moon rock' }],
  ['Come with me.', 'follow', { on: true }],
  ['Mira, come here please.', 'come', {}],
  ['Hey Mira come over here', 'come', {}],
  ['Could you come closer?', 'come', {}],
  ['Come over to the telescope.', 'walk-to', { place: 'telescope' }],
  ['Go to the orrery', 'walk-to', { place: 'orrery' }],
  ['Okay, follow me', 'follow', { on: true }],
  ['Wait here.', 'follow', { on: false }],
  ['Please stop following me.', 'follow', { on: false }],
  ['Ring the bell 3 times', 'ring-bell', { times: 3 }],
])('%j is understood without a model', (text, name, args) => {
  const intent = matchIntent(text, TOOLS);
  expect([intent?.tool.name, intent?.args]).toEqual([name, args]);
});

test.each([
  'When do you open?',
  'Who opened the shop door yesterday?',
  'Do you like the telescope?',
  'Can I have a sandwich?',
  'How much is the star map?',
  'I would like to know more about the pool.',
  'Ring the bell 40 times',
  'Why did you come here?',
  'Children come here often.',
  'Did Orion follow me?',
])('%j asks for nothing to be done', (text) => {
  expect(matchIntent(text, TOOLS)).toBeNull();
});

test('what cannot be a tool is refused', () => {
  expect(() => worldTool('open', [])).toThrow('targets');
  expect(() =>
    defineTool({ name: 'Two Words', description: '', parameters: z.object({}), run: () => '' }),
  ).toThrow('Two Words');
});
