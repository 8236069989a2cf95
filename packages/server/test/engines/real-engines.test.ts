import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AsrPart, Engines, LlmPart, Tts, TtsPart } from '../../src/engines/contracts.ts';
import { createEngines, createTts } from '../../src/engines/create-engines.ts';
import type { LoadedEngine } from '../../src/engines/hosted-engine.ts';
import { resample } from '../../src/engines/resample.ts';
import { wordErrors, wordsOf } from './word-errors.ts';

const never = new AbortController().signal;
const SENTENCES = [
  'What time does the museum close?',
  'Where can I see the moon rock, and who collected it?',
  'I would like to reserve a table for four people at seven tomorrow evening.',
  'My brother dropped his keys behind the old blue sofa.',
  'Please open the gate and let the horses out.',
  'She bought three oranges, a loaf of bread and some cheese.',
];
const PERSONA = {
  role: 'system',
  content:
    'You are Mira, a guide in a space museum. It opens at nine in the morning and closes at six in the evening. The largest exhibit is a rocket engine in Hall B. Answer in one short sentence.',
} as const;

let engines: Engines;
/** The voice without its memory, and with the same take of the same words each time: ears are tested, not luck. */
let voice: LoadedEngine<Tts>;
beforeAll(async () => {
  engines = await createEngines({ asr: { partialEverySeconds: 0 } });
  voice = await createTts({ tts: { variation: 0 } });
}, 120_000);
afterAll(async () => {
  await voice?.close();
  await engines?.close();
});

async function* once<T>(...values: T[]): AsyncGenerator<T> {
  yield* values;
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of stream) all.push(part);
  return all;
}

async function speak(...clauses: string[]): Promise<TtsPart[]> {
  return collect(engines.tts.speak(once(...clauses), never));
}

/** Speech at the microphone's rate. */
async function say(text: string): Promise<Float32Array> {
  const [part] = await collect(voice.engine.speak(once(text), never));
  return resample(part!.pcm, part!.rateHz, 16_000);
}

async function transcribe(pcm: Float32Array): Promise<Extract<AsrPart, { type: 'final' }>> {
  const parts = await collect(engines.asr.transcribe(once(pcm), never));
  return parts.at(-1) as Extract<AsrPart, { type: 'final' }>;
}

function noise(seconds: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: 16_000 * seconds }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return level * (state / 1_073_741_823.5 - 1);
  });
}

