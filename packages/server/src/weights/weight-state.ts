import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WeightsFolder } from './cache-folder.ts';
import type { Weight } from './weights-manifest.ts';

/** What the cache holds of a weight: the right bytes, nothing, or other bytes. */
export type WeightState = 'ok' | 'missing' | 'wrong';

/**
 * Looks at a weight in the cache. The hash is computed once and remembered with the file's time and size, so that later
 * looks cost a `stat`.
 * @param rehash Reads the file even if it is remembered as right.
 */
export async function readWeightState(
  weight: Weight,
  folder: WeightsFolder,
  rehash = false,
  signal?: AbortSignal,
): Promise<WeightState> {
  const path = folder.file(weight);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return 'missing';
  if (found.size !== weight.sizeBytes) return 'wrong';
  const stamp = `${weight.sha256} ${found.size} ${found.mtimeMs}`;
  if (!rehash && (await readFile(folder.stamp(weight), 'utf8').catch(() => '')) === stamp) return 'ok';
  if ((await hashFile(path, signal)).digest('hex') !== weight.sha256) {
    await rm(folder.stamp(weight), { force: true });
    return 'wrong';
  }
  await writeStamp(folder.stamp(weight), stamp);
  return 'ok';
}

/** SHA-256 over a file, not finished, so that a resumed download goes on with it. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Hash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash;
}

/** A cache that cannot be written to (shared, read-only) still works; it is hashed each time. */
async function writeStamp(path: string, stamp: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, stamp);
  } catch (error) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
