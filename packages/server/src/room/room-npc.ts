import type { NpcTurns } from '../turn/npc-turns.ts';
import type { NpcState } from './parley-state.ts';

/** An NPC of a room, as those who deal with it know it. */
export interface RoomNpc {
  readonly state: NpcState;
  readonly turns: NpcTurns;
}
