import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 2_000;
const STALE_MS = 10_000;
const POLL_MS = 200;

/** A held lock. */
export interface FileLock {
  release(): Promise<void>;
}

/**
 * Holds a lock between processes: a file that only one can create. The holder touches it every 2 s; one that has not
 * been touched for 10 s was left by a process that died, and is taken over.
 * @param onWait Called once where another process holds it.
 * @throws the signal's reason.
 */
export async function holdFileLock(path: string, signal: AbortSignal, onWait: () => void): Promise<FileLock> {
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    if (await create(path)) return heldLock(path);
    if (await isStale(path)) {
      await takeAway(path);
      continue;
    }
    if (!waited) onWait();
    await delay(POLL_MS, undefined, { signal });
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function heldLock(path: string): FileLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => clearInterval(heartbeat));
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await rm(path, { force: true });
    },
  };
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
}

/** Renaming first, so that of several waiting processes one alone removes the stale file. */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if (await isStale(aside)) await rm(aside, { force: true });
  else await rename(aside, path);
}
