import { expect, test } from 'vitest';
import { classifyEmotion } from '../../src/emotion/classify-emotion.ts';
import { feel } from '../../src/emotion/feel.ts';
import type { FaceEncoder } from '../../src/engines/contracts.ts';
import type { MindPart } from '../../src/persona/mind.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { startServer, TestVisitor, until } from '../room/room-harness.ts';

test.each([
  ['Thank you so much!', 'You are welcome, and may the sky be clear.', 'gratification'],
  ['My grandmother died last week.', 'Oh. Sit down with me for a while.', 'pity'],
  ['You are stupid.', 'I only know this hall and the stars.', 'reproach'],
  ['Who built it?', 'It is a masterpiece of the clockmaker Ada Lindqvist.', 'admiration'],
  ['What is your phone number?', 'I am afraid I do not know that.', 'disappointment'],
  ['Is it yours?', 'I built this hall in 1891.', 'pride'],
  ['What did you do?', 'I am so sorry, that was my fault.', 'remorse'],
  ['I got married!', 'Congratulations!', 'happy-for'],
  ['How deep is it?', 'It is thirty centimetres deep.', undefined],
])('%j, %j shows in the words', (question, answer, name) => {
  expect(classifyEmotion(question, answer)?.name).toBe(name);
});

test.each([
  [['[jo', 'y:0.7] Hello', ' there.'], 'Hello there.', [{ name: 'joy', intensity: 0.7 }]],
  [['[Fear] Run.'], 'Run.', [{ name: 'fear', intensity: 0.5 }]],
  [['[sic] It is so.'], '[sic] It is so.', []],
  [['[joy:7] It is so.'], '[joy:7] It is so.', []],
  [['I am ', 'delighted.'], 'I am delighted.', [{ name: 'joy', intensity: 0.5 }]],
  [['[unfinished'], '[unfinished', []],
])('a mark at the beginning is taken out, other brackets are words: %j', async (deltas, words, emotions) => {
  async function* parts(): AsyncGenerator<MindPart> {
    for (const text of deltas) yield { type: 'text-delta', text };
    yield { type: 'finish', reason: 'stop' };
  }
  const out: MindPart[] = [];
  for await (const part of feel(parts(), 'So?')) out.push(part);
  expect(out.flatMap((part) => (part.type === 'text-delta' ? [part.text] : [])).join('')).toBe(words);
  expect(out.flatMap((part) => (part.type === 'emotion' ? [part.emotion] : []))).toEqual(emotions);
  expect(out.at(-1)?.type).toBe('finish');
});

test('the feeling reaches the face before the first words and the transcript with them', async () => {
  const engines = scriptedEngines({ reply: () => '[love:0.8] I love this hall.', msPerCharacter: 4 });
  const felt: unknown[] = [];
  const face: FaceEncoder = {
    encode: (input, options, signal) => {
      felt.push(options.emotion);
      return engines.face.encode(input, options, signal);
    },
  };
  const server = await startServer({ engines: { ...engines, face } });
  const ann = await TestVisitor.join(server.url);
  const shown: (string | undefined)[] = [];
  ann.parley.on('npcs', () => {
    const emotion = ann.npc('mira')?.emotion;
    if (shown.at(-1) !== emotion) shown.push(emotion);
  });
  ann.parley.say('Do you like it here?', 'mira');
  const answer = await until('the answer', () => ann.transcripts.find(({ speakerId }) => speakerId === ''));
  await until('rest', () => ann.npc('mira')?.status === 'idle' && ann.npc('mira')?.emotion === '');
  expect(shown.filter(Boolean)).toEqual(['love:0.8']);
  expect(answer).toMatchObject({ text: 'I love this hall.', emotion: { name: 'love', intensity: 0.8 } });
  expect(felt).toEqual([{ name: 'love', intensity: 0.8 }]);
  expect(engines.log.requests[0].messages[0].content).toContain('Begin every answer with how you feel');
});
