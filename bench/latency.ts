/**
 * End of speech to first sound, stage by stage, through a real server and real clients, for one, two and four NPCs that talk at
 * once and for a language model behind an endpoint:
 * `npm run latency -w @parley/bench -- [--questions 24] [--only "one NPC"] [--audio a.wav b.flac …]`.
 * Without --audio the questions are spoken by the server's own voice; with it, only Mira is asked, each recording once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import {
  createEngines,
  type Engines,
  OpenAiLlm,
  readAudio,
  type Serving,
  serve,
  type TalkReport,
  talk,
} from '@parley/server';
import { type Case, casesFor, preparePersonas, removePersonas, TO_MIRA, TO_ORSON } from './latency/cases.ts';
import { CASE_HEAD, caseLine, stageLines } from './latency/report.ts';
import { speakQuestion } from './latency/speak-question.ts';
import { watchThreadBursts } from './thread-bursts.ts';

/** How often the event loop is looked at; Node counts this wait as delay. */
const LOOP_RESOLUTION_MS = 5;

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: String(TO_MIRA.length) },
    only: { type: 'string', default: '' },
    audio: { type: 'string', multiple: true },
  },
});

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const write = (line: string) => process.stdout.write(`${line}\n`);
const recordings = values.audio
  ? await Promise.all(values.audio.map((path) => readAudio(path, MICROPHONE_RATE_HZ)))
  : null;
const cases = recordings
  ? casesFor(recordings.length).slice(0, 1)
  : casesFor(Number(values.questions)).filter(({ name }) => name.includes(values.only));

const engines = await createEngines();
const spoken = new Map<string, Float32Array>();
const personasFolder = await preparePersonas(
  folder('examples/metaverse-room/personas'),
  Math.max(1, ...cases.map(({ atOnce }) => atOnce)),
);
const comparison: string[] = [];
for (const situation of cases) {
  const endpoint = situation.remote ? await startEndpoint() : null;
  const serving = await serve({
    port: 0,
    hostname: '127.0.0.1',
    engines: endpoint ? withEndpoint(engines, endpoint.url) : engines,
    personasFolder,
    exportsFolder: folder('models/exports'),
    memoryUrl: 'none',
    watchPersonas: false,
  });
  write(`\n${situation.name} (load ${loadavg()[0]?.toFixed(1)})`);
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  const bursts = watchThreadBursts();
  loop.enable();
  const reports = await measure(situation, serving);
  loop.disable();
  bursts.stop();
  await serving.close();
  endpoint?.process.kill();
  for (const line of stageLines(reports)) write(line);
  const delayMs = (share: number) =>
    Math.max(0, loop.percentile(share) / 1e6 - LOOP_RESOLUTION_MS).toFixed(1);
  write(`event loop (server and clients in one process) late: p50 ${delayMs(50)} ms, p99 ${delayMs(99)} ms`);
  write(
    `work of that thread in one go, whatever else the machine does: p99 ${bursts.percentile(0.99).toFixed(1)} ms, max ${bursts.percentile(1).toFixed(1)} ms`,
  );
  comparison.push(caseLine(situation.name, reports));
}
write(`\n${CASE_HEAD}`);
for (const line of comparison) write(line);
await removePersonas(personasFolder);
await engines.close();
process.exit(0);

async function measure({ npc, atOnce, rounds }: Case, serving: Serving): Promise<TalkReport[]> {
  const reports: TalkReport[] = [];
  for (let round = 0; round < rounds; round++) {
    const asking = Array.from({ length: atOnce }, async (_, visitor) => {
      const pcm = await question(npc, round * atOnce + visitor);
      return talk({ server: serving.url, npc: visitor === 0 ? npc : `${npc}-${visitor + 1}`, pcm });
    });
    for (const result of await Promise.allSettled(asking)) {
      if (result.status === 'rejected') {
        write(`    –    ${(result.reason as Error).message}`);
        continue;
      }
      const { latencies, transcript, reply } = result.value;
      reports.push(result.value);
      write(`${(latencies.firstSoundMs ?? Number.NaN).toFixed(0).padStart(5)} ms  ${transcript} -> ${reply}`);
    }
  }
  return reports;
}

async function question(npc: Case['npc'], index: number): Promise<Float32Array> {
  if (recordings) return recordings[index % recordings.length]!;
  const texts = npc === 'mira' ? TO_MIRA : TO_ORSON;
  const text = texts[index % texts.length]!;
  const pcm = spoken.get(text) ?? (await speakQuestion(engines.tts, text));
  spoken.set(text, pcm);
  return pcm;
}

function withEndpoint(engines: Engines, url: string): Engines {
  const timeouts = { firstByteTimeoutMs: 30_000, idleTimeoutMs: 30_000 };
  return { ...engines, llm: new OpenAiLlm({ url, model: 'smollm2-135m-instruct', ...timeouts }) };
}

/** The same small model behind HTTP, in a process of its own. */
async function startEndpoint(): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./latency/serve-llm.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { url: line.toString().trim(), process: child };
}
