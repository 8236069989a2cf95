import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NewFile } from '../../src/animate/new-file.ts';

const run = promisify(execFile);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-new-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('replaces an older file only when it is whole', async () => {
  const path = join(folder, 'face.csv');
  await writeFile(path, 'old');
  const file = await NewFile.create(path);
  await file.write('new');
  expect(await readFile(path, 'utf8')).toBe('old');
  await file.finish();
  await file.discard();
  expect(await readFile(path, 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['face.csv']);
});

test('leaves the older file when it is discarded, and no listener', async () => {
  const path = join(folder, 'face.csv');
  await writeFile(path, 'old');
  const listeners = process.listenerCount('exit');
  const file = await NewFile.create(path);
  await file.write('new');
  await file.discard();
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['face.csv']);
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('refuses a folder before any work, and what it is made from', async () => {
  await mkdir(join(folder, 'face.json'));
  await expect(NewFile.create(join(folder, 'face.json'))).rejects.toMatchObject({ code: 'cannot-write' });
  const head = join(folder, 'head.glb');
  await writeFile(head, 'head');
  const same = NewFile.create(join(folder, '.', 'head.glb'), [join(folder, 'face.json'), head]);
  await expect(same).rejects.toMatchObject({ code: 'bad-arguments' });
  expect((await readdir(folder)).sort()).toEqual(['face.json', 'head.glb']);
});

/** A disk of 64 KB, where we may make one. */
const disk = await mkdtemp(join(tmpdir(), 'parley-disk-'));
const hasDisk = await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).then(
  () => true,
  () => false,
);
if (!hasDisk) await rm(disk, { recursive: true });

test.skipIf(!hasDisk)('says that the disk is full, and leaves nothing on it', async () => {
  try {
    const file = await NewFile.create(join(disk, 'face.json'));
    const writing = (async () => {
      for (let i = 0; i < 100; i++) await file.write('x'.repeat(10_000));
    })();
    await expect(writing).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining('the disk is full'),
    });
    await file.discard();
    expect(await readdir(disk)).toEqual([]);
  } finally {
    await run('umount', [disk]);
    await rm(disk, { recursive: true });
  }
});
