/**
 * What a listener makes of an open microphone while an NPC speaks, in audio time: real voices, Silero, Opus both ways and a room's echo, but no
 * clock, so that a busy machine gives the same numbers as an idle one.
 * `npm run listening -w @parley/bench [-- --set tuning|held-out --only echo --verbose]`.
 */
import { parseArgs } from 'node:util';
import { createTts } from '../../packages/server/src/engines/create-engines.ts';
import { SileroVad } from '../../packages/server/src/engines/vad/silero-vad.ts';
import { resolveWeights } from '../../packages/server/src/weights/index.ts';
import { percentile } from '../percentile.ts';
import { heldOutSet, type ListeningRow, tuningSet } from './listening-sets.ts';
import { type Overheard, overhear } from './overhear.ts';

const BARGE_IN_MS = 250;
const SETS = { tuning: tuningSet, 'held-out': heldOutSet } as const;

const { values } = parseArgs({
  options: {
    /** `tuning` or `held-out`; both by default. */
    set: { type: 'string', default: '' },
    /** Only rows whose name has this in it. */
    only: { type: 'string', default: '' },
    /** Names the cases that are not as they should be. */
    verbose: { type: 'boolean', default: false },
  },
});

const vad = await SileroVad.load((await resolveWeights(['silero-vad'])).get('silero-vad')!);
const tts = await createTts();
for (const [name, makeSet] of Object.entries(SETS)) {
  if (!name.includes(values.set)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const row of await makeSet(tts.engine)) if (row.name.includes(values.only)) await play(row);
}
await Promise.all([tts.close(), vad.close()]);

async function play({ name, kind, cases }: ListeningRow): Promise<void> {
  const wrong: string[] = [];
  const times: number[] = [];
  for (const { what, ...heard } of cases) {
    const result = await overhear(vad, heard);
    if (kind === 'interruption' && Number.isFinite(result.reactedMs)) times.push(result.reactedMs);
    if (!isRight(kind, result))
      wrong.push(
        `${what}: ${result.early ? 'early ' : ''}${result.reactedMs.toFixed(0)} ms, ${result.events}`,
      );
  }
  const spread =
    times.length > 0
      ? `p50 ${percentile(times, 0.5).toFixed(0)}, p95 ${percentile(times, 0.95).toFixed(0)}, max ${Math.max(...times).toFixed(0)} ms`
      : '';
  const right = `${cases.length - wrong.length}/${cases.length}`;
  process.stdout.write(`${name.padEnd(34)} ${right.padStart(6)}  ${spread}\n`);
  if (values.verbose) for (const line of wrong) process.stdout.write(`    ${line}\n`);
}

function isRight(kind: ListeningRow['kind'], { events, early, reactedMs }: Overheard): boolean {
  if (kind === 'own') return events.every((event) => event === 'turn');
  if (kind === 'interruption') return !early && reactedMs <= BARGE_IN_MS;
  return !events.includes('suspect') && !events.includes('confirm');
}
