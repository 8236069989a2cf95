// What `npm start` and `npm test` share. Plain JavaScript without dependencies: it runs on a bare clone, on the host's Node.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = 20;
const windows = process.platform === 'win32';

/** A failure whose message is all that the user needs to see. */
export class StageError extends Error {}

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let stopped = false;

// On a terminal Ctrl-C reaches the children by itself; other signals (a supervisor, a CI) are passed on. Either way this
// process waits for them, so that no server is left behind; a second signal ends them at once.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    if (running.size === 0) process.exit(130);
    const passOn = stopped || signal === 'SIGTERM' || !process.stdin.isTTY;
    for (const child of running) if (passOn) child.kill(stopped ? 'SIGKILL' : signal);
    stopped = true;
  });
}

/** Where packages keep the programs that the scripts run. */
const TOOLS = {
  biome: '@biomejs/biome/bin/biome',
  tsc: 'typescript/bin/tsc',
  turbo: 'turbo/bin/turbo',
  vite: 'vite/bin/vite.js',
};

/**
 * Runs a program in the repository and shows its output. No shell stands between, so that arguments with spaces or anything
 * else arrive as they are.
 * @param {string} program Path, or name on PATH.
 * @param {readonly string[]} args
 * @param {{ folder?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<number>} Its exit status; 127 where it could not be started.
 */
export async function run(program, args, { folder = root, env = {} } = {}) {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: 'inherit',
    env: { ...environment(), ...env },
  });
  running.add(child);
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  running.delete(child);
  if (stopped) process.exit(process.exitCode ?? 130);
  return status;
}

/** Node 24, as the `node` package brings it. */
export function nodePath() {
  return join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
}

/**
 * Runs one of our own programs on Node 24.
 * @param {string} script Path from the repository's root.
 * @param {readonly string[]} args
 */
export function runNode(script, args) {
  return run(nodePath(), [join(root, script), ...args]);
}

/**
 * Runs a program that a package brings, on Node 24.
 * @param {keyof typeof TOOLS} tool
 * @param {readonly string[]} args
 * @param {{ folder?: string }} [options]
 */
export function runTool(tool, args, options) {
  return run(nodePath(), [join(root, 'node_modules', TOOLS[tool]), ...args], options);
}

/**
 * Runs npm: the one that called us, else the one beside this Node (as on Windows, where the one on PATH is a shell script), else
 * the one on PATH.
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string> }} [options]
 */
export function runNpm(args, options) {
  const beside = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  const cli = [process.env.npm_execpath ?? '', beside].find(
    (path) => /npm-cli\.[cm]?js$/.test(path) && existsSync(path),
  );
  return cli ? run(process.execPath, [cli, ...args], options) : run('npm', args, options);
}

function environment() {
  const env = { ...process.env };
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  env[name] = [join(root, 'node_modules', 'node', 'bin'), join(root, 'node_modules', '.bin'), env[name]].join(
    delimiter,
  );
  if (env.HTTPS_PROXY ?? env.https_proxy ?? env.HTTP_PROXY ?? env.http_proxy) env.NODE_USE_ENV_PROXY ??= '1';
  env.TURBO_TELEMETRY_DISABLED ??= '1';
  return env;
}

/** Installs the packages with `npm ci` where they are missing or others than the lockfile says. */
export async function installPackages() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new StageError(
      `This is Node ${process.versions.node}, and ${OLDEST_NODE} is the oldest that will do: install a newer one (nodejs.org).`,
    );
  }
  if (packagesMatchLockfile()) return false;
  process.stdout.write('Installing packages (once, a minute or two)…\n');
  const status = await runNpm(['ci', '--no-audit', '--no-fund'], {
    // Their install scripts would fetch large files (CUDA libraries, a llama.cpp build) that are not needed.
    env: {
      ONNXRUNTIME_NODE_INSTALL: process.env.ONNXRUNTIME_NODE_INSTALL ?? 'skip',
      NODE_LLAMA_CPP_SKIP_DOWNLOAD: process.env.NODE_LLAMA_CPP_SKIP_DOWNLOAD ?? 'true',
    },
  });
  if (status === 127) throw new StageError('npm is not on PATH: install Node with npm (nodejs.org).');
  if (status !== 0) {
    throw new StageError(
      'The packages could not be installed (npm says why above): check the network and run it again.',
    );
  }
  if (!existsSync(nodePath())) {
    throw new StageError(
      'The package "node" brought no Node 24: run `npm ci --foreground-scripts` and see what it says.',
    );
  }
  return true;
}

/** Compares what npm noted about node_modules with the lockfile, entry by entry. */
function packagesMatchLockfile() {
  const wanted = readLockfile(join(root, 'package-lock.json'));
  const installed = readLockfile(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed || !existsSync(nodePath())) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    const found = installed[path];
    if (!found) return path === '' || entry.optional || entry.devOptional || entry.peer || entry.extraneous;
    return found.version === entry.version;
  });
}

/** @param {string} path */
function readLockfile(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Fetches the default weights; their own command explains what goes wrong. */
export async function fetchWeights() {
  const status = await runNode('packages/server/src/cli/parley.ts', ['models', 'fetch']);
  if (status !== 0) throw new StageError('The weights are not complete (see above).');
}

/**
 * Runs a script's main function; a StageError ends it with one line.
 * @param {() => Promise<number>} main Resolves to the exit status.
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
