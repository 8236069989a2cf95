import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeWav } from '../../src/audio/write-wav.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PARLEY = join(import.meta.dirname, '../../src/cli/parley.ts');
const HEADS = join(import.meta.dirname, '../../../../examples/metaverse-room/public/heads');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-animate-cli-'));
  await writeFile(join(folder, 'short.wav'), writeWav(new Float32Array(4_000), 8_000));
  await writeFile(join(folder, 'long.wav'), writeWav(new Float32Array(600 * 8_000), 8_000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PARLEY, 'animate', ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

test.each([
  ['nothing to animate', ['--out', 'a.json'], 'sound file'],
  ['two things to animate', ['a.wav', '--text', 'a', '--out', 'a.json'], 'either'],
  ['nowhere to write', ['a.wav'], '--out'],
  ['an unknown ending', ['a.wav', '--out', 'a.avi'], '.json, .csv, .glb, .mp4, .webm'],
  ['an unknown emotion', ['a.wav', '--out', 'a.json', '--emotion', 'bliss'], 'happy-for'],
  ['an emotion beyond measure', ['a.wav', '--out', 'a.json', '--emotion', 'joy:7'], 'from 0 to 1'],
  ['an unknown encoder', ['a.wav', '--out', 'a.json', '--encoder', 'big'], 'small, server'],
  ['a seed that is none', ['a.wav', '--out', 'a.json', '--seed', 'x'], 'whole number'],
  ['an odd size', ['a.wav', '--out', 'a.mp4', '--size', '721'], 'even'],
])('misuse: %s', async (_what, args, words) => {
  const { command } = await importFresh();
  const attempt = command.parseAsync(args, { from: 'user' });
  await expect(attempt).rejects.toMatchObject({
    code: 'bad-arguments',
    message: expect.stringContaining(words),
  });
});

/** A command keeps the options of its last run. */
async function importFresh(): Promise<typeof import('../../src/cli/animate.ts')> {
  vi.resetModules();
  return await import('../../src/cli/animate.ts');
}

test.each([
  ['misuse', ['a.wav'], 2, '--out'],
  ['an unknown option', ['a.wav', '--fast'], 2, '--fast'],
  ['failure', ['none.wav', '--out', 'a.json'], 1, 'none.wav cannot be read: there is no such file'],
  ['a head that is not there', ['short.wav', '--head', 'none.glb', '--out', 'a.json'], 1, 'no such file'],
  ['a head that is a folder', ['short.wav', '--head', '.', '--out', 'a.json'], 1, 'it is a folder'],
  ['sound that is a folder', ['.', '--out', 'a.json'], 1, '. cannot be read: it is a folder'],
  [
    'a model that is not there',
    ['short.wav', '--exports', '.', '--out', 'a.json'],
    1,
    'manifest.json is not in',
  ],
  ['a size that is none', ['short.wav', '--size', 'big', '--out', 'a.mp4'], 2, '--size is a whole number'],
  [
    'an emotion without its measure',
    ['short.wav', '--emotion', 'joy:x', '--out', 'a.json'],
    2,
    'such as joy:0.3',
  ],
  ['two files', ['short.wav', 'long.wav', '--out', 'a.json'], 2, 'too many arguments'],
])('one line and the exit code for %s', async (_what, args, code, words) => {
  const { ended } = start(args);
  const result = await ended;
  expect(result.stderr).toContain(words);
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(result).toMatchObject({ code, stdout: '' });
  expect((await readdir(folder)).sort()).toEqual(['long.wav', 'short.wav']);
});

test.each([
  ['a folder', 'taken.json', 1, 'it is a folder'],
  ['what it reads', 'short.wav', 2, 'must end in'],
])('%s is not written over', async (_what, out, code, words) => {
  await mkdir(join(folder, 'taken.json'));
  const { ended } = start(['short.wav', '--out', out]);
  expect(await ended).toMatchObject({ code, stderr: expect.stringContaining(words) });
  await rm(join(folder, 'taken.json'), { recursive: true });
});

test('a head that is read is not written over, under whatever name', async () => {
  await copyFile(join(HEADS, 'guide.glb'), join(folder, 'guide.glb'));
  await symlink('guide.glb', join(folder, 'link.glb'));
  const before = await stat(join(folder, 'guide.glb'));
  for (const out of ['guide.glb', './guide.glb', 'link.glb']) {
    const { ended } = start(['short.wav', '--head', 'guide.glb', '--out', out]);
    expect(await ended).toMatchObject({ code: 2, stderr: expect.stringContaining('is what is read') });
  }
  expect((await stat(join(folder, 'guide.glb'))).mtimeMs).toBe(before.mtimeMs);
  await rm(join(folder, 'guide.glb'));
  await rm(join(folder, 'link.glb'));
});

test('a reader that goes away is told in one line', async () => {
  const { child, ended } = start(['short.wav', '--out', '-', '--encoder', 'small']);
  child.stdout?.destroy();
  const { code, stderr } = await ended;
  expect(stderr).toBe('parley: Standard output was closed before all was written\n');
  expect(code).toBe(1);
});

test('JSON on standard output', async () => {
  const { ended } = start(['short.wav', '--out', '-', '--encoder', 'small']);
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout).codes).toHaveLength(15);
});

test.each([
  ['once', 'SIGINT', 'csv', 'parley: interrupted; nothing was written\n'],
  ['once', 'SIGTERM', 'json', 'parley: interrupted; nothing was written\n'],
  // The second does not wait, and says nothing.
  ['twice', 'SIGINT', 'glb', expect.any(String)],
] as const)('interrupted %s by %s it leaves no half .%s', async (times, signal, ending, stderr) => {
  const { child, ended } = start(['long.wav', '--out', `long.${ending}`, '--encoder', 'small']);
  while (!(await readdir(folder)).some((name) => name.includes(`long.${ending}`)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill(signal);
  if (times === 'twice') child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 130, stderr });
  expect((await readdir(folder)).sort()).toEqual(['long.wav', 'short.wav']);
});
