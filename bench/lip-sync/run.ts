/**
 * Parley's lips beside those of other lip-sync for the web, on the same real clips, scored on the same head:
 * `npm run lip-sync -w @parley/bench -- [--data FOLDER] [--only parley,oracle,…] [--clips N] [--exports FOLDER] [--out FILE]`.
 * The folder (or PARLEY_SPEECH_DATA) has LJSpeech clips, `LJ*.flac`, and `lj_phones.tsv.gz`, their phones with milliseconds.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBrowser } from '../../packages/server/src/animate/film/find-browser.ts';
import { GROUPS, LINES, type Line } from './lines.ts';
import { measureLines } from './measure-lines.ts';
import { findClips, readClips } from './read-clips.ts';
import { markdownTable, reportLines } from './report.ts';
import { LIP_SCORE_DEFAULTS } from './score-lips.ts';
import { TemplateMouth } from './template-mouth.ts';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env.PARLEY_SPEECH_DATA },
    only: { type: 'string', default: GROUPS.join(',') },
    clips: { type: 'string' },
    exports: { type: 'string', default: process.env.PARLEY_EXPORTS ?? folder('../../models/exports') },
    out: { type: 'string', default: folder('../results/lip-sync.json') },
  },
});

const only = values.only.split(',').map((name) => {
  const group = GROUPS.find((known) => known === name);
  return group ?? stop(`--only knows ${GROUPS.join(', ')}, not "${name}"`);
});
if (!values.data) stop('Say where the recorded speech is: --data FOLDER or PARLEY_SPEECH_DATA.');
// npm runs this in its workspace; what the user wrote is relative to where they are.
const data = resolve(process.env.INIT_CWD ?? '.', values.data);
const ids =
  (await findClips(data)) ??
  stop(
    `${data} has no recorded speech: it needs LJSpeech clips (*.flac) and lj_phones.tsv.gz, their phones.`,
  );
const count = values.clips === undefined ? ids.length : Number(values.clips);
if (!Number.isInteger(count) || count < 1)
  stop(`--clips must be a whole number from 1 on, not ${values.clips}`);

const needsBrowser = LINES.some(({ group, track }) => track && only.includes(group));
const chromium = findBrowser();
if (needsBrowser && !chromium)
  stop(
    `No Chromium here, and the peers live in one: install it, set CHROMIUM_PATH, or leave them out with --only ${withoutBrowser()}.`,
  );

const startMs = performance.now();
const all = await readClips(data, ids);
const clips = all.slice(0, count);
const seconds = clips.reduce((sum, { phones }) => sum + phones.at(-1)!.endMs / 1000, 0);
process.stdout.write(`${clips.length} clips, ${seconds.toFixed(0)} s of speech\n`);
const exportsFolder = resolve(process.env.INIT_CWD ?? '.', values.exports);
const template = await TemplateMouth.load(exportsFolder);
const measured = await measureLines(clips, {
  template,
  exportsFolder,
  chromium,
  only,
  calibration: all,
  onProgress: (done, total, what) => process.stdout.write(`${String(done).padStart(3)}/${total}  ${what}\n`),
});
const lines = reportLines(clips, measured);
const out = resolve(process.env.INIT_CWD ?? '.', values.out);
await mkdir(dirname(out), { recursive: true });
const { name, trainingCommit } = template.manifest;
const report = {
  model: { name, trainingCommit },
  clips: clips.map(({ id }) => id),
  seconds,
  settings: LIP_SCORE_DEFAULTS,
  lines,
};
await writeFile(out, `${JSON.stringify(report, null, 1)}\n`);
process.stdout.write(
  `\n${markdownTable(lines)}\n\nWhere two numbers stand: at zero lag → at the line's best lag. ${((performance.now() - startMs) / 1000).toFixed(0)} s; all numbers in ${out}\n`,
);
process.exit(0);

function withoutBrowser(): string {
  const groups = new Set<Line['group']>(LINES.filter(({ track }) => !track).map(({ group }) => group));
  return [...groups].join(',');
}

function stop(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
