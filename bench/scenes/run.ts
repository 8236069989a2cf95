/**
 * Scripted scenes with real speech, headless, against the real room with its real engines:
 * `npm run scenes [-- --only echo --voices]`. Prints a table and ends with 1 when something is not as it should be.
 */
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngines, serve, type TurnReport } from '@parley/server';
import { percentile } from '../percentile.ts';
import type { Check, Stage } from './scene.ts';
import { SCENES } from './scenes.ts';
import { findSpeakers } from './voices.ts';

/** Share of labelled utterances that must reach whom they are for. */
const RIGHT_ADDRESSEES = 0.9;
const ADDRESSEE_SCENE = 'who is meant';

const { values } = parseArgs({
  options: {
    /** Plays only the scenes whose name has this in it. */
    only: { type: 'string', default: '' },
  },
});

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const engines = await createEngines();
const reports: TurnReport[] = [];
const serving = await serve({
  port: 0,
  hostname: '127.0.0.1',
  engines,
  personasFolder: folder('examples/metaverse-room/personas'),
  exportsFolder: folder('models/exports'),
  room: { onTurn: (report) => reports.push(report) },
});
const speakers = await findSpeakers(engines.tts);
const stage: Stage = {
  server: serving.url,
  speakers,
  reports,
  say: (text, speaker = 0) => speakers[speaker % speakers.length].speak(text),
};
const print = (line: string) => process.stdout.write(`${line}\n`);
print(`voices: ${speakers.map(({ name }) => name).join(', ')}; load ${loadavg()[0].toFixed(1)}`);

const rows: (readonly [name: string, passed: number, of: number, ok: boolean])[] = [];
const measured = new Map<string, number[]>();
for (const scene of SCENES) {
  if (!scene.name.includes(values.only)) continue;
  print(`\n${scene.name}`);
  let checks: Check[];
  try {
    checks = await scene.play(stage);
  } catch (error) {
    checks = [{ what: 'the scene', ok: false, seen: error instanceof Error ? error.message : String(error) }];
  }
  for (const { what, ok, seen, measured: time } of checks) {
    print(`  ${ok ? 'ok  ' : 'FAIL'} ${what}: ${seen}`);
    if (time) measured.set(time.name, [...(measured.get(time.name) ?? []), time.ms]);
  }
  const passed = checks.filter(({ ok }) => ok).length;
  const needed = scene.name === ADDRESSEE_SCENE ? RIGHT_ADDRESSEES * checks.length : checks.length;
  rows.push([scene.name, passed, checks.length, passed >= needed]);
}

print(`\n${'scene'.padEnd(34)} passed`);
for (const [name, passed, of, ok] of rows)
  print(`${name.padEnd(34)} ${`${passed}/${of}`.padStart(6)}  ${ok ? '' : 'FAILED'}`);
for (const [name, times] of measured)
  print(
    `${`${name}, ms after the first sound`.padEnd(34)} p50 ${percentile(times, 0.5).toFixed(0)}, max ${Math.max(...times).toFixed(0)}`,
  );
print(`load ${loadavg()[0].toFixed(1)}`);
await serving.close();
await engines.close();
process.exit(rows.length > 0 && rows.every(([, , , ok]) => ok) ? 0 : 1);
