import { bounded, type MemoryStore, type VisitorMemory } from './memory-store.ts';

/** How long memories are kept. */
export interface MemoryOptions {
  /** Days after which a visitor who has not come back is forgotten. Default 90. */
  readonly retentionDays?: number;
  /** Wall clock, ms since 1970. */
  readonly nowMs?: () => number;
}

const DAY_MS = 24 * 3600 * 1000;

/** Memories of a server, with their retention. A store that fails costs the memory, never the answer. */
export class NpcMemory {
  readonly #store: MemoryStore;
  readonly #retentionMs: number;
  readonly #nowMs: () => number;
  readonly #sweeping: NodeJS.Timeout;
  /** Set when the store failed, for `/health`; null again when it works. */
  failure: Error | null = null;

  /** @throws {RangeError} for a retention that is no positive number of days. */
  constructor(store: MemoryStore, options: MemoryOptions = {}) {
    const { retentionDays = 90, nowMs = Date.now } = options;
    if (!(retentionDays > 0)) throw new RangeError('retentionDays must be more than 0');
    this.#store = store;
    this.#retentionMs = retentionDays * DAY_MS;
    this.#nowMs = nowMs;
    this.#sweeping = setInterval(() => void this.expire(), DAY_MS);
    this.#sweeping.unref();
    void this.expire();
  }

  async recall(npc: string, visitor: string): Promise<VisitorMemory | null> {
    const memory = await this.#try(() => this.#store.recall(npc, visitor), null);
    return memory && memory.lastSeenMs >= this.#nowMs() - this.#retentionMs ? memory : null;
  }

  /** Adds to what is remembered of a visitor; a new summary replaces the old one. */
  async add(
    npc: string,
    visitor: string,
    news: {
      readonly name?: string | null;
      readonly facts?: readonly string[];
      readonly summary?: string | null;
    },
  ): Promise<void> {
    const known = await this.recall(npc, visitor);
    const facts = news.facts ?? [];
    const kept = (known?.facts ?? []).filter((fact) => !facts.some((newer) => isAboutTheSame(fact, newer)));
    const memory = bounded({
      name: news.name ?? known?.name ?? null,
      facts: [...kept, ...facts],
      summary: news.summary ?? known?.summary ?? null,
      lastSeenMs: this.#nowMs(),
    });
    await this.#try(() => this.#store.remember(npc, visitor, memory), undefined);
  }

  /** @returns How many NPCs had something to forget. @throws What the store throws: who asks to be forgotten must know. */
  forget(visitor: string, npc?: string): Promise<number> {
    return this.#store.forget(visitor, npc);
  }

  /** Deletes what is older than the retention. */
  async expire(): Promise<number> {
    return this.#try(() => this.#store.expire(this.#nowMs() - this.#retentionMs), 0);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#store.close();
  }

  async #try<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      const result = await work();
      this.failure = null;
      return result;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      return otherwise;
    }
  }
}

/** Whether a new fact takes the place of an old one: "You live in Rome" that of "You live in Oslo". */
function isAboutTheSame(older: string, newer: string): boolean {
  const subject = (fact: string) =>
    /^(?:You (?:are from|live in|work (?:as|at|for|in))|Your favou?rite \p{L}+ is|Your \p{L}+ is)/u.exec(
      fact,
    )?.[0];
  return older === newer || (subject(older) !== undefined && subject(older) === subject(newer));
}
