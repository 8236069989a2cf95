import { Client } from '@colyseus/sdk';
import { expect, test } from 'vitest';
import { NpcMemory } from '../../src/memory/npc-memory.ts';
import { openMemory } from '../../src/memory/open-memory.ts';
import { Mind } from '../../src/persona/mind.ts';
import { type EngineScript, scriptedEngines } from '../engines/scripted-engines.ts';
import { MIRA, type RunningServer, startServer, TestVisitor, until } from '../room/room-harness.ts';

const ADA = 'a-secret-of-adas-browser';
let server: RunningServer;

async function join(visitorId?: string): Promise<TestVisitor> {
  const visitor = new TestVisitor(
    await new Client(server.url).joinOrCreate('parley', { name: 'Ann', visitorId }),
  );
  await visitor.parley.ready;
  return visitor;
}

async function start(script: EngineScript, size: 'small' | 'large') {
  const engines = scriptedEngines({ msPerCharacter: 4, ...script });
  Object.assign(engines.llm, { size });
  const memory = new NpcMemory(await openMemory(':memory:'));
  server = await startServer({ engines, memory });
  return { engines, memory };
}

async function ask(visitor: TestVisitor, text: string): Promise<string> {
  const before = visitor.transcripts.length;
  visitor.parley.say(text, 'mira');
  const answer = await until('the answer', () =>
    visitor.transcripts.slice(before).find(({ speakerId }) => speakerId === ''),
  );
  await until('rest', () => visitor.npc('mira')?.status === 'idle');
  return answer.text;
}

test('an NPC knows a visitor again, by what they told it, until they ask to be forgotten', async () => {
  await start({}, 'small');
  const first = await join(ADA);
  expect(await ask(first, 'Do you remember me?')).toContain('not think that we have met');
  expect(await ask(first, 'My name is Ada and I am from Oslo.')).toContain('Nice to meet you, Ada');
  await first.room.leave();
  const stranger = await join('somebody-elses-secret');
  expect(await ask(stranger, 'What is my name?')).toBe('You have not told me your name.');
  const second = await join(ADA);
  expect(await ask(second, 'What is my name?')).toBe('Your name is Ada.');
  const known = await ask(second, 'Do you remember me?');
  expect(known).toContain('you are Ada');
  expect(known).toContain('you are from Oslo');
  expect(known).toContain('Last time you said');
  expect(await ask(second, 'Please forget me.')).toContain('forgotten everything');
  expect(await ask(second, 'What is my name?')).toBe('You have not told me your name.');
});

test('a visitor without an id of their own is not remembered', async () => {
  const { engines } = await start({}, 'small');
  const ann = await join();
  await ask(ann, 'My name is Ada.');
  expect(engines.log.requests).toHaveLength(1);
  expect(await ann.parley.forgetMe()).toBe(0);
});

test('a large model is told of the visitor, and sums up the talk; the client can ask to be forgotten', async () => {
  const { engines, memory } = await start(
    {
      reply: ({ messages }) =>
        messages.at(-1)?.content.includes('Sum up') ? 'Last time you spoke of Oslo.' : 'I see.',
    },
    'large',
  );
  const first = await join(ADA);
  await ask(first, 'My name is Ada and I am from Oslo.');
  await first.room.leave();
  await until('the summary', () => engines.log.requests.at(-1)?.messages[0].content.includes('Sum up'));
  const second = await join(ADA);
  await ask(second, 'What do you advise me?');
  const prompt = engines.log.requests.at(-1)?.messages.at(-1)?.content;
  expect(prompt).toContain("The visitor's name is Ada.");
  expect(prompt).toContain('You are from Oslo.');
  expect(prompt).toContain('Last time you spoke of Oslo.');
  expect(await second.parley.forgetMe()).toBe(1);
  expect(await memory.recall('mira', ADA)).toBeNull();
});

test('words that are only anticipated are not remembered', async () => {
  const memory = new NpcMemory(await openMemory(':memory:'));
  const { llm } = scriptedEngines();
  const mind = new Mind({ persona: () => MIRA, llm, memory });
  const asked = Promise.withResolvers<void>();
  const thought = { speakerId: 's', visitor: ADA, text: 'I love comets.', history: [], asked: asked.promise };
  for await (const _ of mind.think(thought, new AbortController().signal));
  expect(await memory.recall('mira', ADA)).toBeNull();
  asked.resolve();
  await asked.promise;
  await mind.close();
  expect(await memory.recall('mira', ADA)).toMatchObject({ facts: ['You love comets.'] });
  await memory.close();
});
