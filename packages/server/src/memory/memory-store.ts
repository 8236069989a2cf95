/** What an NPC remembers of a visitor. */
export interface VisitorMemory {
  /** What they want to be called. */
  readonly name: string | null;
  /** What they told of themselves, one sentence each, as the NPC would say it to them: "You are from Oslo." */
  readonly facts: readonly string[];
  /** What the last talk was about, a sentence or two. */
  readonly summary: string | null;
  /** When they were last spoken to, ms since 1970. */
  readonly lastSeenMs: number;
}

/** Where memories are kept, by NPC and visitor. */
export interface MemoryStore {
  recall(npc: string, visitor: string): Promise<VisitorMemory | null>;
  remember(npc: string, visitor: string, memory: VisitorMemory): Promise<void>;
  /** Deletes what is remembered of a visitor, by one NPC or by all. @returns How many memories there were. */
  forget(visitor: string, npc?: string): Promise<number>;
  /** Deletes memories of visitors who were not seen since. @returns How many there were. */
  expire(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Bounds of one memory: it is put into prompts, and a visitor cannot fill the disk. */
export const MOST_FACTS = 12;
export const LONGEST_FACT = 140;
export const LONGEST_SUMMARY = 400;
export const LONGEST_NAME = 40;

/** The memory within its bounds: the newest facts, each once. */
export function bounded(memory: VisitorMemory): VisitorMemory {
  const facts = [...new Set(memory.facts.map((fact) => fact.slice(0, LONGEST_FACT)))].slice(-MOST_FACTS);
  return {
    ...memory,
    facts,
    name: memory.name?.slice(0, LONGEST_NAME) ?? null,
    summary: memory.summary?.slice(0, LONGEST_SUMMARY) ?? null,
  };
}
