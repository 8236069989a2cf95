import type { PlayersLike } from './room-like.ts';
import type { RoomNpc } from './room-npc.ts';
import type { Visitors } from './visitors.ts';

/** Who is in a room, where, and how far voices carry. */
export interface Surroundings {
  readonly npcs: ReadonlyMap<string, RoomNpc>;
  readonly visitors: Visitors;
  readonly players: () => PlayersLike | undefined;
  /** Distance within which an NPC hears who names nobody, metres. */
  readonly hearingRangeM: number;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}
