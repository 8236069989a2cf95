import type { Addressing } from './addressing.ts';
import type { Earshot } from './earshot.ts';
import type { RoomNpc } from './room-npc.ts';
import type { Visitor } from './visitor.ts';

export interface ListeningSignsOptions {
  readonly npcs: ReadonlyMap<string, RoomNpc>;
  readonly addressing: Addressing;
  readonly earshot: Earshot;
  readonly nowMs: () => number;
}

/** A speaker's voice at which an NPC that listens first nods, and the time between its nods, ms. */
const FIRST_NOD_MS = 1_200;
const BETWEEN_NODS_MS = 2_400;

/** How NPCs show whoever speaks to them that they listen: nods, and now and then a hum. */
export class ListeningSigns {
  readonly #options: ListeningSignsOptions;
  readonly #noddedMs = new Map<string, number>();

  constructor(options: ListeningSignsOptions) {
    this.#options = options;
  }

  /** A pause of the speaker is where a listener nods. @param spokenMs Their voice so far. */
  nod({ hearingNpc }: Visitor, spokenMs: number): void {
    const state = this.#options.npcs.get(hearingNpc ?? '')?.state;
    if (state?.status !== 'listening' || spokenMs < FIRST_NOD_MS) return;
    const now = this.#options.nowMs();
    if (now - (this.#noddedMs.get(state.id) ?? Number.NEGATIVE_INFINITY) < BETWEEN_NODS_MS) return;
    this.#noddedMs.set(state.id, now);
    state.nods = (state.nods + 1) & 0xffff;
  }

  /**
   * Whom the visitor speaks to hums, where no voice is heard that it would hum into.
   * @param text The words so far.
   * @param withinMs It must be over by then, ms from now, if a pause ends the turn.
   */
  hum(visitor: Visitor, text: string, withinMs: number): void {
    const { npcs, addressing, earshot } = this.#options;
    const { hearingNpc, addressedNpc, listening, client } = visitor;
    const { sessionId } = client;
    if (hearingNpc === null || earshot.hearsNpc(sessionId) || earshot.hearsVisitor(sessionId)) return;
    const npc = addressing.npc(visitor, { npc: addressedNpc, text, fallback: hearingNpc });
    if (npc?.id !== hearingNpc) return;
    // Where a key is held a pause ends nothing.
    const endsByItself = listening?.mode !== 'push';
    npcs.get(hearingNpc)?.turns.hum(sessionId, endsByItself ? withinMs : Number.POSITIVE_INFINITY);
  }
}
