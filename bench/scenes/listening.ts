/**
 * What a listener makes of an open microphone while an NPC speaks, in audio time: real voices, Silero, Opus both ways and a room's echo, but no
 * clock, so that a busy machine gives the same numbers as an idle one.
 * `npm run listening -w @parley/bench [-- --set tuning|by-lot|held-out|other-rooms --only echo --words --lowering known|unknown --verbose]`.
 */
import { parseArgs } from 'node:util';
import type { Asr } from '@parley/server';
import { createAsr, createTts } from '../../packages/server/src/engines/create-engines.ts';
import { SileroVad } from '../../packages/server/src/engines/vad/silero-vad.ts';
import { resolveWeights } from '../../packages/server/src/weights/index.ts';
import { percentile } from '../percentile.ts';
import { wordErrors } from '../word-errors.ts';
import { byLotSet } from './by-lot-set.ts';
import { heldOutSet, type ListeningRow, tuningSet } from './listening-sets.ts';
import { otherRoomsSet } from './other-rooms-set.ts';
import { type Lowering, type Overheard, overhear } from './overhear.ts';

const BARGE_IN_MS = 250;
const SETS = {
  tuning: tuningSet,
  'by-lot': byLotSet,
  'held-out': heldOutSet,
  'other-rooms': otherRoomsSet,
} as const;

const { values } = parseArgs({
  options: {
    /** `tuning`, `by-lot`, `held-out` or `other-rooms`; all by default. */
    set: { type: 'string', default: '' },
    /** Only rows whose name has this in it. */
    only: { type: 'string', default: '' },
    /** Lets the recogniser hear interruptions, instead of taking their words from the script. */
    words: { type: 'boolean', default: false },
    /** Clients lower a voice that may be interrupted, and the ears know of it or not: `no`, `known` or `unknown`. */
    lowering: { type: 'string', default: 'no' },
    /** Names the cases that are not as they should be. */
    verbose: { type: 'boolean', default: false },
  },
});

const LOWERING = values.lowering as Lowering;

const vad = await SileroVad.load((await resolveWeights(['silero-vad'])).get('silero-vad')!);
const tts = await createTts();
const asr = values.words ? await createAsr() : null;
for (const [name, makeSet] of Object.entries(SETS)) {
  if (!name.includes(values.set)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const row of await makeSet(tts.engine))
    if (row.name.includes(values.only)) await (asr ? understand(row, asr.engine) : play(row));
}
await Promise.all([tts.close(), vad.close(), asr?.close()]);

async function play({ name, kind, cases }: ListeningRow): Promise<void> {
  const wrong: string[] = [];
  const times: number[] = [];
  let lowered = 0;
  let stopped = 0;
  for (const { what, ...heard } of cases) {
    const result = await overhear(vad, heard, undefined, LOWERING);
    if (kind === 'interruption' && Number.isFinite(result.reactedMs)) times.push(result.reactedMs);
    lowered += result.events.filter((event) => event === 'suspect').length;
    stopped += Number(result.events.includes('confirm'));
    if (!isRight(kind, result))
      wrong.push(
        `${what}: ${result.early ? 'early ' : ''}${result.reactedMs.toFixed(0)} ms, ${result.events}`,
      );
  }
  const spread =
    times.length > 0
      ? `p50 ${percentile(times, 0.5).toFixed(0)}, p95 ${percentile(times, 0.95).toFixed(0)}, max ${Math.max(...times).toFixed(0)} ms`
      : kind === 'own'
        ? `${lowered} times lowered, ${stopped} fell silent`
        : '';
  const right = `${cases.length - wrong.length}/${cases.length}`;
  process.stdout.write(`${name.padEnd(34)} ${right.padStart(6)}  ${spread}\n`);
  if (values.verbose) for (const line of wrong) process.stdout.write(`    ${line}\n`);
}

/** What the recogniser gets of the interruptions whose words are known. */
async function understand({ name, kind, cases }: ListeningRow, asr: Asr): Promise<void> {
  const wrong: string[] = [];
  const counts = { words: 0, errors: 0, silent: 0, played: 0, errorsWithoutEcho: 0 };
  for (const { what, ...heard } of cases) {
    const { words = '' } = heard.own ?? {};
    if (kind !== 'interruption' || !what.includes(words)) continue;
    const { turns, events } = await overhear(vad, heard, asr, LOWERING);
    const text = turns.join(' ');
    const errors = wordErrors(wordsOf(words), wordsOf(text));
    counts.played++;
    counts.words += wordsOf(words).length;
    counts.errors += errors;
    if (text === '') counts.silent++;
    if (heard.echo) {
      const alone = await overhear(vad, { ...heard, echo: null }, asr);
      counts.errorsWithoutEcho += wordErrors(wordsOf(words), wordsOf(alone.turns.join(' ')));
    }
    if (errors > 0) wrong.push(`${what}: "${text}", ${events}`);
  }
  const { words, errors, silent, played, errorsWithoutEcho } = counts;
  if (played === 0) return;
  const share = (count: number) => `${((100 * count) / words).toFixed(0)} %`;
  const without = errorsWithoutEcho > 0 ? ` (${share(errorsWithoutEcho)} without the echo)` : '';
  const rate = `${share(errors)} of words wrong${without}`;
  process.stdout.write(
    `${name.padEnd(34)} ${`${played - wrong.length}/${played}`.padStart(6)}  ${rate}, nothing understood ${silent} times\n`,
  );
  if (values.verbose) for (const line of wrong) process.stdout.write(`    ${line}\n`);
}

function isRight(kind: ListeningRow['kind'], { events, early, reactedMs }: Overheard): boolean {
  if (kind === 'own') return events.every((event) => event === 'turn');
  if (kind === 'interruption') return !early && reactedMs <= BARGE_IN_MS;
  return !events.includes('suspect') && !events.includes('confirm');
}

/** Words as they are compared: without punctuation and case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
}
