import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '@parley/sdk';
import { removeAtExit } from '../remove-at-exit.ts';

/** A release has the page built beside `dist` (scripts/release.mjs). */
const PUBLISHED = fileURLToPath(new URL('../../../film/', import.meta.url));
/** In the repository the page's sources are beside us. */
const PACKAGES = fileURLToPath(new URL('../../../../', import.meta.url));
const SOURCE = join(PACKAGES, 'film');
/** Folders that the built page is made of, and files: the lockfile says which Babylon and which muxer. */
const MADE_OF = {
  folders: ['film/src', 'babylon-plugin/src', 'sdk/src'],
  files: ['film/index.html', 'film/bind.html', 'film/vite.config.ts', '../package-lock.json'],
} as const;

/**
 * The folder of the built page. In the repository it is built when it is missing or older than its sources.
 * @param onBuild Told that the page is about to be built, which takes some ten seconds.
 * @throws ParleyError `film-failed`.
 */
export async function filmPage(onBuild: () => void): Promise<string> {
  if (!existsSync(join(SOURCE, 'index.html'))) {
    if (existsSync(join(PUBLISHED, 'index.html'))) return PUBLISHED;
    throw new ParleyError(
      'film-failed',
      'The page that draws videos is missing: install @parley/server again',
    );
  }
  const built = join(SOURCE, 'dist');
  if (await isFresh(built)) return built;
  onBuild();
  // Another process may be building too: whoever is done first puts its own in place.
  const fresh = join(SOURCE, `dist.${randomBytes(4).toString('hex')}`);
  const keep = removeAtExit(fresh);
  try {
    await buildFilmPage(fresh);
    await rm(built, { recursive: true, force: true });
    await rename(fresh, built).catch((error) => {
      if (!existsSync(join(built, 'index.html'))) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError('film-failed', `The page that draws videos cannot be built: ${reason}`, error);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    keep();
  }
  return built;
}

async function buildFilmPage(outFolder: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    root: SOURCE,
    configFile: join(SOURCE, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: outFolder, emptyOutDir: true },
  });
}

async function isFresh(built: string): Promise<boolean> {
  const page = await stat(join(built, 'index.html')).catch(() => null);
  if (!page) return false;
  const times = await Promise.all([
    ...MADE_OF.folders.map((folder) => newestMs(join(PACKAGES, folder))),
    ...MADE_OF.files.map(async (file) => (await stat(join(PACKAGES, file))).mtimeMs),
  ]);
  return Math.max(...times) <= page.mtimeMs;
}

async function newestMs(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(
    files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mtimeMs),
  );
  return Math.max(0, ...times);
}
