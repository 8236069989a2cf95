import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngines } from '../../src/engines/create-engines.ts';
import { resample } from '../../src/engines/resample.ts';
import { KOKORO_MODEL } from '../../src/engines/tts/kokoro-voices.ts';
import { type Serving, serve } from '../../src/room/serve.ts';
import { talk } from '../../src/talk/talk.ts';
import { resolveWeights } from '../../src/weights/index.ts';

/** Whisper hears each language, detected by itself; Kokoro speaks it; the answer is in the persona's own folder. */
const has = (set: string) =>
  resolveWeights([set]).then(
    () => true,
    () => false,
  );
const hasVoices = await has(KOKORO_MODEL);
if (!hasVoices) console.log(`Languages: skipped; \`parley models fetch ${KOKORO_MODEL}\` brings the voices.`);
/** Whisper base does not hear Hindi. */
const hasHindi = hasVoices && (await has('whisper-small'));
if (!hasHindi) console.log('Hindi: skipped; `parley models fetch whisper-small` brings its ears.');

/** A machine that does ten other things is slow, not broken. */
const PATIENT = { firstMs: 120_000, nextMs: 120_000 };

interface Case {
  readonly language: string;
  readonly voice: string;
  readonly asker: string;
  readonly knowledge: string;
  readonly question: string;
  readonly heard: RegExp;
  readonly answer: RegExp;
  readonly spoken: RegExp;
}

const CASES: readonly Case[] = [
  {
    language: 'es',
    voice: 'ef_dora',
    asker: 'em_alex',
    knowledge: 'La entrada al museo cuesta 8 €.\n\nEl telescopio está a la izquierda de la sala.',
    question: '¿Cuánto cuesta la entrada al museo?',
    heard: /cu[aá]nto cuesta/iu,
    answer: /cuesta 8 €/u,
    spoken: /cuesta (?:8|ocho)/iu,
  },
  {
    language: 'it',
    voice: 'if_sara',
    asker: 'if_sara',
    knowledge: 'Il biglietto del museo costa 8 €.\n\nIl telescopio si trova a sinistra della sala.',
    question: 'Quanto costa il biglietto del museo?',
    heard: /quanto costa/iu,
    answer: /costa 8 €/u,
    // Whisper base makes something else of "biglietto" in this voice.
    spoken: /museo/iu,
  },
  {
    language: 'fr',
    voice: 'ff_siwis',
    asker: 'ff_siwis',
    knowledge: "L'entrée du musée coûte 8 €.\n\nLe télescope se trouve à gauche de la salle.",
    question: 'Où se trouve le télescope ?',
    heard: /t[eé]lescope/iu,
    answer: /gauche/u,
    spoken: /gauche/iu,
  },
  {
    language: 'pt',
    voice: 'pf_dora',
    asker: 'pm_alex',
    knowledge: 'A entrada do museu custa 8 €.\n\nO telescópio fica à esquerda da sala.',
    question: 'Quanto custa a entrada do museu?',
    heard: /quanto custa/iu,
    answer: /custa 8 €/u,
    spoken: /custa/iu,
  },
];

const HINDI: readonly Case[] = [
  {
    language: 'hi',
    voice: 'hf_alpha',
    asker: 'hm_omega',
    knowledge: 'तारे सर्दी में ज़्यादा चमकते हैं।\n\nसंग्रहालय का टिकट ₹80 का है।',
    question: 'तारे कब ज़्यादा चमकते हैं?',
    heard: /तारे कब/u,
    answer: /सर्दी में/u,
    spoken: /सर्दी|सरदी/u,
  },
];

describe.each([
  { name: 'a language', has: hasVoices, cases: CASES, asr: { language: 'auto' } },
  { name: 'Hindi', has: hasHindi, cases: HINDI, asr: { model: 'whisper-small', language: 'hi,en' } },
])('a conversation in $name', ({ has, cases, asr }) => {
  let folder: string | undefined;
  let server: Serving;

  beforeAll(async () => {
    if (!has) return;
    folder = await mkdtemp(join(tmpdir(), 'parley-languages-'));
    for (const { language, voice, knowledge } of cases) {
      await mkdir(join(folder, language, 'knowledge'), { recursive: true });
      await writeFile(join(folder, language, 'knowledge', 'museum.md'), knowledge);
      await writeFile(
        join(folder, language, 'persona.yaml'),
        `name: ${voice}\ntitle: guide\ngreeting: Hola.\nlanguages: [${language}]\nvoice: { name: ${voice} }\n`,
      );
    }
    const voices = [...new Set(cases.flatMap(({ voice, asker }) => [voice, asker]))];
    const engines = await createEngines({
      asr,
      voices: Object.fromEntries(voices.map((voice) => [voice, { model: KOKORO_MODEL, voice }])),
    });
    server = await serve({
      port: 0,
      hostname: '127.0.0.1',
      engines,
      personasFolder: folder,
      exportsFolder: fileURLToPath(new URL('../../../../models/exports', import.meta.url)),
      memoryUrl: 'none',
      room: { timeouts: { asr: PATIENT, llm: PATIENT, tts: PATIENT, face: PATIENT } },
    });
  }, 300_000);

  afterAll(async () => {
    await server?.close();
    await server?.engines.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test.skipIf(!has).each(cases)(
    'in $language: asked aloud, answered aloud, with a moving face',
    async ({ language, asker, question, heard, answer, spoken }) => {
      const pcm = await speak(asker, question);
      const report = await talk({ server: server.url, npc: language, pcm, timeoutMs: 200_000 });
      expect(report.transcript).toMatch(heard);
      expect(report.reply).toMatch(answer);
      expect(report.stats.codeChangeShare).toBeGreaterThan(0.02);
      expect(await listen(resample(report.pcm, 24_000, MICROPHONE_RATE_HZ))).toMatch(spoken);
    },
    300_000,
  );

  async function speak(voice: string, text: string): Promise<Float32Array> {
    async function* clauses() {
      yield text;
    }
    const samples: number[] = new Array(4_000).fill(0);
    const parts = server.engines.voices![voice]!.speak(clauses(), AbortSignal.timeout(200_000));
    for await (const { pcm, rateHz } of parts)
      for (const sample of resample(pcm, rateHz, MICROPHONE_RATE_HZ)) samples.push(sample);
    return Float32Array.from(samples);
  }

  async function listen(pcm: Float32Array): Promise<string> {
    async function* input() {
      yield pcm;
    }
    let text = '';
    for await (const part of server.engines.asr.transcribe(input(), AbortSignal.timeout(200_000)))
      if (part.type === 'final') text = part.text;
    return text;
  }
});
