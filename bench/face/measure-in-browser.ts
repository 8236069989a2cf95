import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium as browsers } from 'playwright-core';
import { build, type InlineConfig, type Plugin, preview } from 'vite';

export interface BrowserBenchOptions {
  /** Path of the browser. */
  readonly chromium: string;
  readonly exportsFolder: string;
  /** Heads in one call. */
  readonly heads: readonly number[];
  readonly rounds: number;
}

/** Times of the decoder in a built page: its worker there and back, and the network alone in the page. */
export async function measureInBrowser(
  options: BrowserBenchOptions,
): Promise<{ readonly name: string; readonly times: number[] }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
  const config: InlineConfig = {
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('./page/', import.meta.url)),
    preview: { port: 0 },
    build: { outDir: join(folder, 'dist'), emptyOutDir: true, target: 'es2023' },
    plugins: [serveExports(options.exportsFolder)],
  };
  await build(config);
  const server = await preview(config);
  const browser = await browsers.launch({
    executablePath: options.chromium,
    args: ['--no-sandbox'],
    handleSIGTERM: false,
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForFunction(() => window.measureDecoder !== undefined);
    const results: { name: string; times: number[] }[] = [];
    for (const place of ['worker', 'page'] as const)
      for (const heads of options.heads) {
        const times = await page.evaluate(
          ([where, batch, rounds]) => window.measureDecoder(where, batch, rounds),
          [place, heads, options.rounds] as const satisfies unknown as ['worker' | 'page', number, number],
        );
        const name = place === 'worker' ? 'there and back' : 'the network alone';
        results.push({ name: `decoder, browser, ${heads} heads, ${name}`, times });
      }
    return results;
  } finally {
    await browser.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function serveExports(folder: string): Plugin {
  return {
    name: 'parley-exports',
    configurePreviewServer(server) {
      server.middlewares.use('/parley', (request, response) => {
        const name = request.url?.replace(/^\/|\?.*$/g, '') ?? '';
        createReadStream(join(folder, name))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
      });
    },
  };
}
