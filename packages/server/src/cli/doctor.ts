import { availableParallelism, totalmem } from 'node:os';
import { ParleyError } from '@parley/sdk';
import { Command } from 'commander';
import type { EngineInfo } from '../engines/contracts.ts';
import { createEngines } from '../engines/create-engines.ts';
import { type EngineSpeed, measureEngines } from '../engines/measure-engines.ts';

/** What `parley doctor --json` prints. */
interface Report {
  readonly ok: boolean;
  readonly machine: { readonly node: string; readonly cores: number; readonly memoryMb: number };
  readonly engines: (EngineInfo & Partial<Omit<EngineSpeed, 'kind'>>)[];
  readonly rssMb: number;
  readonly problem?: { readonly code: string; readonly message: string };
}

/** `parley doctor [--json]`. */
export const command = new Command('doctor')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Engines are chosen by environment variables, the same for every command:
  PARLEY_LLM_URL, PARLEY_LLM_MODEL, PARLEY_LLM_KEY   an OpenAI-compatible endpoint, or the path of a GGUF file as the model
  PARLEY_ASR_URL, PARLEY_ASR_MODEL, PARLEY_ASR_KEY   likewise; PARLEY_ASR_LANGUAGE (en, de, ..., several with commas, auto)
  PARLEY_TTS_URL, PARLEY_TTS_MODEL, PARLEY_TTS_KEY   likewise; PARLEY_TTS_VOICE, PARLEY_TTS_FORMAT (pcm, wav), PARLEY_TTS_RATE_HZ
  PARLEY_{ASR,LLM,TTS}_DEVICE (auto, cpu, cuda), PARLEY_{ASR,LLM,TTS}_THREADS`,
  )
  .action(examine);

async function examine({ json }: { readonly json?: true }): Promise<void> {
  const report = await makeReport(json ? () => {} : (line) => process.stdout.write(`${line}\n`));
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (report.problem) process.stdout.write(`\n✗ ${report.problem.message}\n`);
  else process.stdout.write(`\n✓ every engine works; ${report.rssMb} MB in this process\n`);
  if (!report.ok) process.exitCode = 1;
}

async function makeReport(say: (line: string) => void): Promise<Report> {
  const machine = {
    node: process.version,
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 2 ** 20),
  };
  say(`Node ${machine.node}, ${machine.cores} cores, ${machine.memoryMb} MB`);
  const found: Report['engines'] = [];
  let memoryMb = 0;
  try {
    const engines = await createEngines();
    try {
      await measureEngines(engines, (speed) => {
        const info = engines.info.find(({ kind }) => kind === speed.kind)!;
        const line = { ...info, ...speed };
        found.push(line);
        say(format(line));
      });
      memoryMb = rssMb();
    } finally {
      await engines.close();
    }
  } catch (error) {
    return { ok: false, machine, engines: found, rssMb: memoryMb || rssMb(), problem: describe(error) };
  }
  return { ok: true, machine, engines: found, rssMb: memoryMb };
}

const NAMES: Readonly<Record<EngineInfo['kind'], string>> = {
  vad: 'voice activity',
  asr: 'speech to text',
  llm: 'language model',
  tts: 'voice',
  face: 'face',
  embed: 'meaning',
  rerank: 'answers',
};

function format(line: EngineInfo & EngineSpeed): string {
  const speed = `${line.value.toFixed(line.value < 10 ? 2 : 0)} ${line.unit}`;
  return [
    `✓ ${NAMES[line.kind].padEnd(15)}`,
    line.model.padEnd(24),
    `loaded in ${(line.loadMs / 1000).toFixed(1)} s`.padEnd(17),
    speed.padEnd(18),
    `first result ${Math.round(line.firstMs)} ms`.padEnd(22),
    line.device,
  ].join(' ');
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof ParleyError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof TypeError ? 'bad-option' : 'engine-failed', message };
}

function rssMb(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
