import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Weight } from './weights-manifest.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The user's cache folder for Parley: `PARLEY_CACHE` where set, else the platform's custom
 * (`XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (environment.PARLEY_CACHE) return environment.PARLEY_CACHE;
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'parley', 'Cache');
  }
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'parley');
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'parley');
}

/** Where the files of one cache lie. */
export class WeightsFolder {
  /** Absolute path of the folder with the weight files. */
  readonly path: string;

  /** @param cache The cache folder; the weights lie in `weights/` inside. */
  constructor(cache: string = cacheFolder()) {
    this.path = join(cache, 'weights');
  }

  /** The finished file. */
  file(weight: Weight): string {
    return join(this.path, weight.file);
  }

  /** The unfinished download; named after the hash, so that another version never resumes it. */
  part(weight: Weight): string {
    return join(this.path, `${weight.file}.${weight.sha256.slice(0, 8)}.part`);
  }

  /** Held while a process fetches the file. */
  lock(weight: Weight): string {
    return join(this.path, `${weight.file}.lock`);
  }

  /** Remembers that a file of this time and size had the right hash. */
  stamp(weight: Weight): string {
    return join(this.path, '.verified', weight.file);
  }

  /** Room for wheels while they are unpacked. */
  get wheels(): string {
    return join(this.path, '.wheels');
  }
}
