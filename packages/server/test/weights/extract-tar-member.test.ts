import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractTarMember } from '../../src/weights/extract-tar-member.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tar-'));
});
afterEach(() => rm(folder, { recursive: true }));

function tar(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const blocks: Buffer[] = [];
  for (const [name, data] of Object.entries(members)) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('ustar', 257);
    blocks.push(header, Buffer.from(data), Buffer.alloc((512 - (data.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const LONG = Uint8Array.from({ length: 70_001 }, (_, index) => (index * 31) & 255);

async function read(member: string, signal = new AbortController().signal): Promise<Uint8Array> {
  const path = join(folder, 'a.tgz');
  await writeFile(
    path,
    tar({
      'package/empty': new Uint8Array(),
      'package/full': new Uint8Array(512).fill(7),
      'package/long.bin': LONG,
      'package/last': Uint8Array.of(1, 2, 3),
    }),
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of extractTarMember(path, member, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('reads a member of any length, wherever it lies', async () => {
  expect(await read('package/full')).toEqual(Buffer.alloc(512, 7));
  expect(Buffer.compare(await read('package/long.bin'), LONG)).toBe(0);
  expect(await read('package/last')).toEqual(Buffer.of(1, 2, 3));
});

test('a member that is not there, and an abort, are told', async () => {
  await expect(read('package/none')).rejects.toMatchObject({ code: 'source-refused' });
  await expect(read('package/last', AbortSignal.abort(new Error('enough')))).rejects.toThrow();
});
