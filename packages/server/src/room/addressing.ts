import { type Addressee, type Bystander, findAddressee } from '../turn/addressee.ts';
import type { NpcState } from './parley-state.ts';
import { placeOf } from './room-like.ts';
import type { Surroundings } from './surroundings.ts';
import type { Visitor } from './visitor.ts';

/** Whom a visitor's words are for, as far as is known. */
export interface Clues {
  /** The NPC that the visitor chose. */
  readonly npc?: string;
  readonly text?: string;
  /** Where nothing tells, the NPC that has heard the speech so far. */
  readonly fallback?: string;
}

/** Tells whom a visitor speaks to, from what the room knows of everybody. */
export class Addressing {
  readonly #options: Surroundings;

  constructor(options: Surroundings) {
    this.#options = options;
  }

  /** The NPC that is meant; null where people are, or nobody. */
  npc(visitor: Visitor, clues: Clues): NpcState | null {
    const addressee = this.find(visitor, clues);
    return addressee.kind === 'npc' ? addressee.npc : null;
  }

  find(visitor: Visitor, { npc: explicit, text, fallback }: Clues): Addressee<NpcState> {
    const { npcs, players, nowMs, hearingRangeM } = this.#options;
    const { sessionId } = visitor.client;
    const player = players()?.get(sessionId);
    const { lastNpc } = visitor;
    const addressee = findAddressee(
      [...npcs.values()].map(({ state }) => state),
      {
        explicit,
        text,
        place: placeOf(player),
        yaw: player?.yaw,
        attended: visitor.attendedNpc,
        last: lastNpc,
        lastAgoMs: nowMs() - visitor.lastTurnMs,
        awaited: lastNpc !== undefined && npcs.get(lastNpc)?.turns.awaits(sessionId),
        bystanders: this.#bystanders(sessionId),
        rangeM: hearingRangeM,
      },
    );
    const heardBy = npcs.get(fallback ?? '')?.state;
    return addressee.kind === 'nobody' && heardBy ? { kind: 'npc', npc: heardBy } : addressee;
  }

  #bystanders(sessionId: string): Bystander[] {
    const { players, visitors, nowMs } = this.#options;
    const others: Bystander[] = [];
    players()?.forEach?.((player, id) => {
      const place = placeOf(player);
      if (id === sessionId || !place) return;
      const talkedMs = visitors.get(id)?.talkedToPeopleMs ?? Number.NEGATIVE_INFINITY;
      others.push({ ...place, name: player.name ?? '', talkedToPeopleAgoMs: nowMs() - talkedMs });
    });
    return others;
  }
}
