import { ParleyError } from '@parley/sdk';
import pg from 'pg';
import { bounded, type MemoryStore, type VisitorMemory } from './memory-store.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS parley_memories (
    npc text NOT NULL,
    visitor text NOT NULL,
    name text,
    facts jsonb NOT NULL,
    summary text,
    last_seen timestamptz NOT NULL,
    PRIMARY KEY (npc, visitor)
  );
  CREATE INDEX IF NOT EXISTS parley_memories_by_visitor ON parley_memories (visitor);
`;

/** Longest wait for a connection and for an answer, ms. */
const PATIENCE_MS = 3_000;

/** Memories in a PostgreSQL database, for several servers. */
export class PostgresMemory implements MemoryStore {
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /**
   * Connects, and makes the table when it is missing.
   * @param url `postgres://user:password@host:port/database`
   * @throws {ParleyError} `memory-unreachable`
   */
  static async connect(url: string): Promise<PostgresMemory> {
    const pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
    });
    // A connection that breaks while it is idle is replaced; without a listener it would end the process.
    pool.on('error', () => {});
    try {
      await pool.query(SCHEMA);
    } catch (error) {
      await pool.end().catch(() => {});
      const { host, pathname } = new URL(url);
      throw new ParleyError(
        'memory-unreachable',
        `The PostgreSQL database ${pathname.slice(1)} on ${host} cannot be used (${(error as Error).message}); check the URL, and whether the user may create tables`,
        error,
      );
    }
    return new PostgresMemory(pool);
  }

  async recall(npc: string, visitor: string): Promise<VisitorMemory | null> {
    const { rows } = await this.#pool.query<{
      name: string | null;
      facts: string[];
      summary: string | null;
      last_seen: Date;
    }>('SELECT name, facts, summary, last_seen FROM parley_memories WHERE npc = $1 AND visitor = $2', [
      npc,
      visitor,
    ]);
    const [row] = rows;
    if (!row) return null;
    return { name: row.name, facts: row.facts, summary: row.summary, lastSeenMs: row.last_seen.getTime() };
  }

  async remember(npc: string, visitor: string, memory: VisitorMemory): Promise<void> {
    const { name, facts, summary, lastSeenMs } = bounded(memory);
    await this.#pool.query(
      `INSERT INTO parley_memories (npc, visitor, name, facts, summary, last_seen) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (npc, visitor) DO UPDATE SET name = $3, facts = $4, summary = $5, last_seen = $6`,
      [npc, visitor, name, JSON.stringify(facts), summary, new Date(lastSeenMs)],
    );
  }

  async forget(visitor: string, npc?: string): Promise<number> {
    const { rowCount } = await this.#pool.query(
      'DELETE FROM parley_memories WHERE visitor = $1 AND ($2::text IS NULL OR npc = $2)',
      [visitor, npc ?? null],
    );
    return rowCount ?? 0;
  }

  async expire(beforeMs: number): Promise<number> {
    const { rowCount } = await this.#pool.query('DELETE FROM parley_memories WHERE last_seen < $1', [
      new Date(beforeMs),
    ]);
    return rowCount ?? 0;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
