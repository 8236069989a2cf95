import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { findChromium } from './find-chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built test page; `''` where there is no browser. */
    pageFolder: string;
  }
}

/** Builds the test page once, as a host would: with vite, minified. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!findChromium()) {
    process.stdout.write('No Chromium here: set CHROMIUM_PATH to run the browser tests; they are skipped.\n');
    project.provide('pageFolder', '');
    return async () => {};
  }
  const folder = await mkdtemp(join(tmpdir(), 'parley-babylon-page-'));
  await build({
    root: join(import.meta.dirname, 'page'),
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es' },
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
  });
  project.provide('pageFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
