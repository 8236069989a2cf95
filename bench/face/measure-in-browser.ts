import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium as browsers } from 'playwright-core';
import { build, type InlineConfig, type Plugin, type PreviewServer, preview } from 'vite';

/** What {@link measureInBrowser} needs. */
export interface BrowserBenchOptions {
  /** Path of the browser. */
  readonly chromium: string;
  /** Where the face model is. */
  readonly exportsFolder: string;
  /** Heads in one call. */
  readonly heads: readonly number[];
  /** Calls that are measured. */
  readonly rounds: number;
}

/**
 * Times of the decoder in a built page, milliseconds of each call: its worker there and back, and the network alone in the
 * page.
 */
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
  let server: PreviewServer | undefined;
  let browser: Browser | undefined;
  try {
    await build(config);
    server = await preview(config);
    browser = await browsers.launch({
      executablePath: options.chromium,
      args: ['--no-sandbox'],
      handleSIGTERM: false,
    });
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
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of a folder, below `/parley/`. */
function serveExports(folder: string): Plugin {
  return {
    name: 'parley-exports',
    configurePreviewServer(server) {
      server.middlewares.use('/parley', (request, response) => {
        const { pathname } = new URL(request.url ?? '/', 'http://localhost');
        createReadStream(join(folder, basename(pathname)))
          .on('error', () => response.writeHead(404).end())
          .pipe(response);
      });
    },
  };
}
