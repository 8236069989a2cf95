import { expect, test } from 'vitest';
import { readPersona } from '../../src/persona/read-persona.ts';
import { engineOptionsFor } from '../../src/room/engine-options-for.ts';

const persona = (id: string, more: string) =>
  readPersona(`name: ${id}\ntitle: guide\ngreeting: Hello.\n${more}`, id);
const DORA = persona('dora', 'languages: [es, en]\nvoice: { name: ef_dora }\n');
const MIRA = persona('mira', '');
const JOE = persona('joe', 'voice: { name: own }\n');

test('who speaks Spanish is heard in Spanish, with a voice for it', async () => {
  const { asr, voices } = await engineOptionsFor([DORA, JOE], {}, {});
  expect(asr?.language).toBe('es,en');
  expect(Object.keys(voices ?? {})).toEqual(['ef_dora']);
});

test('English alone stays as it was, and nobody asks for nothing', async () => {
  expect((await engineOptionsFor([MIRA], {}, {})).asr?.language).toBe('en');
  expect((await engineOptionsFor([], {}, {})).asr).toEqual({});
});

test('the environment says which language, and options before it', async () => {
  const environment = { PARLEY_ASR_LANGUAGE: 'fr' };
  expect((await engineOptionsFor([DORA], {}, environment)).asr?.language).toBe('fr');
  expect((await engineOptionsFor([DORA], { asr: { language: 'de' } }, environment)).asr?.language).toBe('de');
});
