import { ParleyError } from '@parley/sdk';
import type { MemoryStore } from './memory-store.ts';

/**
 * Opens the store that a URL names: `postgres://…`, or the path of an SQLite file, with or without `sqlite:` before it.
 * @throws {ParleyError} `memory-unreachable` with what to do.
 */
export async function openMemory(url: string): Promise<MemoryStore> {
  if (/^postgres(?:ql)?:/u.test(url)) {
    const { PostgresMemory } = await import('./postgres-memory.ts');
    return PostgresMemory.connect(url);
  }
  const path = url.replace(/^sqlite:(?:\/\/)?/u, '');
  try {
    // Node's own SQLite came with Node 22.
    const { SqliteMemory } = await import('./sqlite-memory.ts');
    return new SqliteMemory(path);
  } catch (error) {
    throw new ParleyError(
      'memory-unreachable',
      `The SQLite file ${path} cannot be used (${(error as Error).message}); name another with --memory, or "none"`,
      error,
    );
  }
}

/** A store that is opened when it is first asked or written to. */
export function openLazily(url: string): MemoryStore {
  let opened: Promise<MemoryStore> | null = null;
  const store = () => {
    opened ??= openMemory(url);
    // A database that was away may be back.
    opened.catch(() => {
      opened = null;
    });
    return opened;
  };
  return {
    recall: async (npc, visitor) => (await store()).recall(npc, visitor),
    remember: async (npc, visitor, memory) => (await store()).remember(npc, visitor, memory),
    forget: async (visitor, npc) => (await store()).forget(visitor, npc),
    // What is old is not recalled anyway; it is deleted once the store is used.
    expire: async (beforeMs) => (opened ? (await opened).expire(beforeMs) : 0),
    close: async () => {
      await (await opened?.catch(() => null))?.close();
    },
  };
}
