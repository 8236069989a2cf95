import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { ParleyError } from '@parley/sdk';
import type { BrowserContext } from 'playwright-core';
import type { AudioChunk } from '../../engines/contracts.ts';
import type { FaceFrames } from '../face-frames.ts';
import type { FaceModelFiles } from '../face-model-files.ts';
import type { HeadFile } from '../head-file.ts';
import type { NewFile } from '../new-file.ts';
import { removeAtExit } from '../remove-at-exit.ts';
import { RateChanger } from '../speech-input.ts';
import type { FilmJob, FilmResult } from './film-job.ts';
import { filmPage } from './film-page.ts';
import { startFilmServer } from './film-server.ts';
import { needBrowser } from './find-browser.ts';

/** Settings of a {@link Film}. */
export interface FilmOptions {
  readonly container: 'mp4' | 'webm';
  /** Edge of the square picture, even. */
  readonly sizePx: number;
  readonly head: HeadFile | null;
  readonly model: FaceModelFiles;
  readonly signal: AbortSignal;
  /** Told that the page is being built. */
  readonly onBuild: () => void;
}

/** Rate of the sound in the film, Hz. */
const SOUND_RATE_HZ = 48_000;
/** Longest wait for the browser and the page; busy machines take their time. */
const START_TIMEOUT_MS = 300_000;
/**
 * WebGL on the CPU where there is no GPU; a busy machine's GPU process is slow, not dead. Without the sandbox, since containers
 * and root cannot have it: the browser opens our own page and the user's head, no stranger's address.
 */
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--no-first-run',
  '--mute-audio',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-gpu-watchdog',
];

/** A video of a talking head, drawn by a browser with the code that draws NPCs. */
export class Film {
  readonly #options: FilmOptions;
  readonly #browserPath: string;
  readonly #sound = new RateChanger(SOUND_RATE_HZ);
  #waiting: Float32Array[] = [];
  #ended = false;

  /** @throws ParleyError `no-browser`. */
  constructor(options: FilmOptions) {
    this.#options = options;
    this.#browserPath = needBrowser();
  }

  /** Whether the length of the sound must be known before the first picture: an MP4's index lies in front. */
  get needsLength(): boolean {
    return this.#options.container === 'mp4';
  }

  /** Takes the sound, before the frames that belong to it. */
  addSound(chunk: AudioChunk): void {
    this.#waiting.push(this.#sound.push(chunk));
  }

  /**
   * Draws and encodes; asks for frames as fast as the page takes them.
   * @param soundSeconds Length of the sound, where the container `needsLength`.
   * @returns Notes for people about the file.
   * @throws ParleyError `film-failed`; what `frames` and `file` throw; the signal's reason.
   */
  async shoot(frames: AsyncIterable<FaceFrames>, file: NewFile, soundSeconds: number): Promise<string[]> {
    const { head, model, signal, onBuild } = this.#options;
    const page = await filmPage(onBuild);
    const blocks = frames[Symbol.asyncIterator]();
    const server = await startFilmServer({
      job: this.#job(soundSeconds),
      folders: {
        '': page,
        'exports/': model.exportsPath,
        ...(head && { 'head/': dirname(resolve(head.path)) }),
      },
      next: () => this.#next(blocks),
      write: (bytes, position) => file.writeAt(bytes, position),
    });
    let profile: string | undefined;
    let keepProfile = () => {};
    let context: BrowserContext | undefined;
    let closed: Promise<void> | undefined;
    /** Only the first call waits until the browser is gone. */
    const close = () => {
      closed ??= context?.close().catch(() => {});
      return closed;
    };
    try {
      profile = await mkdtemp(join(tmpdir(), 'parley-film-'));
      context = await this.#open(profile);
      // After Playwright's own care for an exit, which ends the browser.
      keepProfile = removeAtExit(profile);
      signal.addEventListener('abort', close);
      signal.throwIfAborted();
      const tab = context.pages()[0] ?? (await context.newPage());
      await tab.goto(server.url, { timeout: START_TIMEOUT_MS });
      const result = (await tab.evaluate('window.parleyFilm()')) as FilmResult;
      return notes(this.#options.container, result);
    } catch (error) {
      signal.throwIfAborted();
      if (server.failure) throw server.failure;
      if (error instanceof ParleyError) throw error;
      throw new ParleyError(
        'film-failed',
        `The browser could not make the video: ${firstLine(error)}`,
        error,
      );
    } finally {
      signal.removeEventListener('abort', close);
      await close();
      server.close();
      await blocks.return?.();
      // A browser that is going down still writes for a moment. What stays then is the system's to remove; it hides no result.
      if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
      keepProfile();
    }
  }

  #job(soundSeconds: number): FilmJob {
    const { container, sizePx, head, model } = this.#options;
    return {
      container,
      sizePx,
      fps: model.manifest.codec.fps,
      soundRateHz: SOUND_RATE_HZ,
      soundSeconds,
      headUrl: head
        ? `head/${encodeURIComponent(basename(head.path))}`
        : `exports/${model.manifest.files.template.path}`,
      exportsUrl: 'exports/',
    };
  }

  /** The next frames and the sound that came with them; after the last ones the rest of the sound, then nothing. */
  async #next(blocks: AsyncIterator<FaceFrames>): Promise<Uint8Array> {
    if (this.#ended) return part(new Float32Array(0), 0, []);
    const result = await blocks.next();
    if (result.done) {
      this.#ended = true;
      this.#waiting.push(this.#sound.flush());
    }
    const sound = this.#waiting;
    this.#waiting = [];
    return result.done
      ? part(new Float32Array(0), 0, sound)
      : part(result.value.controls, result.value.frames, sound);
  }

  async #open(profile: string): Promise<BrowserContext> {
    const { chromium } = await import('playwright-core').catch((error) => {
      throw new ParleyError(
        'no-browser',
        'Videos need the package playwright-core to drive a browser: npm install playwright-core',
        error,
      );
    });
    return await chromium.launchPersistentContext(profile, {
      executablePath: this.#browserPath,
      headless: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      ignoreDefaultArgs: ['--headless'],
      args: FLAGS,
      viewport: { width: 320, height: 240 },
      timeout: START_TIMEOUT_MS,
    });
  }
}

/** As packages/film reads it: how many frames and samples, then frames x controls and the samples as float32. */
function part(controls: Float32Array, frames: number, sound: readonly Float32Array[]): Uint8Array {
  const samples = sound.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(8 + 4 * (controls.length + samples));
  new Uint32Array(bytes.buffer, 0, 2).set([frames, samples]);
  const numbers = new Float32Array(bytes.buffer, 8);
  numbers.set(controls);
  let at = controls.length;
  for (const piece of sound) {
    numbers.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function notes(container: FilmOptions['container'], { videoCodec, audioCodec }: FilmResult): string[] {
  if (container === 'webm' || videoCodec === 'avc') return [];
  return [
    `This browser has no H.264 encoder: the MP4 holds ${videoCodec.toUpperCase()} and ${audioCodec.toUpperCase()}, which browsers and VLC play and older players do not.`,
  ];
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^[\w.]+: (Error: )?/, '').split('\n')[0] ?? '';
}
