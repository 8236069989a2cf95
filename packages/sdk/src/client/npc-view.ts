/** What an NPC is doing, for its face, its caption and the visitor's patience. */
export type NpcStatus = 'idle' | 'listening' | 'thinking' | 'speaking';

/** A snapshot of an NPC in the room state. */
export interface NpcView {
  readonly id: string;
  /** What speech packets call it. */
  readonly index: number;
  readonly name: string;
  /** Its role, for people: "guide", "shopkeeper". */
  readonly title: string;
  /** Name of its head, for the host to look up. */
  readonly head: string;
  /** Place in metres, heading in radians, as the world defines them. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw: number;
  readonly status: NpcStatus;
  /** How it feels about what it says, `joy:0.6`, or `''`. Undefined where the room tells no feelings. */
  readonly emotion?: string;
  /** Whether it walks or turns; its heading is the room's then. Undefined where nobody walks. */
  readonly walking?: boolean;
  /** Whether it points, and at which place of the world, metres. */
  readonly pointing?: boolean;
  readonly aimX?: number;
  readonly aimY?: number;
  readonly aimZ?: number;
  /** Session id of whom it looks at, or `''`. */
  readonly lookAt: string;
  /** Counts its nods while it listens; the head nods when it changes. Undefined where the room does not nod. */
  readonly nods?: number;
  /** What it says, as far as it is heard. */
  readonly caption: string;
  /** Session id of whom it answers, or `''`. */
  readonly speakerId: string;
  /** Id of the running utterance, 0 while it is silent. */
  readonly utterance: number;
}

const FIELDS = [
  'id',
  'index',
  'name',
  'title',
  'head',
  'x',
  'y',
  'z',
  'yaw',
  'status',
  'emotion',
  'walking',
  'pointing',
  'aimX',
  'aimY',
  'aimZ',
  'lookAt',
  'nods',
  'caption',
  'speakerId',
  'utterance',
] as const satisfies readonly (keyof NpcView)[];

/**
 * Copies the NPCs out of a room state.
 * @param state State of any room; one without Parley has none.
 */
export function readNpcs(state: unknown): NpcView[] {
  const npcs = (state as { parley?: { npcs?: { forEach?: unknown } } } | undefined)?.parley?.npcs;
  const views: NpcView[] = [];
  if (typeof npcs?.forEach !== 'function') return views;
  (npcs as { forEach(visit: (npc: NpcView) => void): void }).forEach((npc) => {
    const view: Partial<Record<keyof NpcView, unknown>> = {};
    for (const field of FIELDS) view[field] = npc[field];
    views.push(view as unknown as NpcView);
  });
  return views;
}

/** Whether two snapshots tell the same. */
export function sameNpcs(a: readonly NpcView[], b: readonly NpcView[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((npc, i) => FIELDS.every((field) => npc[field] === b[i][field]));
}