function concatenate(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

describe('voice and ears', () => {
  it('understand each other', async () => {
    // The voice never says a sentence twice alike: of three times the middle one counts.
    const shares: number[] = [];
    for (let take = 0; take < 3; take++) {
      let errors = 0;
      let words = 0;
      for (const sentence of SENTENCES) {
        const { text, averageLogProbability } = await transcribe(await say(sentence));
        expect(averageLogProbability).toBeGreaterThan(-1);
        errors += wordErrors(sentence, text);
        words += wordsOf(sentence).length;
      }
      shares.push(errors / words);
    }
    expect(shares.toSorted((a, b) => a - b)[1]).toBeLessThan(0.06);
  }, 120_000);

  it('manage numbers, and names that no dictionary has', async () => {
    const { text } = await transcribe(
      await say('Dr. Brandel collected 17 rocks at 9:30 am, and paid $12.50.'),
    );
    expect(text).toMatch(/(Doctor|Dr\.?) Brand/i);
    expect(text).toMatch(/17|seventeen/);
    expect(text).toMatch(/9[.:]?30|nine.thirty/i);
    expect(text).toMatch(/12[.]50|twelve dollars/);
  }, 30_000);

  it('hear a monologue longer than a window', async () => {
    const sentences = [...SENTENCES, ...SENTENCES, ...SENTENCES];
    const pieces = await Promise.all(sentences.map(say));
    const pause = new Float32Array(8_000);
    const speech = concatenate(pieces.flatMap((piece) => [piece, pause]));
    expect(speech.length / 16_000).toBeGreaterThan(56);
    const reference = sentences.join(' ');
    const { text } = await transcribe(speech);
    expect(wordErrors(reference, text) / wordsOf(reference).length).toBeLessThan(0.1);
  }, 60_000);

  it('take noise, silence and nothing for what they are', async () => {
    for (const pcm of [new Float32Array(0), new Float32Array(16_000), new Float32Array(100)]) {
      expect(await transcribe(pcm)).toMatchObject({ text: '', noSpeechProbability: 1 });
    }
    const heard = await transcribe(noise(2, 0.02));
    const isNoise = heard.text === '' || heard.averageLogProbability < -1 || heard.noSpeechProbability > 0.5;
    expect(isNoise, JSON.stringify(heard)).toBe(true);
  }, 30_000);

  it('give partial results while the speaker goes on, and the final one right after a pause', async () => {
    const own = await createEngines({ asr: { partialEverySeconds: 1 } });
    try {
      const pcm = concatenate([await say(SENTENCES[2]!), new Float32Array(12_000)]);
      let endedMs = 0;
      async function* live() {
        for (let at = 0; at < pcm.length; at += 320) {
          yield pcm.subarray(at, at + 320);
          await new Promise((resolve) => setTimeout(resolve, 18));
        }
        endedMs = performance.now();
      }
      const parts = await collect(own.asr.transcribe(live(), never));
      expect(parts.filter(({ type }) => type === 'partial').length).toBeGreaterThanOrEqual(1);
      expect(wordErrors(SENTENCES[2]!, parts.at(-1)!.text)).toBeLessThanOrEqual(1);
      const waitedMs = performance.now() - endedMs;
      const startMs = performance.now();
      await collect(own.asr.transcribe(once(pcm), never));
      // Where the machine keeps up there is no wait at all; never is it longer than hearing it all again.
      expect(waitedMs).toBeLessThan(2 * (performance.now() - startMs) + 400);
    } finally {
      await own.close();
    }
  }, 60_000);
});

describe('voice', () => {
  it('is as loud as it should be, never clips and ends without a click', async () => {
    for (const { pcm } of await speak(...SENTENCES)) {
      const peak = pcm.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
      const rms = Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
      expect(peak).toBeLessThanOrEqual(0.9);
      expect(20 * Math.log10(rms)).toBeGreaterThan(-27);
      expect(20 * Math.log10(rms)).toBeLessThan(-15);
      expect(Math.abs(pcm[0]!)).toBeLessThan(0.001);
      expect(Math.abs(pcm.at(-1)!)).toBeLessThan(0.001);
    }
  }, 30_000);

  it('tells when each phone sounds', async () => {
    const [part] = await speak('Bob met Pam.');
    const phones = part!.phones!;
    expect(phones.map(({ phone }) => phone)).toEqual(['b', 'ɑː', 'b', 'm', 'ɛ', 't', 'p', 'æ', 'm']);
    for (const [i, { startSample, endSample }] of phones.entries()) {
      expect(endSample).toBeGreaterThanOrEqual(startSample);
      if (i > 0) expect(startSample).toBeGreaterThanOrEqual(phones[i - 1]!.endSample);
    }
    expect(phones.at(-1)!.endSample).toBeLessThanOrEqual(part!.pcm.length);
  }, 30_000);

  it('cuts a long text and skips what nobody can say', async () => {
    const parts = await speak(`${SENTENCES.join(' ')} ${SENTENCES.join(' ')}`, '😀', '...', '');
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(parts.map(({ text }) => text).join(' ')).toBe(`${SENTENCES.join(' ')} ${SENTENCES.join(' ')}`);
  }, 30_000);
});

describe('voice activity', () => {
  it('finds speech between silence, on the clock of the samples', async () => {
    const speech = await say(SENTENCES[1]!);
    const pcm = concatenate([new Float32Array(16_000), speech, new Float32Array(16_000)]);
    const frames = await collect(engines.vad.detect(once(pcm), never));
    expect(frames.map(({ startSample }) => startSample)).toEqual(frames.map((_, i) => 512 * i));
    const loud = frames.filter(({ probability }) => probability > 0.5);
    expect(loud[0]!.startSample).toBeGreaterThan(14_000);
    expect(loud[0]!.startSample).toBeLessThan(22_000);
    expect(loud.at(-1)!.startSample).toBeLessThan(16_000 + speech.length + 3_200);
    expect(loud.length / frames.length).toBeGreaterThan(0.4);
  }, 30_000);

  it('hears none in silence and noise', async () => {
    const pcm = concatenate([new Float32Array(16_000), noise(2, 0.05)]);
    const frames = await collect(engines.vad.detect(once(pcm), never));
    expect(Math.max(...frames.map(({ probability }) => probability))).toBeLessThan(0.5);
  }, 30_000);
});

describe('language model', () => {
  const ask = (content: string, maxTokens: number, signal = never) =>
    engines.llm.generate(
      { messages: [PERSONA, { role: 'user', content }], maxTokens, temperature: 0 },
      signal,
    );
  const textOf = (parts: readonly LlmPart[]) =>
    parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

  it('answers, sooner when the persona is preloaded', async () => {
    await engines.llm.preload!([PERSONA], never);
    const startMs = performance.now();
    let firstMs = 0;
    const parts: LlmPart[] = [];
    for await (const part of ask('What is the largest exhibit?', 40)) {
      firstMs ||= performance.now() - startMs;
      parts.push(part);
    }
    expect(textOf(parts)).toMatch(/rocket|engine|hall/i);
    expect(parts.at(-1)!.type).toBe('finish');
    expect(firstMs).toBeLessThan(5000);
  }, 60_000);

  it('stops where it is told to', async () => {
    const parts = await collect(ask('Tell me a very long story.', 8));
    expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'length' });
  }, 60_000);

  it('answers several visitors at once', async () => {
    const answers = await Promise.all(
      ['When do you open?', 'When do you close?', 'Hi!', 'Bye!'].map((q) => collect(ask(q, 12))),
    );
    for (const parts of answers) expect(textOf(parts).length).toBeGreaterThan(3);
  }, 60_000);

  it('lets go within milliseconds of an abort, and answers again', async () => {
    const controller = new AbortController();
    let abortedMs = 0;
    const run = async () => {
      for await (const _ of ask('Tell me a very long story.', 300, controller.signal)) {
        abortedMs ||= performance.now();
        controller.abort(new Error('barge-in'));
      }
    };
    await expect(run()).rejects.toThrow('barge-in');
    expect(performance.now() - abortedMs).toBeLessThan(50);
    expect(textOf(await collect(ask('Hello!', 10))).length).toBeGreaterThan(0);
  }, 60_000);
});

