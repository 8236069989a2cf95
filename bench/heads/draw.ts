/**
 * What drawing many speaking heads costs, beside Babylon's own morph targets and vertices moved on the CPU, in one run:
 * `npm run draw-heads -w @parley/bench -- [--heads 50] [--frames 30] [--morph-heads 10]`.
 * A page in the Chromium of this machine, WebGL2; without a graphics card the frame's time is the processor's, drawing included.
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium as browsers } from 'playwright-core';
import { build, type InlineConfig, type Plugin, preview } from 'vite';
import { findChromium } from '../../scripts/find-chromium.mjs';
import type { Cost, Way } from './page/measure-heads.ts';

const { values } = parseArgs({
  options: {
    heads: { type: 'string', default: '50' },
    frames: { type: 'string', default: '30' },
    'morph-heads': { type: 'string', default: '10' },
  },
});
const heads = Number(values.heads);
const frames = Number(values.frames);
const chromium = findChromium();
if (!chromium) {
  console.log('No Chromium found: set CHROMIUM_PATH. Nothing was measured.');
  process.exit(0);
}
const exportsFolder = fileURLToPath(new URL('../../models/exports/', import.meta.url));
const serveExports: Plugin = {
  name: 'parley-exports',
  configurePreviewServer(server) {
    server.middlewares.use('/parley', (request, response) => {
      createReadStream(join(exportsFolder, request.url?.replace(/^\/|\?.*$/g, '') ?? ''))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    });
  },
};
const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
const config: InlineConfig = {
  configFile: false,
  logLevel: 'error',
  root: fileURLToPath(new URL('./page/', import.meta.url)),
  preview: { port: 0 },
  worker: { format: 'es' },
  build: { outDir: join(folder, 'dist'), emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 10_000 },
  plugins: [serveExports],
};
await build(config);
const server = await preview(config);
const browser = await browsers.launch({
  executablePath: chromium,
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  handleSIGTERM: false,
});
try {
  console.log(
    'ms a frame, mean            faces   render    frame   motion, all heads  for each further shape',
  );
  const runs: [Way, number, number][] = [
    ['none', heads, frames],
    ['parley', heads, frames],
    ['parley, levels', heads, frames],
    ['cpu', heads, Math.min(frames, 3)],
    // Its textures would take 1.7 GB for 50 heads.
    ['morph targets', Math.min(heads, Number(values['morph-heads'])), frames],
    ['parley', Math.min(heads, Number(values['morph-heads'])), frames],
  ];
  for (const [way, count, frameCount] of runs) {
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    page.on('pageerror', (error) => console.log(error.message));
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForFunction(() => window.measureHeads !== undefined);
    const cost = await page.evaluate(([w, n, f]) => window.measureHeads(w, n, f), [
      way,
      count,
      frameCount,
    ] as const satisfies readonly [Way, number, number]);
    print(`${way}, ${count} heads`, cost);
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

function print(name: string, { facesMs, renderMs, frameMs, gpuBytes, bytesAShape }: Cost): void {
  const ms = [facesMs, renderMs, frameMs].map((value) => value.toFixed(2).padStart(8));
  const mb = [gpuBytes, bytesAShape].map((value) => `${(value / 1e6).toFixed(1)} MB`.padStart(16));
  console.log(`${name.padEnd(24)} ${ms.join(' ')} ${mb.join(' ')}`);
}
