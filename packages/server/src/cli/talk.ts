import { writeFile } from 'node:fs/promises';
import { MICROPHONE_RATE_HZ, ParleyError } from '@parley/sdk';
import { Command } from 'commander';
import { readAudio } from '../audio/read-audio.ts';
import { writeWav } from '../audio/write-wav.ts';
import { REPLY_RATE_HZ, type TalkReport, talk } from '../talk/talk.ts';

interface TalkArguments {
  readonly audio?: string;
  readonly text?: string;
  readonly npc?: string;
  readonly server: string;
  readonly room: string;
  readonly json?: true;
  readonly out?: string;
  readonly timeout: string;
}

/** `parley talk`: a visitor without a browser, the smoke test of a deployment. */
export const command = new Command('talk')
  .option('--audio <file>', 'speech to send in real time: WAV, FLAC, or what ffmpeg reads')
  .option('--text <words>', 'typed words instead')
  .option('--npc <id>', 'whom to talk to (default: the first)')
  .option('--server <url>', 'the room server', 'http://localhost:2567')
  .option('--room <name>', 'name of the room', 'parley')
  .option('--json', 'print JSON')
  .option('--out <file>', 'write the reply as WAV')
  .option('--timeout <seconds>', 'longest wait for the reply', '60')
  .action(run);

async function run(options: TalkArguments): Promise<void> {
  const { audio, text, npc, server, room, out } = options;
  if ((audio === undefined) === (text === undefined))
    throw new ParleyError('bad-arguments', 'Give either --audio or --text');
  const timeoutMs = Number(options.timeout) * 1000;
  if (!(timeoutMs > 0)) throw new ParleyError('bad-arguments', '--timeout is a number of seconds');
  const pcm = audio === undefined ? undefined : await readAudio(audio, MICROPHONE_RATE_HZ);
  const report = await talk({ server, room, npc, text, pcm, timeoutMs });
  if (out) await writeFile(out, writeWav(report.pcm, REPLY_RATE_HZ));
  const { pcm: _pcm, ...plain } = report;
  process.stdout.write(options.json ? `${JSON.stringify(plain, null, 2)}\n` : describe(report, out));
  // Colyseus' client keeps a timer for a while after leaving.
  process.exit(0);
}

function describe(
  { npc, transcript, reply, latencies, stages, stats, notices }: TalkReport,
  out?: string,
): string {
  const ms = (value: number | null | undefined) =>
    value === null || value === undefined ? '-' : `${Math.round(value)} ms`;
  const lines = [
    `you    ${transcript}`,
    `${npc.padEnd(6)} ${reply}`,
    '',
    `after the end of speech: transcript ${ms(latencies.transcriptMs)}, first packet ${ms(latencies.firstPacketMs)}, first sound ${ms(latencies.firstSoundMs)}, first motion ${ms(latencies.firstMotionMs)}`,
  ];
  if (stages)
    lines.push(
      `on the server: endpointing ${ms(stages.endpointingMs)} (recognition ${ms(stages.asrMs)}), first token ${ms(stages.llmFirstTokenMs)}, first clause ${ms(stages.firstClauseMs)}, voice ${ms(stages.ttsMs)}, face ${ms(stages.faceMs)}, in all ${ms(stages.totalMs)}`,
    );
  lines.push(
    `reply: ${(stats.durationMs / 1000).toFixed(1)} s, ${stats.packets} packets (${stats.lostPackets} lost), ${stats.codeFrames} face frames, voice ${Math.round(stats.audioBytesPerSecond)} B/s, face ${Math.round(stats.faceBytesPerSecond)} B/s`,
    ...notices.map((notice) => `notice: ${notice}`),
  );
  if (out) lines.push(`written to ${out}`);
  return `${lines.join('\n')}\n`;
}
