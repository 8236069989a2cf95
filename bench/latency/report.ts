import type { TalkReport } from '@parley/server';
import { percentile } from '../percentile.ts';

type Stage = keyof NonNullable<TalkReport['stages']>;
type Values = readonly (number | null | undefined)[];

/** p50 and p95 of every stage, ms, one line each. */
export function stageLines(reports: readonly TalkReport[]): string[] {
  const stage = (key: Stage) => reports.map(({ stages }) => stages?.[key]);
  const line = (name: string, values: Values) => `${name.padEnd(54)}${columns(values)}`;
  return [
    `${`${reports.length} questions, ms`.padEnd(54)}    p50    p95`,
    line('endpointing (silence until the turn is over)', stage('endpointingMs')),
    line('  recognition, while endpointing waits', stage('asrMs')),
    line('end of voice to transcript', stage('transcriptMs')),
    line('transcript to first token', stage('llmFirstTokenMs')),
    line('first token to first clause', stage('firstClauseMs')),
    line('first clause to its voice', stage('ttsMs')),
    line('voice to first block with its face', stage('faceMs')),
    line('end of voice to first block sent', stage('totalMs')),
    line(
      'network, and where either side puts the end of voice',
      reports.map(({ latencies, stages }) => stages && latencies.firstPacketMs - stages.totalMs),
    ),
    line(
      'end of voice to first packet at the client',
      reports.map(({ latencies }) => latencies.firstPacketMs),
    ),
    line('END OF VOICE TO FIRST SOUND', firstSounds(reports)),
    line(
      'END OF VOICE TO FIRST MOTION',
      reports.map(({ latencies }) => latencies.firstMotionMs),
    ),
    line(
      'voice, bytes a second',
      reports.map(({ stats }) => stats.audioBytesPerSecond),
    ),
    line(
      'face, bytes a second',
      reports.map(({ stats }) => stats.faceBytesPerSecond),
    ),
    line(
      'lost packets',
      reports.map(({ stats }) => stats.lostPackets),
    ),
  ];
}

/** One line that compares situations: first sound at the client, and the stages that it is made of. */
export function caseLine(name: string, reports: readonly TalkReport[]): string {
  const stage = (key: Stage) => reports.map(({ stages }) => stages?.[key]);
  const middle = (key: Stage) =>
    percentile(known(stage(key)), 0.5)
      .toFixed(0)
      .padStart(9);
  const stages = (['transcriptMs', 'llmFirstTokenMs', 'firstClauseMs', 'ttsMs', 'faceMs'] as const).map(
    middle,
  );
  return `${name.padEnd(40)}${String(reports.length).padStart(4)}${columns(firstSounds(reports))}${stages.join('')}`;
}

export const CASE_HEAD = `${'end of voice to first sound, ms'.padEnd(40)}   n    p50    p95   p50 of: transcript, first token, first clause, voice, face`;

function firstSounds(reports: readonly TalkReport[]): Values {
  return reports.map(({ latencies }) => latencies.firstSoundMs);
}

function known(values: Values): number[] {
  return values.filter((value): value is number => typeof value === 'number');
}

function columns(values: Values): string {
  return [0.5, 0.95].map((share) => percentile(known(values), share).toFixed(0).padStart(7)).join('');
}
