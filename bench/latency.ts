/**
 * End of speech to first sound, stage by stage, through a real server and a real client:
 * `npm run latency -w @parley/bench -- [--rounds 2] [--npc mira] [--audio a.wav b.flac …]`.
 * Without --audio the questions are spoken by the server's own voice.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { createEngines, readAudio, resample, serve, type TalkReport, type Tts, talk } from '@parley/server';
import { percentile } from './percentile.ts';
import { watchThreadBursts } from './thread-bursts.ts';

const QUESTIONS = [
  'How much does a ticket cost?',
  'When do you close?',
  'Where is the telescope?',
  'How old is the moon rock?',
  'Who built the orrery?',
  'What is the brightest star?',
];
/** The voice differs a little from the one that answers. */
const ASKER_PITCH = 1.06;
/** How often the event loop is looked at; Node counts this wait as delay. */
const LOOP_RESOLUTION_MS = 5;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    npc: { type: 'string', default: 'mira' },
    audio: { type: 'string', multiple: true },
  },
});

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const engines = await createEngines();
const serving = await serve({
  port: 0,
  hostname: '127.0.0.1',
  engines,
  personasFolder: folder('examples/metaverse-room/personas'),
  exportsFolder: folder('models/exports'),
});
const questions = values.audio
  ? await Promise.all(values.audio.map((path) => readAudio(path, MICROPHONE_RATE_HZ)))
  : await Promise.all(QUESTIONS.map((text) => speak(engines.tts, text)));

const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
const reports: TalkReport[] = [];
const bursts = watchThreadBursts();
loop.enable();
for (let round = 0; round < Number(values.rounds); round++)
  for (const pcm of questions) {
    const report = await talk({ server: serving.url, npc: values.npc, pcm });
    reports.push(report);
    process.stdout.write(
      `${Math.round(report.latencies.firstSoundMs ?? Number.NaN)} ms  ${report.transcript} -> ${report.reply}\n`,
    );
  }
loop.disable();
bursts.stop();
print(reports);
await serving.close();
await engines.close();
process.exit(0);

async function speak(tts: Tts, text: string): Promise<Float32Array> {
  async function* clauses() {
    yield text;
  }
  const pieces: number[] = new Array(MICROPHONE_RATE_HZ / 4).fill(0);
  for await (const { pcm, rateHz } of tts.speak(clauses(), AbortSignal.timeout(30_000)))
    for (const sample of resample(pcm, Math.round((rateHz * ASKER_PITCH) / 250) * 250, MICROPHONE_RATE_HZ))
      pieces.push(sample);
  return Float32Array.from(pieces);
}

function print(reports: readonly TalkReport[]): void {
  const row = (name: string, values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value): value is number => typeof value === 'number');
    const [p50, p95] = [0.5, 0.95].map((share) => percentile(known, share).toFixed(0).padStart(7));
    process.stdout.write(`${name.padEnd(54)}${p50}${p95}\n`);
  };
  const stage = (key: keyof NonNullable<TalkReport['stages']>) => reports.map(({ stages }) => stages?.[key]);
  const network = reports.map(({ latencies, stages }) => stages && latencies.firstPacketMs - stages.totalMs);
  process.stdout.write(`\n${`${reports.length} questions, ms`.padEnd(54)}    p50    p95\n`);
  row('endpointing (silence until the turn is over)', stage('endpointingMs'));
  row('  recognition, while endpointing waits', stage('asrMs'));
  row('end of voice to transcript', stage('transcriptMs'));
  row('transcript to first token', stage('llmFirstTokenMs'));
  row('first token to first clause', stage('firstClauseMs'));
  row('first clause to its voice', stage('ttsMs'));
  row('voice to first block with its face', stage('faceMs'));
  row('end of voice to first block sent', stage('totalMs'));
  row('network, and where either side puts the end of voice', network);
  row(
    'end of voice to first packet at the client',
    reports.map(({ latencies }) => latencies.firstPacketMs),
  );
  row(
    'END OF VOICE TO FIRST SOUND',
    reports.map(({ latencies }) => latencies.firstSoundMs),
  );
  row(
    'END OF VOICE TO FIRST MOTION',
    reports.map(({ latencies }) => latencies.firstMotionMs),
  );
  row(
    'voice, bytes a second',
    reports.map(({ stats }) => stats.audioBytesPerSecond),
  );
  row(
    'face, bytes a second',
    reports.map(({ stats }) => stats.faceBytesPerSecond),
  );
  row(
    'lost packets',
    reports.map(({ stats }) => stats.lostPackets),
  );
  const delayMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION_MS).toFixed(1);
  process.stdout.write(
    `event loop delay (server and client in one process): p50 ${delayMs(loop.percentile(50))} ms, p99 ${delayMs(loop.percentile(99))} ms, max ${delayMs(loop.max)} ms\n`,
  );
  process.stdout.write(
    `work of the main thread in one go, whatever else the machine does: p99 ${bursts.percentile(0.99).toFixed(1)} ms, max ${bursts.percentile(1).toFixed(1)} ms\n`,
  );
}
