import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../src/cli/parley.ts', import.meta.url));
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-models-'));
});

afterEach(async () => {
  await rm(cache, { recursive: true, force: true });
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function parley(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, PARLEY_CACHE: cache, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return new Promise<Outcome>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

test('an empty cache lists every file as missing', async () => {
  const { status, stdout } = await parley(['models', '--json']);
  const listings = JSON.parse(stdout) as { weight: { id: string }; state: string; path: string }[];
  expect(status).toBe(0);
  expect(listings.map(({ weight }) => weight.id)).toContain('silero-vad');
  expect(listings.every(({ state, path }) => state === 'missing' && path.startsWith(cache))).toBe(true);
});

test('verify tells a damaged file from a missing one, and remove deletes it', async () => {
  await mkdir(join(cache, 'weights'));
  await writeFile(join(cache, 'weights', 'piper-en_US-joe-medium.onnx.json'), '{}');
  const { status, stdout, stderr } = await parley(['models', 'verify', 'piper-joe']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^piper-joe +missing .*\npiper-joe-config +wrong /);
  expect(stderr).toBe('parley: 2 of 2 files are missing or wrong: run `parley models fetch piper-joe`.\n');
  expect((await parley(['models', 'remove', 'piper-joe', '--json'])).stdout).toBe('["piper-joe-config"]\n');
});

test('a failure is one line on stderr', async () => {
  const unknown = await parley(['models', 'fetch', 'nobody']);
  expect(unknown.status).toBe(1);
  expect(unknown.stderr).toMatch(/^parley: There is no weight called "nobody"\. Known are: .*\n$/);
});

test('without a network fetch says where to put the file', async () => {
  const unreachable = { PATH: cache, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://127.0.0.1:1' };
  const { status, stderr } = await parley(['models', 'fetch', 'silero-vad'], unreachable);
  expect(status).toBe(1);
  expect(stderr).toContain(`copy the file to ${join(cache, 'weights', 'silero-vad.onnx')}`);
});
