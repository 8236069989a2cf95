import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { MemoryStore } from '../../src/memory/memory-store.ts';
import { NpcMemory } from '../../src/memory/npc-memory.ts';
import { openMemory } from '../../src/memory/open-memory.ts';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const ADA = {
  name: 'Ada',
  facts: ['You are from Oslo.'],
  summary: 'Last time you said: Hello.',
  lastSeenMs: 1_000,
};

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'parley-memory-'));
  closers.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('an SQLite file keeps memories over a restart', async () => {
  const url = `sqlite:${join(await folder(), 'deep', 'memory.sqlite')}`;
  await check(() => openMemory(url));
});

const postgres = findPostgres();
test.skipIf(!postgres)(
  'a PostgreSQL database keeps memories over a restart',
  { timeout: 60_000 },
  async () => {
    const url = await startPostgres(postgres as string);
    await check(() => openMemory(url));
  },
);

test('a database that cannot be reached says so, without its password', async () => {
  const opening = openMemory('postgres://parley:secret@127.0.0.1:1/parley');
  await expect(opening).rejects.toMatchObject({ code: 'memory-unreachable' });
  await expect(opening).rejects.toThrow('check the URL');
  await expect(opening).rejects.not.toThrow('secret');
});

test('memories are bounded, newer facts replace older ones, and nothing outlives the retention', async () => {
  let nowMs = 0;
  const memory = new NpcMemory(await openMemory(':memory:'), { retentionDays: 2, nowMs: () => nowMs });
  await memory.add('mira', 'v', { name: 'Ada', facts: ['You live in Oslo.', 'You like tea.'] });
  await memory.add('mira', 'v', { facts: ['You live in Rome.'] });
  expect(await memory.recall('mira', 'v')).toMatchObject({
    name: 'Ada',
    facts: ['You like tea.', 'You live in Rome.'],
  });
  await memory.add('mira', 'v', {
    facts: Array.from({ length: 40 }, (_, i) => `You have ${i} cats. ${'x'.repeat(300)}`),
  });
  const full = (await memory.recall('mira', 'v'))!;
  expect(full.facts).toHaveLength(12);
  expect(full.facts.every((fact) => fact.length <= 140)).toBe(true);
  nowMs = 2.1 * 24 * 3600 * 1000;
  expect(await memory.recall('mira', 'v')).toBeNull();
  expect(await memory.expire()).toBe(1);
  await memory.close();
  expect(() => new NpcMemory({} as MemoryStore, { retentionDays: 0 })).toThrow(RangeError);
});

test('a store that fails costs the memory, not the answer', async () => {
  const broken = { recall: () => Promise.reject(new Error('disk full')) } as unknown as MemoryStore;
  const memory = new NpcMemory({ ...broken, expire: async () => 0, close: async () => {} });
  expect(await memory.recall('mira', 'v')).toBeNull();
  expect(memory.failure?.message).toBe('disk full');
  await memory.close();
});

async function check(open: () => Promise<MemoryStore>): Promise<void> {
  const first = await open();
  await first.remember('mira', 'ada', ADA);
  await first.remember('orson', 'ada', { ...ADA, name: null, facts: [] });
  await first.remember('mira', 'ada', {
    ...ADA,
    facts: [...ADA.facts, "You like 'tea'; DROP TABLE memories."],
  });
  await first.remember('mira', 'old', { ...ADA, lastSeenMs: 5 });
  await first.close();
  const second = await open();
  expect(await second.recall('mira', 'ada')).toEqual({
    ...ADA,
    facts: ['You are from Oslo.', "You like 'tea'; DROP TABLE memories."],
  });
  expect(await second.recall('mira', 'ben')).toBeNull();
  expect(await second.expire(500)).toBe(1);
  expect(await second.forget('ada', 'orson')).toBe(1);
  expect(await second.forget('ada')).toBe(1);
  expect(await second.recall('mira', 'ada')).toBeNull();
  await second.close();
}

/** The folder of PostgreSQL's programs, where it is installed. */
function findPostgres(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  const found = versions
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found ?? null;
}

/** A cluster of its own on a free port; PostgreSQL refuses to run as root. */
async function startPostgres(bin: string): Promise<string> {
  const data = await folder();
  const user: { uid?: number; gid?: number } = {};
  if (process.getuid?.() === 0) {
    const id = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
    Object.assign(user, { uid: id('-u'), gid: id('-g') });
    chownSync(data, user.uid!, user.gid!);
  }
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'parley', '-A', 'trust', '-N'], {
    ...user,
    cwd: data,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data],
    { ...user, cwd: data },
  );
  closers.push(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await ended;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error('postgres ended')));
    server.stderr.on('data', (text) => {
      if (String(text).includes('ready to accept connections')) resolve();
    });
  });
  return `postgres://parley@127.0.0.1:${port}/postgres`;
}
