/**
 * What a voice's replies sound like, by numbers: `npm run voice -w @parley/bench`. Twenty replies of several sentences in the embedded
 * voice: silence between sentences, clipping, clicks at the joints, and whether the next sentence is there when the one before ends.
 * `-- --languages`: sentences with numbers, dates, abbreviations, emoji and links in each language of the further voices, spoken, and
 * written down again by the recogniser; word error rates against what should be said. `--only it` takes one of them.
 */
import { parseArgs } from 'node:util';
import { createEngines, type Tts } from '@parley/server';
import { resample } from '../packages/server/src/engines/resample.ts';
import { SPOKEN_LANGUAGES } from '../packages/server/src/engines/tts/languages/languages.ts';
import { splitClauses } from '../packages/server/src/turn/clause-splitter.ts';
import { percentile } from './percentile.ts';
import { LANGUAGES, REPLIES } from './voice-texts.ts';
import { wordErrors } from './word-errors.ts';

const { values } = parseArgs({
  options: { languages: { type: 'boolean', default: false }, only: { type: 'string' } },
});
/** A machine that does ten other things is slow, not broken. */
const PATIENCE_MS = 600_000;
/** Quieter than this is silence between sentences: -46 dBFS, in windows of 10 ms. */
const SILENT_RMS = 0.005;

if (values.languages) await listenToLanguages();
else await listenToReplies();
process.exit(0);

async function listenToReplies(): Promise<void> {
  const engines = await createEngines();
  const pauses: number[] = [];
  const steps: number[] = [];
  const ratios: number[] = [];
  const firsts: number[] = [];
  let clipped = 0;
  let highest = 0;
  let samples = 0;
  for (const reply of REPLIES) {
    const clauses = await collect(splitClauses(textOf(reply)));
    let before: { pcm: Float32Array; seconds: number } | null = null;
    let startMs = performance.now();
    for await (const { pcm, rateHz } of engines.tts.speak(each(clauses), AbortSignal.timeout(PATIENCE_MS))) {
      const tookSeconds = (performance.now() - startMs) / 1000;
      const seconds = pcm.length / rateHz;
      if (before) {
        ratios.push(tookSeconds / before.seconds);
        pauses.push(1000 * (silenceAtEnd(before.pcm, rateHz) + silenceAtStart(pcm, rateHz)));
        steps.push(Math.abs(pcm[0] - before.pcm[before.pcm.length - 1]));
      } else firsts.push(seconds);
      for (const sample of pcm) {
        highest = Math.max(highest, Math.abs(sample));
        if (Math.abs(sample) >= 0.999) clipped++;
      }
      samples += pcm.length;
      before = { pcm, seconds };
      startMs = performance.now();
    }
  }
  const line = (name: string, list: readonly number[], digits: number) =>
    process.stdout.write(
      `${name}: median ${percentile(list, 0.5).toFixed(digits)}, p95 ${percentile(list, 0.95).toFixed(digits)}, most ${Math.max(...list).toFixed(digits)} (${list.length})\n`,
    );
  line('silence between two clauses, ms', pauses, 0);
  line('step from one clause to the next, of full scale', steps, 4);
  line('time to make a clause / length of the one before', ratios, 2);
  line('length of the first clause, s', firsts, 1);
  process.stdout.write(`clipped samples: ${clipped} of ${samples}; highest peak ${highest.toFixed(2)}\n`);
  await engines.close();
}

async function listenToLanguages(): Promise<void> {
  const names = Object.values(LANGUAGES).flatMap(({ voices }) => voices);
  const engines = await createEngines({
    asr: { language: 'auto' },
    voices: Object.fromEntries(names.map((voice) => [voice, { model: 'kokoro-82m-int8', voice }])),
  });
  for (const [language, { voices, sentences }] of Object.entries(LANGUAGES)) {
    if (values.only !== undefined && values.only !== language) continue;
    for (const voice of voices) {
      let errors = 0;
      let words = 0;
      for (const sentence of sentences) {
        const spoken = SPOKEN_LANGUAGES[language].speakable(sentence);
        const pcm = await speak(engines.voices?.[voice] as Tts, sentence);
        const heard = await transcribe(pcm);
        const wrong = wordErrors(plain(spoken), plain(SPOKEN_LANGUAGES[language].speakable(heard)));
        errors += wrong;
        words += plain(spoken).length;
        process.stdout.write(`  ${wrong}  ${spoken} -> ${heard}\n`);
      }
      process.stdout.write(
        `${language} ${voice}: ${errors} of ${words} words wrong (${((100 * errors) / words).toFixed(0)} %)\n`,
      );
    }
  }
  await engines.close();

  async function transcribe(pcm: Float32Array): Promise<string> {
    async function* input() {
      yield pcm;
    }
    let text = '';
    for await (const part of engines.asr.transcribe(input(), AbortSignal.timeout(PATIENCE_MS)))
      text = part.text;
    return text;
  }
}

async function speak(tts: Tts, text: string): Promise<Float32Array> {
  const samples: number[] = new Array(4_000).fill(0);
  for await (const { pcm, rateHz } of tts.speak(each([text]), AbortSignal.timeout(PATIENCE_MS)))
    for (const sample of resample(pcm, rateHz, 16_000)) samples.push(sample);
  return Float32Array.from([...samples, ...new Array<number>(4_000).fill(0)]);
}

async function* each<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}

async function* textOf(reply: string): AsyncGenerator<string> {
  for (const word of reply.split(/(?<=\s)/u)) yield word;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function silenceAtStart(pcm: Float32Array, rateHz: number): number {
  const window = Math.round(rateHz / 100);
  let at = 0;
  while (at + window <= pcm.length && rms(pcm.subarray(at, at + window)) < SILENT_RMS) at += window;
  return at / rateHz;
}

function silenceAtEnd(pcm: Float32Array, rateHz: number): number {
  return silenceAtStart(pcm.toReversed(), rateHz);
}

function rms(pcm: Float32Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
}

/** Words as they are compared: lower case, accents kept, without marks. */
function plain(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
