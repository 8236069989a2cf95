import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { Command } from 'commander';
import { OWN_EXPORTS } from '../animate/face-model-files.ts';
import { NewFile } from '../animate/new-file.ts';
import type { BindOutcome } from '../bind/bind-head-file.ts';
import { createStepReporter } from './step-reporter.ts';

interface BindArguments {
  readonly points?: string;
  readonly out?: string;
  readonly report?: string;
  readonly sheet?: string;
  readonly ask?: true;
  readonly exports?: string;
}

const MISUSE = 2;

/** `parley bind`: any head in, a rig out. */
export const command = new Command('bind')
  .argument('<head>', 'a head, or a body with one: .obj, .glb, .gltf or .vrm')
  .option(
    '--points <file>',
    'points of the face set by hand, as this command proposes them when it is unsure',
  )
  .option(
    '--out <file>',
    'what to write: .parley-rig, or .glb: the head with the ARKit shapes as morph targets',
  )
  .option('--report <file>', 'write what was found, as JSON')
  .option('--sheet <file>', 'write a picture of the head in poses of speech, as PNG')
  .option('--ask', 'open a page to set points on the turning head, hear it speak and save its rig')
  .option('--exports <folder>', 'folder of the face model')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : MISUSE))
  .action(run);

async function run(headPath: string, options: BindArguments): Promise<void> {
  const { points: pointsPath, out, report, sheet, exports: exportsPath = OWN_EXPORTS } = options;
  if (!out && !report && !sheet)
    throw misuse(`Say where to write: parley bind ${headPath} --out ${stem(headPath)}.parley-rig`);
  if (out && !['.parley-rig', '.glb'].includes(extname(out).toLowerCase()))
    throw misuse(`${out} must end in .parley-rig or .glb: the ending says what to write`);
  if (options.ask && (!out || report || sheet))
    throw misuse('--ask takes --out and neither --report nor --sheet');
  if (sheet && extname(sheet).toLowerCase() !== '.png') throw misuse(`${sheet} must end in .png`);

  // The nets are loaded only when there is work for them.
  const { runBinding } = await import('../bind/run-binding.ts');
  const stop = new AbortController();
  const cancel = () => stop.abort(new ParleyError('cancelled', 'interrupted; nothing was written'));
  process.once('SIGINT', cancel).once('SIGTERM', cancel);
  const reporter = createStepReporter(process.stderr);
  const files: NewFile[] = [];
  try {
    // Before the long work: a place that cannot be written to.
    const [outFile, reportFile, sheetFile] = [
      await create(files, out),
      await create(files, report),
      await create(files, sheet),
    ];
    const outcome = await runBinding(
      { headPath, pointsPath, exportsPath, sheet: sheet !== undefined, points: options.ask },
      { signal: stop.signal, onStep: (step, part) => reporter.show(step, part) },
    );
    if (options.ask) {
      const { askInBrowser } = await import('../bind/ask-in-browser.ts');
      const rig = await askInBrowser({
        headPath,
        exportsPath,
        points: outcome.proposals[0] ?? (await readFile(pointsPath ?? '', 'utf8')),
        signal: stop.signal,
        onStep: (step, part) => reporter.show(step, part),
        onReady: (url) => {
          reporter.close();
          process.stdout.write(`${url}\n`);
        },
      });
      await outFile?.writeAt(await outBytes(headPath, out ?? '', rig), 0);
      await outFile?.finish();
      return;
    }
    if (outcome.rig) await outFile?.writeAt(await outBytes(headPath, out ?? '', outcome.rig), 0);
    await reportFile?.write(`${JSON.stringify(outcome.report, plain, 2)}\n`);
    if (outcome.sheet) await sheetFile?.writeAt(outcome.sheet, 0);
    stop.signal.throwIfAborted();
    reporter.close();
    await reportFile?.finish();
    if (outcome.sheet) await sheetFile?.finish();
    if (!outcome.rig) throw await unbound(headPath, outcome, options);
    await outFile?.finish();
    process.stderr.write(`${describe(outcome)}\n`);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error;
  } finally {
    for (const file of files) await file.discard();
    reporter.close();
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

async function create(files: NewFile[], path: string | undefined): Promise<NewFile | null> {
  if (path === undefined) return null;
  const file = await NewFile.create(path);
  files.push(file);
  return file;
}

async function outBytes(headPath: string, out: string, rig: Uint8Array): Promise<Uint8Array> {
  if (extname(out).toLowerCase() !== '.glb') return rig;
  const { boundGlb } = await import('../bind/bound-glb.ts');
  return boundGlb(headPath, rig);
}

/** Writes proposed points where they can be found, and says what to do with them. */
async function unbound(
  headPath: string,
  { report, proposals }: BindOutcome,
  { out, sheet }: BindArguments,
): Promise<ParleyError> {
  const code = report.status === 'unsure' ? 'face-unsure' : 'binding-refused';
  const name = basename(headPath);
  if (proposals.length === 0) return new ParleyError(code, `${name}: ${report.message}`);
  const base = out ? out.slice(0, -extname(out).length) : stem(headPath);
  const paths = proposals.map((_, i) => `${base}.points${i === 0 ? '' : `-${i + 1}`}.json`);
  for (const [i, text] of proposals.entries()) await writeFile(paths[i]!, text);
  const drawn = sheet ? ` (drawn in ${sheet})` : '';
  const which =
    paths.length > 1
      ? `choose one of ${paths.join(', ')}`
      : `check the points in ${paths[0]}${drawn}, above all mouthRight, mouthLeft, upperLip, lips, lowerLip, chin and the corners of the eyes`;
  return new ParleyError(
    code,
    `${name}: ${report.message} Then ${which}, and run: parley bind ${headPath} --points ${paths[0]}${out ? ` --out ${out}` : ''}`,
  );
}

/** Typed arrays of similarities become plain ones. */
function plain(_: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
}

function stem(path: string): string {
  return basename(path, extname(path));
}

function misuse(message: string): ParleyError {
  return new ParleyError('bad-arguments', message);
}

function describe({ report }: BindOutcome): string {
  const { binding, orientation } = report;
  const { controls } = binding ?? {};
  return [
    report.message,
    ...(orientation ? [`In its file ${orientation.words}.`] : []),
    ...(binding
      ? [
          `Mouth: ${binding.mouth}; eyes: ${binding.eyes.left}, ${binding.eyes.right}; surface ${binding.distanceMm.mean.toFixed(2)} mm off, landmarks ${binding.landmarkResidualMm.toFixed(1)} mm.`,
        ]
      : []),
    ...(controls
      ? [
          `Controls: ${controls.own.length} of its own, ${controls.bones.length} by bones, ${controls.visemes.length} by visemes; ${controls.others.length} are not among them.`,
        ]
      : []),
    ...report.warnings,
  ].join('\n');
}
