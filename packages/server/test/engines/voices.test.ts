import { expect, test } from 'vitest';
import { resolveEngineOptions } from '../../src/engines/engine-options.ts';
import { readPersona } from '../../src/persona/read-persona.ts';
import { startServer, TestVisitor, until } from '../room/room-harness.ts';
import { scriptedEngines } from './scripted-engines.ts';

test('further voices have the settings of the first, each its own', () => {
  const { voices } = resolveEngineOptions(
    { voices: { karin: { url: 'http://gpu:8880/v1', model: 'kokoro', voice: 'de_karin' } } },
    {},
  );
  expect(voices.karin).toMatchObject({ url: 'http://gpu:8880/v1', voice: 'de_karin', format: 'pcm' });
  expect(() => resolveEngineOptions({ voices: { karin: { pitch: 2 } } } as never, {})).toThrow(
    /voices\.karin/,
  );
});

test('each persona speaks with the voice that it names', async () => {
  const first = scriptedEngines({ msPerCharacter: 4 });
  const second = scriptedEngines({ msPerCharacter: 4 });
  const persona = (id: string, voice: string) =>
    readPersona(`name: ${id}\ntitle: guide\ngreeting: Hello.\nvoice: ${voice}\n`, id.toLowerCase());
  const server = await startServer({
    engines: { ...first, voices: { karin: second.tts } },
    personas: [persona('Anna', '{}'), persona('Karin', '{ name: karin }')],
  });
  const ann = await TestVisitor.join(server.url);
  for (const npc of ['anna', 'karin']) {
    ann.parley.say('When do you close?', npc);
    await until(npc, () => ann.transcripts.find((line) => line.npc === npc && line.speakerId === ''));
  }
  expect([first.log.clauses.length, second.log.clauses.length]).toEqual([2, 2]);
});
