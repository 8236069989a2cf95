import { type PlayersLike, placeOf } from './room-like.ts';
import type { RoomNpc } from './room-npc.ts';

/** What NPCs attend to while nobody asks them anything. */
export interface AttentionOptions {
  readonly npcs: ReadonlyMap<string, RoomNpc>;
  readonly players: () => PlayersLike | undefined;
  readonly nowMs: () => number;
  /** Whoever walks up to this distance is greeted, metres; 0 for never. */
  readonly greetingRangeM: number;
  /** Farthest visitor that an NPC looks at, metres. */
  readonly lookingRangeM: number;
  /** Session id of whom an NPC waits for while it leads them somewhere, or ''. */
  readonly waitsFor?: (npcId: string) => string;
}

/** How often an NPC looks around, ms. */
const EVERY_MS = 250;
/** A newcomer is greeted after having been near for this long, ms. */
const NEAR_MS = 700;
/** Whoever moved less than this since they appeared has not come near, metres. */
const WALKED_M = 1;
/** Nobody walks or runs faster: whoever does was put there and has just appeared, metres a second. */
const FASTEST_M_PER_S = 12;
/** A glance at somebody else lasts this long and comes this often, ms. */
const GLANCE_MS = 1_100;
const BETWEEN_GLANCES_MS = 5_500;
/** How long the head stays with who spoke last, ms. */
const LOOKS_AFTER_MS = 2_500;

interface Seen {
  /** Where they appeared, metres. */
  from: { readonly x: number; readonly z: number };
  /** Where they were seen last, and the room clock then. */
  last: { readonly x: number; readonly z: number; readonly atMs: number };
  walked: boolean;
  /** Room clock at which they came near an NPC, by its id. */
  readonly nearSinceMs: Map<string, number>;
  readonly greeted: Set<string>;
}

interface Look {
  glancesUntilMs: number;
  nextGlanceMs: number;
  turn: number;
  lastSpeaker: string;
  lastSpeakerMs: number;
}

/** Where NPCs look, and whom they greet: the one who speaks, a glance at the others, whoever comes near. */
export class Attention {
  readonly #options: AttentionOptions;
  readonly #seen = new Map<string, Seen>();
  readonly #looks = new Map<string, Look>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: AttentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), EVERY_MS);
    this.#timer.unref();
  }

  /** The visitor has left; when they come again, it is a new visit. */
  leave(sessionId: string): void {
    this.#seen.delete(sessionId);
  }

  /** The visitor has talked to an NPC, so that no greeting is due. */
  talked(sessionId: string, npcId: string): void {
    this.#seen.get(sessionId)?.greeted.add(npcId);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Looks around once; a timer does it. */
  look(): void {
    const now = this.#options.nowMs();
    const near = new Map<string, { id: string; distanceM: number; speaking: boolean }[]>();
    for (const id of this.#options.npcs.keys()) near.set(id, []);
    this.#options.players()?.forEach?.((player, id) => {
      const place = placeOf(player);
      if (!place) return;
      const seen = this.#see(id, place, now);
      for (const [npcId, { state }] of this.#options.npcs) {
        const distanceM = Math.hypot(state.x - place.x, state.z - place.z);
        if (distanceM <= this.#options.lookingRangeM)
          near.get(npcId)?.push({ id, distanceM, speaking: player.speaking === true });
        if (distanceM <= this.#options.greetingRangeM && seen.walked) {
          if (!seen.nearSinceMs.has(npcId)) seen.nearSinceMs.set(npcId, now);
        } else seen.nearSinceMs.delete(npcId);
      }
    });
    for (const [npcId, npc] of this.#options.npcs) {
      const visitors = near.get(npcId)?.toSorted((a, b) => a.distanceM - b.distanceM) ?? [];
      for (const { id, speaking } of visitors)
        if (!speaking && !npc.state.walking) this.#greet(npcId, npc, id, now);
      this.#lookFor(npcId, npc, visitors, now);
    }
  }

  #see(sessionId: string, { x, z }: { readonly x: number; readonly z: number }, now: number): Seen {
    let seen = this.#seen.get(sessionId);
    if (!seen) {
      seen = {
        from: { x, z },
        last: { x, z, atMs: now },
        walked: false,
        nearSinceMs: new Map(),
        greeted: new Set(),
      };
      this.#seen.set(sessionId, seen);
    }
    const { last } = seen;
    const farthestM = (FASTEST_M_PER_S * (now - last.atMs)) / 1000;
    if (Math.hypot(x - last.x, z - last.z) > farthestM) seen.from = { x, z };
    seen.walked ||= Math.hypot(x - seen.from.x, z - seen.from.z) > WALKED_M;
    seen.last = { x, z, atMs: now };
    return seen;
  }

  #greet(npcId: string, { turns }: RoomNpc, sessionId: string, now: number): void {
    const seen = this.#seen.get(sessionId);
    const since = seen?.nearSinceMs.get(npcId);
    if (!seen || since === undefined || now - since < NEAR_MS || seen.greeted.has(npcId)) return;
    if (turns.greet(sessionId)) seen.greeted.add(npcId);
  }

  #lookFor(
    npcId: string,
    { state }: RoomNpc,
    visitors: readonly { readonly id: string; readonly speaking: boolean }[],
    now: number,
  ): void {
    let look = this.#looks.get(npcId);
    if (!look) {
      look = {
        glancesUntilMs: 0,
        nextGlanceMs: now + BETWEEN_GLANCES_MS,
        turn: 0,
        lastSpeaker: '',
        lastSpeakerMs: 0,
      };
      this.#looks.set(npcId, look);
    }
    const speaking = visitors.find((visitor) => visitor.speaking);
    if (speaking) {
      look.lastSpeaker = speaking.id;
      look.lastSpeakerMs = now;
    }
    // The partner first; else who speaks nearby, then who spoke last, then the nearest.
    const lastSpeaker = now - look.lastSpeakerMs < LOOKS_AFTER_MS ? look.lastSpeaker : '';
    const partner = state.speakerId || speaking?.id || lastSpeaker || visitors[0]?.id || '';
    const others = visitors.filter(({ id }) => id !== partner);
    if (state.walking && state.speakerId === '' && !speaking) {
      // Who walks looks where they go; who waits, to whom they wait for, however far behind.
      const awaited = this.#options.waitsFor?.(npcId) ?? '';
      if (state.lookAt !== awaited) state.lookAt = awaited;
      return;
    }
    if (others.length === 0 || state.status === 'listening') look.glancesUntilMs = 0;
    else if (now >= look.nextGlanceMs) {
      look.glancesUntilMs = now + GLANCE_MS;
      look.nextGlanceMs = now + BETWEEN_GLANCES_MS;
      look.turn++;
    }
    const target = now < look.glancesUntilMs ? others[look.turn % others.length].id : partner;
    if (state.lookAt !== target) state.lookAt = target;
  }
}
