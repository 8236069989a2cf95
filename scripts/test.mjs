// `npm test`: from a bare clone to one line, "N passed, N failed, N skipped". Everything runs for real: engines, weights, browser.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  fetchWeights,
  installPackages,
  nodePath,
  root,
  runMain,
  runNpm,
  runTool,
  StageError,
} from './stage.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
/** What failed and with which words, said again at the end, where the output of a long run is cut. */
const failures = [];

await runMain(async () => {
  const steps = [];
  try {
    await step(steps, 'install', async () => {
      await installPackages();
      return true;
    });
    await step(steps, 'weights', async () => {
      await fetchWeights();
      return true;
    });
    await check(steps, 'lint', ['biome', ['check', '.']]);
    await check(steps, 'typecheck', [
      'turbo',
      ['run', 'typecheck', '--continue', '--output-logs=errors-only'],
    ]);
    await check(steps, 'build', ['turbo', ['run', 'build', '--continue', '--output-logs=errors-only']]);
    const chromium = findChromium();
    if (chromium) process.env.CHROMIUM_PATH = chromium;
    else
      process.stdout.write(
        '\nNo Chromium here: set CHROMIUM_PATH to run the browser tests, they are skipped now.\n',
      );
    for (const { name, script } of testScripts()) {
      await step(steps, `${script} ${name}`, () => runVitest(name, script));
    }
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
  }
  if (failures.length > 0) process.stdout.write(`\n── failed\n\n${failures.join('\n\n')}\n`);
  process.stdout.write(
    `\n${steps.map(({ name, ok, seconds }) => `${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`).join('\n')}\n`,
  );
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  return counts.failed === 0 ? 0 : 1;
});

/** Where the server finds a browser; asked on Node 24, since its sources are TypeScript and this may be an older one. */
function findChromium() {
  const look = "import { findBrowser } from './packages/server/src/animate/film/find-browser.ts'";
  const print = "process.stdout.write(findBrowser() ?? '')";
  const { status, stdout } = spawnSync(nodePath(), ['--input-type=module', '-e', `${look}; ${print}`], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new StageError('The browser that CHROMIUM_PATH names is not there (see above).');
  return stdout;
}

/**
 * @param {{ name: string, ok: boolean, seconds: string }[]} steps
 * @param {string} name
 * @param {() => Promise<boolean>} work Throws a StageError where going on makes no sense.
 */
async function step(steps, name, work) {
  process.stdout.write(`\n── ${name}\n`);
  const startMs = performance.now();
  const done = { name, ok: false, seconds: '' };
  steps.push(done);
  try {
    done.ok = await work();
  } catch (error) {
    counts.failed += 1;
    throw error;
  } finally {
    done.seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  }
}

/**
 * A step without tests of its own; where it fails, that counts as one failure.
 * @param {Parameters<typeof step>[0]} steps
 * @param {string} name
 * @param {[Parameters<typeof runTool>[0], string[]]} command
 */
function check(steps, name, [tool, args]) {
  return step(steps, name, async () => {
    const ok = (await runTool(tool, args)) === 0;
    if (!ok) counts.failed += 1;
    return ok;
  });
}

/** The `test` scripts of all workspaces, in the order of the data flow, then the `e2e` scripts. */
function testScripts() {
  const workspaces = [
    'packages/sdk',
    'packages/server',
    'packages/babylon-plugin',
    ...folders('examples'),
    'bench',
  ];
  const named = workspaces.map((folder) =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
  );
  return ['test', 'e2e'].flatMap((script) =>
    named.filter(({ scripts }) => scripts?.[script]).map(({ name }) => ({ name, script })),
  );
}

/** @param {string} parent */
function folders(parent) {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
}

/**
 * Runs a workspace's vitest script and adds up its report.
 * @param {string} workspace
 * @param {string} script
 */
async function runVitest(workspace, script) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'));
  const report = join(folder, 'report.json');
  try {
    const status = await runNpm([
      'run',
      script,
      '-w',
      workspace,
      '--',
      '--passWithNoTests',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]);
    const failed = addReport(report, workspace);
    // An error outside of any test (a suite that does not load, an unhandled rejection) is a failure too, and so is silence.
    const isWrong = failed === undefined || (status !== 0 && failed === 0);
    if (isWrong) counts.failed += 1;
    return !isWrong && failed === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} path
 * @param {string} workspace
 * @returns {number | undefined} How many tests failed; undefined where vitest wrote no report.
 */
function addReport(path, workspace) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
  counts.passed += report.numPassedTests;
  counts.failed += report.numFailedTests;
  counts.skipped += report.numPendingTests + report.numTodoTests;
  for (const { name: file, message, assertionResults } of report.testResults) {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages } of failed)
      failures.push(
        `${workspace} ${relative(root, file)} > ${fullName}\n${firstLines(failureMessages.join('\n'))}`,
      );
    if (message && failed.length === 0)
      failures.push(`${workspace} ${relative(root, file)}\n${firstLines(message)}`);
  }
  return report.numFailedTests;
}

/** @param {string} text */
function firstLines(text) {
  return text.split('\n').slice(0, 8).join('\n');
}
