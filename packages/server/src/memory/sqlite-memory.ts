import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { bounded, type MemoryStore, type VisitorMemory } from './memory-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS memories (
    npc TEXT NOT NULL,
    visitor TEXT NOT NULL,
    name TEXT,
    facts TEXT NOT NULL,
    summary TEXT,
    last_seen_ms INTEGER NOT NULL,
    PRIMARY KEY (npc, visitor)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS memories_by_visitor ON memories (visitor);
`;

/** Memories in one SQLite file, with the SQLite that Node brings along. A read or a write takes some 50 µs. */
export class SqliteMemory implements MemoryStore {
  readonly #database: DatabaseSync;
  readonly #recall: StatementSync;
  readonly #remember: StatementSync;

  /** @param path A file, made with its folder when it is missing, or `:memory:`. */
  constructor(path: string) {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
    this.#database = new DatabaseSync(path);
    // Several server processes may share the file.
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 2000; PRAGMA secure_delete = ON;');
    this.#database.exec(SCHEMA);
    this.#recall = this.#database.prepare(
      'SELECT name, facts, summary, last_seen_ms FROM memories WHERE npc = ? AND visitor = ?',
    );
    this.#remember = this.#database.prepare(
      'INSERT OR REPLACE INTO memories (npc, visitor, name, facts, summary, last_seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
    );
  }

  async recall(npc: string, visitor: string): Promise<VisitorMemory | null> {
    const row = this.#recall.get(npc, visitor);
    if (!row) return null;
    return {
      name: row.name as string | null,
      facts: JSON.parse(row.facts as string) as string[],
      summary: row.summary as string | null,
      lastSeenMs: Number(row.last_seen_ms),
    };
  }

  async remember(npc: string, visitor: string, memory: VisitorMemory): Promise<void> {
    const { name, facts, summary, lastSeenMs } = bounded(memory);
    this.#remember.run(npc, visitor, name, JSON.stringify(facts), summary, Math.round(lastSeenMs));
  }

  async forget(visitor: string, npc?: string): Promise<number> {
    const { changes } =
      npc === undefined
        ? this.#database.prepare('DELETE FROM memories WHERE visitor = ?').run(visitor)
        : this.#database.prepare('DELETE FROM memories WHERE visitor = ? AND npc = ?').run(visitor, npc);
    return Number(changes);
  }

  async expire(beforeMs: number): Promise<number> {
    const { changes } = this.#database
      .prepare('DELETE FROM memories WHERE last_seen_ms < ?')
      .run(Math.round(beforeMs));
    return Number(changes);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
