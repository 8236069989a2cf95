import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, createServer, type InlineConfig, type Plugin, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../browser/chromium.ts';
import { decoderFixture, exportsUrl } from '../real-export.ts';

const repositoryFolder = fileURLToPath(new URL('../../../../', import.meta.url));

/** Serves the committed face model at `/parley/`, as a host's page does. */
const exportsPlugin: Plugin = (() => {
  const serve = (server: { middlewares: import('vite').Connect.Server }) => {
    server.middlewares.use('/parley', (request, response) => {
      const name = request.url?.replace(/^\/|\?.*$/g, '') ?? '';
      createReadStream(new URL(name, exportsUrl))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    });
  };
  return { name: 'parley-exports', configureServer: serve, configurePreviewServer: serve };
})();

const temporaryFolders: string[] = [];

async function serve(kind: 'development' | 'production'): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-sdk-'));
  temporaryFolders.push(folder);
  const config: InlineConfig = {
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../browser/', import.meta.url)),
    cacheDir: join(folder, 'cache'),
    plugins: [exportsPlugin],
    server: { port: 0, fs: { allow: [repositoryFolder] } },
    preview: { port: 0 },
    build: { outDir: join(folder, 'dist'), emptyOutDir: true, target: 'es2023', minify: false },
  };
  if (kind === 'production') {
    await build(config);
    const server = await preview(config);
    return { url: server.resolvedUrls!.local[0], close: () => server.close() };
  }
  const server = await (await createServer(config)).listen();
  return { url: server.resolvedUrls!.local[0], close: () => server.close() };
}

let browser: Browser;

beforeAll(async () => {
  if (chromiumPath)
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox'],
      handleSIGTERM: false,
    });
});

afterAll(async () => {
  await browser?.close();
  for (const folder of temporaryFolders) await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!chromiumPath).each(['development', 'production'] as const)('a %s page of vite', (kind) => {
  let page: Page;
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    server = await serve(kind);
    page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => window.decodePage !== undefined);
  }, 120_000);

  afterAll(async () => {
    await page?.close();
    await server?.close();
  });

  test('decodes the fixture of PyTorch in its worker', { timeout: 60_000 }, async () => {
    const { codes, controls } = decoderFixture();
    expect(await page.evaluate(() => window.decodePage.load())).toEqual({
      window: codes.shape[1],
      heads: codes.shape[2],
      controls: controls.shape[1],
    });
    const decoded = await page.evaluate(([data, batch]) => window.decodePage.decode(data, batch), [
      [...codes.data],
      codes.shape[0],
    ] as const satisfies [number[], number] as [number[], number]);
    expect(decoded).toHaveLength(controls.data.length);
    decoded.forEach((value, i) => {
      expect(Math.abs(value - controls.data[i])).toBeLessThan(1e-4);
    });
    const { medianMs } = await page.evaluate(() => window.decodePage.measure(50));
    console.info(`${kind}: 50 windows in ${medianMs.toFixed(2)} ms, there and back`);
    // Far above what it takes: machines that run tests are busy.
    expect(medianMs).toBeLessThan(1000);
  });

  test('says what is wrong with a model that is missing or another', { timeout: 60_000 }, async () => {
    expect(await page.evaluate(() => window.decodePage.failure('/parley/nothing.onnx'))).toBe(
      'ParleyError bad-export',
    );
    expect(await page.evaluate(() => window.decodePage.failure('/parley/idle.bin'))).toBe(
      'ParleyError bad-export',
    );
    expect(await page.evaluate(() => window.decodePage.failure('http://127.0.0.1:9/'))).toBe(
      'ParleyError bad-export',
    );
  });

  test('can be given up while it loads, and closed', { timeout: 60_000 }, async () => {
    expect(await page.evaluate(() => window.decodePage.abort())).toBe('AbortError');
    expect(await page.evaluate(() => window.decodePage.close())).toBe('decoder-failed');
  });
});
