const DATABASE = 'parley-rigs';
const STORE = 'rigs';
/** Rigs kept; the least recently used go first. A rig has 1 to 5 MB. */
const MOST_RIGS = 24;

interface KeptRig {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly usedMs: number;
}

/** The rig kept under `key`, or undefined; also where there is no IndexedDB, as in private windows. */
export async function readKeptRig(key: string): Promise<Uint8Array | undefined> {
  return withStore('readwrite', async (store) => {
    const kept = (await answer(store.get(key))) as KeptRig | undefined;
    if (kept) await answer(store.put({ ...kept, usedMs: Date.now() } satisfies KeptRig));
    return kept?.bytes;
  });
}

/** Keeps a rig; what cannot be kept is bound anew the next time. */
export async function keepRig(key: string, bytes: Uint8Array): Promise<void> {
  await withStore('readwrite', async (store) => {
    await answer(store.put({ key, bytes, usedMs: Date.now() } satisfies KeptRig));
    const keys = (await answer(store.index('usedMs').getAllKeys())) as string[];
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST_RIGS))) await answer(store.delete(old));
  });
}

async function withStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => Promise<T>,
): Promise<T | undefined> {
  try {
    const database = await open();
    try {
      return await work(database.transaction(STORE, mode).objectStore(STORE));
    } finally {
      database.close();
    }
  } catch {
    // A browser may forbid storage, or be out of it; binding goes on without.
    return undefined;
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { keyPath: 'key' });
    store.createIndex('usedMs', 'usedMs');
  };
  return answer(request);
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
