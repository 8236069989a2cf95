import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
let folder: string;

// Below node_modules Node runs no TypeScript, as in a stranger's project; other dependencies are found further up.
beforeAll(async () => {
  folder = await mkdtemp(join(root, 'node_modules', '.release-'));
  await run(process.execPath, [
    join(root, 'scripts', 'release.mjs'),
    join(folder, 'node_modules', '@parley'),
  ]);
  const scope = join(folder, 'node_modules', '@parley');
  await rename(join(scope, 'babylon-plugin'), join(scope, 'babylon'));
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runScript(script: string): Promise<string> {
  await writeFile(join(folder, 'script.mjs'), script);
  const { stdout } = await run(process.execPath, ['script.mjs'], { cwd: folder });
  return stdout.trim();
}

it('can be imported as compiled JavaScript', async () => {
  const names = await runScript(`
    const [sdk, server, babylon] = await Promise.all(['sdk', 'server', 'babylon'].map((name) => import('@parley/' + name)));
    console.log(typeof sdk.readSpeechPacket, typeof server.attachParley, typeof babylon.joinParley);
    process.exit();`);
  expect(names).toBe('function function function');
}, 60_000);

it('has a command that finds its list of weights', async () => {
  const cli = join(folder, 'node_modules', '@parley', 'server', 'dist', 'cli', 'parley.js');
  const { stdout } = await run(process.execPath, [cli, 'models', 'list', '--json'], {
    env: { ...process.env, PARLEY_CACHE: join(folder, 'cache') },
  });
  expect(stdout).toContain('silero');
}, 60_000);

it('runs an engine in its worker', async () => {
  const frames = await runScript(`
    import { createEngines } from '@parley/server';
    const engines = await createEngines();
    let frames = 0;
    async function* second() { yield new Float32Array(24000); }
    for await (const part of engines.face.encode(second(), { seed: 1 }, AbortSignal.timeout(60000))) frames += part.frames;
    await engines.close();
    console.log(frames);
    process.exit();`);
  expect(frames).toBe('30');
}, 120_000);
