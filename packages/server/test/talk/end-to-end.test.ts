import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAudio } from '../../src/audio/read-audio.ts';
import type { Engines } from '../../src/engines/contracts.ts';
import { createEngines } from '../../src/engines/create-engines.ts';
import { resample } from '../../src/engines/resample.ts';
import { type Serving, serve } from '../../src/room/serve.ts';
import { type TalkReport, talk } from '../../src/talk/talk.ts';
import { pause, silence, TestVisitor, until } from '../room/room-harness.ts';

/** The whole of it with the real engines: real speech in, a voice with a moving face out. */
const folder = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
/** Recorded speech with transcripts (LJSpeech, public domain), where it is at hand. */
const SPEECH_DATA = process.env.PARLEY_SPEECH_DATA ?? folder('../shared/data/speech');
const RECORDING = `${SPEECH_DATA}/LJ042-0094.flac`;

/** A machine that does ten other things is slow, not broken. */
const PATIENT = { firstMs: 60_000, nextMs: 60_000 };

let engines: Engines;
let server: Serving;

beforeAll(async () => {
  engines = await createEngines();
  server = await serve({
    port: 0,
    hostname: '127.0.0.1',
    engines,
    personasFolder: folder('examples/metaverse-room/personas'),
    exportsFolder: folder('models/exports'),
    room: { timeouts: { asr: PATIENT, llm: PATIENT, tts: PATIENT, face: PATIENT } },
  });
}, 300_000);

afterAll(async () => {
  await server?.close();
  await engines?.close();
});

async function synthesise(text: string): Promise<Float32Array> {
  async function* clauses() {
    yield text;
  }
  const samples: number[] = new Array(4_000).fill(0);
  for await (const { pcm, rateHz } of engines.tts.speak(clauses(), AbortSignal.timeout(30_000)))
    for (const sample of resample(pcm, rateHz, MICROPHONE_RATE_HZ)) samples.push(sample);
  return Float32Array.from(samples);
}

function expectAlive({ pcm, stats, latencies }: TalkReport): void {
  const rms = Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
  expect(rms).toBeGreaterThan(0.01);
  expect(stats.lostPackets).toBe(0);
  expect(stats.codeFrames).toBe(Math.round((stats.durationMs * 30) / 1000));
  expect(stats.codeChangeShare).toBeGreaterThan(0.02);
  expect(stats.faceBytesPerSecond).toBeLessThanOrEqual(500);
  expect(latencies.firstMotionMs).not.toBeNull();
}

test('a spoken question is understood and answered from what the guide knows', async () => {
  const report = await talk({
    server: server.url,
    npc: 'mira',
    pcm: await synthesise('When do you close?'),
  });
  process.stdout.write(
    `first sound ${Math.round(report.latencies.firstSoundMs ?? Number.NaN)} ms after the end of speech: ${JSON.stringify(report.stages)}\n`,
  );
  expect(report.transcript.toLowerCase()).toMatch(/when do you close/);
  expect(report.reply).toContain('midnight');
  expectAlive(report);
}, 120_000);

test('a typed question is answered by the bust', async () => {
  const report = await talk({ server: server.url, timeoutMs: 110_000, npc: 'orson', text: 'What is love?' });
  expect(report.reply.toLowerCase()).toContain('love');
  expectAlive(report);
}, 120_000);

test.skipIf(!existsSync(RECORDING))(
  'recorded speech of a person is understood (skipped where PARLEY_SPEECH_DATA is not at hand)',
  async () => {
    const pcm = await readAudio(RECORDING, MICROPHONE_RATE_HZ);
    const report = await talk({ server: server.url, timeoutMs: 110_000, npc: 'mira', pcm });
    expect(report.transcript.toLowerCase()).toMatch(/soviet authorities denied .* permission/);
    expectAlive(report);
  },
  120_000,
);

/** Speech without words: a piece of a sentence, backwards. */
async function gibberish(sentence: string, fromMs: number, durationMs: number): Promise<Float32Array> {
  const backwards = (await synthesise(sentence)).toReversed();
  return backwards.slice(fromMs * 16, (fromMs + durationMs) * 16);
}

test('whoever stops the bust with a voice that holds no words is begged for them', async () => {
  const voices = [
    await gibberish('What does it cost to come in with the children?', 250, 1_000),
    await gibberish('What does it cost to come in with the children?', 500, 900),
    await gibberish('My sister has bought seven green umbrellas for the station.', 750, 900),
  ];
  const ann = await TestVisitor.join(server.url);
  ann.parley.listen(true, 'orson');
  const understood = () => ann.transcripts.filter(({ speakerId, final }) => speakerId !== '' && final).length;
  const begs = () => ann.npc('orson')?.caption === 'I beg your pardon?';
  let begged = 0;
  for (const [i, voice] of voices.entries()) {
    const before = ann.packets.length;
    ann.parley.say('Tell me about yourself and your life, please.', 'orson');
    await until('his voice', () => ann.packets.length > before + 5, 60_000);
    await pause(500);
    const questions = understood();
    for (const pcm of [silence(300), voice, silence(2_500)])
      for (let at = 0; at < pcm.length; at += 320) {
        ann.send(pcm.subarray(at, at + 320));
        await pause(20);
      }
    await until('him to stop', () => ann.stops.length > i, 20_000);
    // A recogniser finds words in almost anything; then they are answered.
    await until('his reaction', () => begs() || understood() > questions, 20_000);
    if (begs()) begged++;
    await until('rest', () => ann.npc('orson')?.status === 'idle', 60_000);
  }
  expect(begged).toBeGreaterThan(0);
}, 300_000);

test('nobody by that name, and no server: each says what to do', async () => {
  await expect(talk({ server: server.url, npc: 'nobody', text: 'Hello?' })).rejects.toThrow('mira, orson');
  await expect(talk({ server: 'http://127.0.0.1:1', text: 'Hello?' })).rejects.toThrow('parley serve');
});
