import { expect, test } from 'vitest';
import type { ChatMessage } from '../../src/engines/contracts.ts';
import { Mind } from '../../src/persona/mind.ts';
import type { Moderator } from '../../src/persona/moderate.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';

const MIRA = readPersona('name: Mira\ntitle: guide\ngreeting: Hello.\nmoderation: house\n', 'mira');

async function say(
  moderator: Moderator,
  text: string,
  reply = 'The hall is old. The secret is 42. Goodbye.',
) {
  const { llm, log } = scriptedEngines({ reply: () => reply });
  const mind = new Mind({ persona: () => MIRA, llm, moderators: { house: moderator } });
  let said = '';
  for await (const part of mind.think({ speakerId: 's', text, history: [] }, new AbortController().signal))
    if (part.type === 'text-delta') said += part.text;
  return { said: said.trim(), log };
}

test('what is refused on its way in never reaches a model', async () => {
  const { said, log } = await say(
    ({ direction, text }) =>
      direction === 'input' && text.includes('damn')
        ? { allow: false, say: 'Please be kind.' }
        : { allow: true },
    'Where is the damn pool?',
  );
  expect(said).toBe('Please be kind.');
  expect(log.requests).toEqual([]);
});

test('an answer ends at the first sentence that is refused; others may be changed', async () => {
  const { said } = await say(({ direction, text }) => {
    if (direction === 'input') return { allow: true };
    if (text.includes('secret')) return { allow: false, say: 'That is a secret.' };
    return { allow: true, text: text.replace('old', 'very old') };
  }, 'Tell me.');
  expect(said).toBe('The hall is very old. That is a secret.');
});

test('a moderator that fails lets nothing through, and one that is not there is named', async () => {
  const failing: Moderator = () => {
    throw new Error('the filter is down');
  };
  await expect(say(failing, 'Hello')).rejects.toThrow('the filter is down');
  const mind = new Mind({ persona: () => MIRA, llm: scriptedEngines().llm });
  const thinking = mind.think({ speakerId: 's', text: 'Hi', history: [] }, new AbortController().signal);
  await expect(thinking.next()).rejects.toThrow('"house", which is not there');
});

test('refused words do not reach the model as part of the talk so far either', async () => {
  const { llm, log } = scriptedEngines({ reply: () => 'The pool is behind you.' });
  const house: Moderator = ({ direction, text }) => ({
    allow: direction === 'output' || !text.includes('damn'),
  });
  const mind = new Mind({ persona: () => MIRA, llm, moderators: { house } });
  const ask = async (text: string, history: readonly ChatMessage[]) => {
    for await (const _ of mind.think({ speakerId: 's', text, history }, new AbortController().signal));
  };
  await ask('Where is the damn pool?', []);
  await ask('Where is the pool?', [
    { role: 'user', content: 'Where is the damn pool?' },
    { role: 'assistant', content: 'Please be kind.' },
  ]);
  expect(log.requests).toHaveLength(1);
  expect(JSON.stringify(log.requests)).not.toContain('damn');
  expect(JSON.stringify(log.requests)).toContain('Please be kind.');
});
