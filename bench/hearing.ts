/**
 * What the recognisers make of each language: `npm run hearing -w @parley/bench`. Sentences with numbers, dates, abbreviations, emoji and
 * links, and what visitors say, spoken by Kokoro's voices and written down again; with PARLEY_SPEECH_DATA also the real English clips there.
 * Both sides are compared as they are spoken. A table of languages by models: words and letters wrong, and how long it took.
 * `--models whisper-base,whisper-small`; `--only it,fr`; `--detect`: the language is not told; `--each` prints every sentence; `--clips folder`
 * keeps what was spoken for the next run.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Asr, Tts } from '@parley/server';
import { createAsr, createTts } from '../packages/server/src/engines/create-engines.ts';
import { resample } from '../packages/server/src/engines/resample.ts';
import { KOKORO_MODEL } from '../packages/server/src/engines/tts/kokoro-voices.ts';
import { SPOKEN_LANGUAGES } from '../packages/server/src/engines/tts/languages/languages.ts';
import { LANGUAGES } from './hearing-texts.ts';
import { wordErrors } from './word-errors.ts';

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'whisper-base,whisper-small' },
    only: { type: 'string' },
    detect: { type: 'boolean', default: false },
    each: { type: 'boolean', default: false },
    clips: { type: 'string' },
  },
});
const RATE_HZ = 16_000;
/** A machine that does ten other things is slow, not broken. */
const PATIENCE_MS = 600_000;
const models = values.models.split(',');

interface Clip {
  /** Row of the table. */
  readonly set: string;
  readonly language: string;
  readonly text: string;
  readonly pcm: Float32Array;
}

const clips = [...(await spokenClips()), ...(await realClips())];
interface Row {
  words: number;
  letters: number;
  /** By models. */
  readonly wrongWords: number[];
  readonly wrongLetters: number[];
}

const rows = new Map<string, Row>();
const tookMs = models.map(() => 0);
for (const language of new Set(clips.map((clip) => clip.language))) {
  const heard = clips.filter((clip) => clip.language === language);
  for (const [at, model] of models.entries()) {
    const told = values.detect ? 'auto' : language;
    const { engine, close } = await createAsr({ asr: { model, language: told } });
    await transcribe(engine, heard[0].pcm);
    for (const { set, text, pcm } of heard) {
      const startMs = performance.now();
      const found = await transcribe(engine, pcm);
      tookMs[at] += performance.now() - startMs;
      const row = rows.get(set) ?? {
        words: 0,
        letters: 0,
        wrongWords: models.map(() => 0),
        wrongLetters: models.map(() => 0),
      };
      rows.set(set, row);
      const [wanted, got] = [words(text, language), words(found, language)];
      const [letters, gotLetters] = [[...wanted.join(' ')], [...got.join(' ')]];
      const wrong = wordErrors(wanted, got);
      row.wrongWords[at] += wrong;
      row.wrongLetters[at] += wordErrors(letters, gotLetters);
      if (at === 0) row.words += wanted.length;
      if (at === 0) row.letters += letters.length;
      if (values.each) process.stdout.write(`  ${wrong}  ${model}: ${text} -> ${found}\n`);
    }
    await close();
  }
}
const seconds = clips.reduce((sum, { pcm }) => sum + pcm.length / RATE_HZ, 0);
const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
process.stdout.write(`words and letters wrong of | ${models.join(' | ')}\n`);
for (const [set, row] of rows) {
  const cells = models.map(
    (_, at) => `${share(row.wrongWords[at], row.words)}, ${share(row.wrongLetters[at], row.letters)}`,
  );
  process.stdout.write(`${set}, ${row.words} | ${cells.join(' | ')}\n`);
}
const times = tookMs.map(
  (ms) => `${(ms / 1000 / seconds).toFixed(3)} of real time, x ${(ms / tookMs[0]).toFixed(2)}`,
);
process.stdout.write(`time, ${seconds.toFixed(0)} s of speech | ${times.join(' | ')}\n`);
process.exit(0);

async function spokenClips(): Promise<Clip[]> {
  const found: Clip[] = [];
  for (const [language, { voices, sentences }] of Object.entries(LANGUAGES)) {
    if (!isWanted(language)) continue;
    for (const voice of voices) {
      let tts: Awaited<ReturnType<typeof createTts>> | null = null;
      for (const text of sentences) {
        const spoken = SPOKEN_LANGUAGES[language].phonemise(SPOKEN_LANGUAGES[language].speakable(text));
        const pcm = await kept(`${voice} ${JSON.stringify(spoken)}`, async () => {
          tts ??= await createTts({ tts: { model: KOKORO_MODEL, voice } });
          return speak(tts.engine, text);
        });
        found.push({ set: `${language} ${voice}`, language, text, pcm });
      }
      await (tts as Awaited<ReturnType<typeof createTts>> | null)?.close();
    }
  }
  return found;
}

function isWanted(language: string): boolean {
  return values.only === undefined || values.only.split(',').includes(language);
}

/** A clip out of the folder `--clips`, or made and kept there. */
async function kept(key: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
  if (values.clips === undefined) return make();
  const path = join(values.clips, `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.f32`);
  const bytes = await readFile(path).catch(() => null);
  if (bytes) return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const pcm = await make();
  await mkdir(values.clips, { recursive: true });
  await writeFile(path, pcm);
  return pcm;
}

async function realClips(): Promise<Clip[]> {
  const folder = process.env.PARLEY_SPEECH_DATA;
  if (folder === undefined || (values.only !== undefined && !values.only.split(',').includes('en')))
    return [];
  const lines = (await readFile(join(folder, 'lj_transcripts.tsv'), 'utf8')).trim().split('\n');
  return Promise.all(
    lines.map(async (line) => {
      const [id, text] = line.split('\t');
      return {
        set: 'en, real clips',
        language: 'en',
        text,
        pcm: await readAudio(join(folder, `${id}.flac`)),
      };
    }),
  );
}

async function readAudio(path: string): Promise<Float32Array> {
  const options = ['-v', 'error', '-i', path, '-ac', '1', '-ar', String(RATE_HZ), '-f', 'f32le', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', options, {
    encoding: 'buffer',
    maxBuffer: 2 ** 26,
  });
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length));
}

async function speak(tts: Tts, text: string): Promise<Float32Array> {
  const samples: number[] = new Array(4_000).fill(0);
  for await (const { pcm, rateHz } of tts.speak(once(text), AbortSignal.timeout(PATIENCE_MS)))
    for (const sample of resample(pcm, rateHz, RATE_HZ)) samples.push(sample);
  return Float32Array.from([...samples, ...new Array<number>(4_000).fill(0)]);
}

async function transcribe(asr: Asr, pcm: Float32Array): Promise<string> {
  let text = '';
  for await (const part of asr.transcribe(once(pcm), AbortSignal.timeout(PATIENCE_MS))) text = part.text;
  return text;
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** Words as they are compared: as they are spoken, in lower case, accents kept, without marks. */
function words(text: string, language: string): string[] {
  return (
    SPOKEN_LANGUAGES[language]
      .speakable(text)
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}
