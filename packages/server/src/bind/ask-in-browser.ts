import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { filmPage } from '../animate/film/film-page.ts';
import { startFilmServer } from '../animate/film/film-server.ts';
import { writeSampleSentence } from './sample-sentence.ts';

/** What to ask a person about. */
export interface AskOptions {
  readonly headPath: string;
  readonly exportsPath: string;
  /** Text of a file of points, to begin with. */
  readonly points: string;
  readonly signal: AbortSignal;
  /** Told where the page is, once it can be opened. */
  readonly onReady: (url: string) => void;
  /** Told what is done before that. */
  readonly onStep?: (step: string, part: number) => void;
}

/**
 * Serves the binding page on this machine and waits until somebody saves: points on the turning head to drag, bind again, hear it
 * speak.
 * @returns The `.parley-rig` that was saved.
 * @throws The signal's reason.
 */
export async function askInBrowser(options: AskOptions): Promise<Uint8Array> {
  const { headPath, exportsPath, points, signal, onReady, onStep } = options;
  const folder = await mkdtemp(join(tmpdir(), 'parley-bind-'));
  let close = () => {};
  try {
    onStep?.('speaking', 0);
    await writeSampleSentence(folder, exportsPath, signal);
    const page = await filmPage(() => onStep?.('building', 0));
    return await new Promise<Uint8Array>((resolvePromise, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      startFilmServer({
        job: {
          headUrl: `head/${encodeURIComponent(basename(headPath))}`,
          exportsUrl: 'exports/',
          sentenceUrl: 'sentence/',
          points: JSON.parse(points),
        },
        folders: {
          '': page,
          'exports/': exportsPath,
          'head/': dirname(resolve(headPath)),
          'sentence/': folder,
        },
        next: async () => new Uint8Array(0),
        write: async (bytes) => {
          resolvePromise(new Uint8Array(bytes));
        },
      }).then((server) => {
        close = () => server.close();
        onReady(server.url.replace(/index\.html$/, 'bind.html'));
      }, reject);
    });
  } finally {
    close();
    await rm(folder, { recursive: true, force: true });
  }
}
