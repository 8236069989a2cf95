import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@colyseus/sdk';
import { afterEach, expect, test } from 'vitest';
import { type ServeOptions, type Serving, serve } from '../../src/room/serve.ts';
import { scriptedEngines } from '../engines/scripted-engines.ts';
import { TestVisitor, until } from './room-harness.ts';

const folder = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const CHILD = fileURLToPath(new URL('./serve-child.ts', import.meta.url));
const OPTIONS: ServeOptions = {
  port: 0,
  hostname: '127.0.0.1',
  engines: scriptedEngines({ heads: 16, classes: 64 }),
  personasFolder: folder('examples/metaverse-room/personas'),
  exportsFolder: folder('models/exports'),
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Partial<ServeOptions> = {}): Promise<Serving> {
  const serving = await serve({ ...OPTIONS, ...options });
  closers.push(() => serving.close());
  return serving;
}

test('one port serves the page, the face model, its health and the room', async () => {
  const page = await mkdtemp(join(tmpdir(), 'parley-page-'));
  await writeFile(join(page, 'index.html'), '<title>Orion Hall</title>');
  const { url } = await start({ staticFolder: page });
  expect(await (await fetch(url)).text()).toContain('Orion Hall');
  const manifest = (await (await fetch(`${url}/parley/manifest.json`)).json()) as { format: string };
  expect(manifest.format).toBe('parley-face');
  expect((await fetch(`${url}/parley/decoder.onnx`)).headers.get('content-length')).toMatch(/^\d+$/);
  expect((await fetch(`${url}/parley/nothing`)).status).toBe(404);
  expect((await fetch(`${url}/parley/%2e%2e/%2e%2e/package.json`)).status).toBeGreaterThanOrEqual(400);
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ ok: true });
  const ann = await TestVisitor.join(url);
  expect(ann.parley.npcs.map(({ id }) => id).sort()).toEqual(['bo', 'mira', 'orson']);
  const { players } = ann.room.state as { players: Map<string, { z: number; name: string }> };
  expect(players.get(ann.room.sessionId)).toMatchObject({ name: 'Ann' });
  expect(Math.abs(players.get(ann.room.sessionId)!.z + 8.5)).toBeLessThanOrEqual(1.6);
  await ann.room.leave();
});

test('what is wrong is said before anything is loaded', async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  closers.push(() => probe.close());
  const { port } = probe.address() as { port: number };
  await expect(serve({ ...OPTIONS, port })).rejects.toThrow('--port');
  await expect(serve({ ...OPTIONS, personasFolder: '/nowhere' })).rejects.toMatchObject({
    code: 'bad-persona',
  });
  await expect(serve({ ...OPTIONS, exportsFolder: '/nowhere' })).rejects.toMatchObject({
    code: 'bad-manifest',
  });
  const broken = await mkdtemp(join(tmpdir(), 'parley-exports-'));
  await writeFile(join(broken, 'manifest.json'), '{');
  await expect(serve({ ...OPTIONS, exportsFolder: broken })).rejects.toThrow(
    'manifest.json is not valid JSON',
  );
  await expect(serve({ ...OPTIONS, redisUrl: 'redis://127.0.0.1:1' })).rejects.toThrow('No Redis answers');
});

interface Child {
  readonly url: string;
  readonly exit: Promise<number | null>;
  kill(): void;
}

async function spawnServer(environment: Record<string, string> = {}): Promise<Child> {
  const child = spawn(process.execPath, [CHILD], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closers.push(() => child.kill('SIGKILL'));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const url = await until('the URL', () => /http:\S+/.exec(output)?.[0], 20_000);
  return { url, exit, kill: () => child.kill('SIGTERM') };
}

test('SIGTERM closes the rooms and ends the process', async () => {
  const { url, exit, kill } = await spawnServer();
  const ann = await TestVisitor.join(url);
  ann.room.reconnection.enabled = false;
  ann.parley.say('When do you close?', 'mira');
  await until('speech', () => ann.packets.length > 0);
  kill();
  expect(await exit).toBe(0);
  await until('the client to be told', () => ann.leftWith !== null);
}, 30_000);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

test.skipIf(!hasRedis)(
  'two processes with one Redis share their rooms (skipped without redis-server)',
  async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as { port: number };
    await new Promise((resolve) => probe.close(resolve));
    const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    });
    closers.push(() => redis.kill());
    await new Promise((resolve) => setTimeout(resolve, 500));
    const environment = { REDIS_URL: `redis://127.0.0.1:${port}` };
    const one = await spawnServer(environment);
    const two = await spawnServer(environment);
    const ann = await TestVisitor.join(one.url);
    const bob = new TestVisitor(await new Client(two.url).joinById(ann.room.roomId, { name: 'Bob' }));
    await until(
      'Ann to see Bob',
      () => (ann.room.state as { players: Map<string, unknown> }).players.size === 2,
    );
    expect(bob.room.roomId).toBe(ann.room.roomId);
    ann.parley.say('When do you close?', 'mira');
    await until('Bob to hear it', () => bob.packets.length > 0);
    await Promise.all([ann.room.leave(), bob.room.leave()]);
  },
  60_000,
);
