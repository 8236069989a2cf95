import type { PreparedRig } from './prepare-rig.ts';

const DATABASE = 'parley-rigs';
/** Raised when stores or records change; what older versions kept is dropped. */
const VERSION = 2;
const RIGS = 'rigs';
const USES = 'uses';
/** Rigs kept; the least recently used go first. A rig has 3 to 15 MB. */
const MOST_RIGS = 24;

/** A rig as it is kept: as the file that can be saved, and prepared for the meshes it was last put on. */
export interface KeptRig {
  readonly file: Uint8Array;
  readonly prepared: PreparedRig;
  /** Of the meshes that `prepared` fits; see `markOfMeshes`. */
  readonly mark: string;
}

/** What browsers keep of bound heads. */
export interface RigCache {
  /** The rig kept under `key`, or undefined. */
  read(key: string): Promise<KeptRig | undefined>;
  /** Keeps a rig; what cannot be kept is bound anew the next time. */
  keep(key: string, rig: KeptRig): Promise<void>;
}

/** Opens the cache at once; where there is no IndexedDB, as in private windows, it is empty and keeps nothing. */
export function openRigCache(): RigCache {
  const opened = open();
  // Awaited by its first user; a browser may forbid storage, and binding goes on without.
  opened.catch(() => {});
  const attempt = async <T>(work: (database: IDBDatabase) => Promise<T>): Promise<T | undefined> => {
    try {
      return await work(await opened);
    } catch {
      return undefined;
    }
  };
  return {
    read: (key) =>
      attempt(async (database) => {
        const kept = (await answer(database.transaction(RIGS).objectStore(RIGS).get(key))) as
          | KeptRig
          | undefined;
        // Nobody waits for this.
        if (kept) database.transaction(USES, 'readwrite').objectStore(USES).put(Date.now(), key);
        return kept;
      }),
    async keep(key, rig) {
      await attempt(async (database) => {
        const transaction = database.transaction([RIGS, USES], 'readwrite');
        const [rigs, uses] = [RIGS, USES].map((name) => transaction.objectStore(name));
        await answer(rigs.put(rig, key));
        await answer(uses.put(Date.now(), key));
        const [keys, times] = await Promise.all([answer(uses.getAllKeys()), answer(uses.getAll())]);
        const oldestFirst = keys.map((_, i) => i).sort((a, b) => times[a] - times[b]);
        for (const i of oldestFirst.slice(0, Math.max(0, keys.length - MOST_RIGS))) {
          await answer(rigs.delete(keys[i]));
          await answer(uses.delete(keys[i]));
        }
      });
    },
  };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      const { result } = request;
      for (const name of [...result.objectStoreNames]) result.deleteObjectStore(name);
      result.createObjectStore(RIGS);
      result.createObjectStore(USES);
    };
    request.onsuccess = () => {
      // A page with a newer version may want to change the stores.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('another page holds an older version open'));
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
