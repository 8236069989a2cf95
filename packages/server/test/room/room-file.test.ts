import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRoomFile } from '../../src/room/room-file.ts';

const folderWith = async (yaml?: string) => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-room-'));
  if (yaml !== undefined) await writeFile(join(folder, 'room.yaml'), yaml);
  return folder;
};

test('a folder without room.yaml says nothing of the place, an empty file neither', async () => {
  expect(await loadRoomFile(await folderWith())).toEqual({});
  expect(await loadRoomFile(await folderWith(''))).toEqual({});
});

test('a spawn has defaults', async () => {
  const { spawn } = await loadRoomFile(await folderWith('spawn: { x: 1, z: 2 }'));
  expect(spawn).toEqual({ x: 1, y: 0, z: 2, yaw: 0, radiusM: 1 });
});

test.each([
  ['spawn: [', 'is not valid YAML'],
  ['hearingRangeM: -1', 'hearingRangeM'],
  ['spwan: { x: 1, z: 2 }', 'spwan'],
])('%j is refused with its file and the key at fault', async (yaml, fault) => {
  const loading = loadRoomFile(await folderWith(yaml));
  await expect(loading).rejects.toThrow(fault);
  await expect(loading).rejects.toMatchObject({ code: 'bad-room-file' });
});

test('a file that is there but cannot be read is not passed over', async () => {
  const folder = await folderWith();
  await mkdir(join(folder, 'room.yaml'));
  await expect(loadRoomFile(folder)).rejects.toThrow('room.yaml cannot be read: it is a folder');
});