describe('the event loop', () => {
  it('stays free while an NPC thinks and speaks', async () => {
    // Work in one go by this thread's own processor time, as the loop's delay grows with what other processes do.
    const burstsMs: number[] = [];
    let last = process.threadCpuUsage();
    const watch = setInterval(() => {
      const now = process.threadCpuUsage();
      burstsMs.push((now.user + now.system - last.user - last.system) / 1000);
      last = now;
    }, 5);
    const think = collect(
      engines.llm.generate(
        { messages: [PERSONA, { role: 'user', content: 'Hello!' }], maxTokens: 60, temperature: 0 },
        never,
      ),
    );
    let codes = 0;
    for await (const { pcm, rateHz } of engines.tts.speak(once(...SENTENCES), never)) {
      const speech = resample(pcm, rateHz, 24_000);
      for await (const { frames } of engines.face.encode(once(speech), { seed: 1 }, never)) codes += frames;
    }
    await think;
    clearInterval(watch);
    expect(codes).toBeGreaterThan(300);
    expect(burstsMs.length).toBeGreaterThan(50);
    expect(burstsMs.toSorted((a, b) => a - b)[Math.floor(0.99 * burstsMs.length)]).toBeLessThan(20);
  }, 60_000);
});

/** A folder with FLAC files and `lj_transcripts.tsv` (file name, text): clips of LJSpeech, which are public domain. */
const DATA = process.env.PARLEY_SPEECH_DATA ?? '';
const isReal = DATA !== '' && existsSync(join(DATA, 'lj_transcripts.tsv')) && existsSync('/usr/bin/ffmpeg');

describe('ears on real speech', () => {
  it.skipIf(!isReal)(
    'understand LJSpeech',
    async () => {
      const lines = (await readFile(join(DATA, 'lj_transcripts.tsv'), 'utf8')).trim().split('\n');
      const transcripts = new Map(lines.map((line) => [line.split('\t')[0]!, line.split('\t').at(-1)!]));
      let errors = 0;
      let words = 0;
      for (const file of (await readdir(DATA)).filter((name) => name.endsWith('.flac'))) {
        const reference = transcripts.get(file.replace('.flac', ''));
        if (!reference) continue;
        const args = ['-v', 'error', '-i', join(DATA, file), '-ar', '16000', '-ac', '1', '-f', 'f32le', '-'];
        const { stdout } = await promisify(execFile)('ffmpeg', args, {
          encoding: 'buffer',
          maxBuffer: 1 << 26,
        });
        const { text } = await transcribe(new Float32Array(Uint8Array.from(stdout).buffer));
        errors += wordErrors(reference, text);
        words += wordsOf(reference).length;
      }
      expect(words).toBeGreaterThan(200);
      expect(errors / words).toBeLessThan(0.1);
    },
    120_000,
  );
});
