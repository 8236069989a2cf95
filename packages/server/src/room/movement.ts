import type { ActionEvent } from '../tools/actor.ts';
import type { FloorPlan, FloorPoint } from '../walk/floor-plan.ts';
import { Leading } from '../walk/leading.ts';
import { angle, headingTo, type Walk, Walker } from '../walk/walker.ts';
import type { NpcState, ParleyState } from './parley-state.ts';
import { type PlayersLike, placeOf } from './room-like.ts';

export interface MovementOptions {
  readonly plan: FloorPlan;
  readonly players: () => PlayersLike | undefined;
  readonly nowMs: () => number;
  /** Gets the things that NPCs open. */
  readonly opened: ParleyState['opened'] | undefined;
}

/** How often bodies are moved, ms: the rate of Colyseus' own patches. */
const EVERY_MS = 50;
/** Longest step, s: after a stall nobody jumps. */
const LONGEST_STEP_S = 0.2;
/** An NPC stands so far from whom it comes to or hands something, metres. */
const TALKING_M = 1.4;
/** A follower stays so near, and starts when its leader is further away than this, metres. */
const FOLLOWING_M = 1.5;
const LEFT_BEHIND_M = 2.4;
/** An NPC goes back to its place after so long without talk, with nobody so near, ms and metres. */
const HOME_AFTER_MS = 25_000;
const COMPANY_M = 5;
/** At its place, metres. */
const AT_HOME_M = 0.3;
/** How long an arm stays up that points, and one that hands something over, ms. */
const POINTING_MS = 4_500;
const HANDING_MS = 2_600;
/** Where things are taken, metres above the floor. */
const HANDS_M = 1.2;
/** Who points turns until the thing is no further to the side than this, radians. */
const POINTS_WITHIN = 0.7;

interface Mover {
  readonly state: NpcState;
  readonly walker: Walker;
  home: FloorPoint & { readonly yaw: number };
  /** Session id of whom it follows, or ''. */
  leader: string;
  /** Session id of whom its walk leads, or ''. */
  led: string;
  pointsUntilMs: number;
  /** The last time that it was in company or had something to do, on the room's clock. */
  busyMs: number;
  /** Done when the walk has ended. */
  onArrival: (() => void) | null;
}

/**
 * Moves NPCs' bodies over the floor: what their tools say they do, they do in the room's state, for everybody the same. Only an
 * NPC with a tool that walks leaves its place.
 */
export class Movement {
  readonly #options: MovementOptions;
  readonly #movers = new Map<string, Mover>();
  readonly #timer: NodeJS.Timeout;
  #lastMs: number;

  constructor(options: MovementOptions) {
    this.#options = options;
    this.#lastMs = options.nowMs();
    this.#timer = setInterval(() => this.tick(), EVERY_MS);
    this.#timer.unref();
  }

  /** An NPC is in the room, where its persona has it; or its persona has another place for it now. */
  place(state: NpcState, { x, z, yaw }: FloorPoint & { readonly yaw: number }): void {
    const known = this.#movers.get(state.id);
    if (known && known.home.x === x && known.home.z === z && known.home.yaw === yaw) return;
    Object.assign(state, { x, z, yaw, walking: false, pointing: false });
    const walker = new Walker(state, this.#options.plan, () => this.#others(state.id));
    const busyMs = this.#options.nowMs();
    this.#movers.set(state.id, {
      state,
      walker,
      home: { x, z, yaw },
      leader: '',
      led: '',
      pointsUntilMs: 0,
      busyMs,
      onArrival: null,
    });
  }

  /** Does with the body what a tool was called for. @param walks Whether the NPC may leave its place. */
  act({ npc, tool, arguments: args, speakerId, status }: ActionEvent, walks: boolean): void {
    const mover = this.#movers.get(npc);
    if (!mover || status !== 'done') return;
    const named = String(args.place ?? args.thing ?? '');
    const place = this.#options.plan.places[named];
    const speaker = () => this.#visitor(speakerId);
    mover.busyMs = this.#options.nowMs();
    if (tool === 'point-at' && place) {
      this.#point(mover, place);
      return;
    }
    if (tool === 'open') {
      const open = () => this.#open(named);
      if (walks && place) this.#walk(mover, () => place, place.nearM, speaker, open);
      else open();
    }
    if (!walks) return;
    if (tool === 'walk-to' && place) this.#lead(mover, place, speakerId);
    if (tool === 'come') this.#walk(mover, speaker, TALKING_M, speaker);
    if (tool === 'give') this.#walk(mover, speaker, TALKING_M, speaker, () => this.#reach(mover, speakerId));
    if (tool === 'follow') {
      this.#rest(mover);
      mover.leader = args.on === true ? speakerId : '';
    }
  }

  /** Session id of whom an NPC stands and waits for, as it leads them and they are behind; '' for nobody. */
  waitsFor(npcId: string): string {
    const mover = this.#movers.get(npcId);
    return mover?.walker.waiting ? mover.led : '';
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Moves everybody by what has passed; a timer does it. */
  tick(): void {
    const now = this.#options.nowMs();
    const seconds = Math.min(LONGEST_STEP_S, (now - this.#lastMs) / 1000);
    this.#lastMs = now;
    for (const mover of this.#movers.values()) this.#move(mover, now, seconds);
  }

  #move(mover: Mover, now: number, seconds: number): void {
    const { state, walker } = mover;
    if (mover.pointsUntilMs !== 0 && now > mover.pointsUntilMs) {
      mover.pointsUntilMs = 0;
      state.pointing = false;
    }
    if (!walker.busy && mover.leader !== '') this.#follow(mover);
    if (!walker.busy && mover.leader === '' && mover.pointsUntilMs === 0) this.#goHome(mover, now);
    if (walker.tick(now, seconds)) {
      const { onArrival } = mover;
      mover.onArrival = null;
      onArrival?.();
    }
    // While it points, its body stays as it is, whoever it looks at.
    const walking = walker.busy || mover.pointsUntilMs !== 0;
    if (state.walking !== walking) state.walking = walking;
  }

  #walk(
    mover: Mover,
    to: () => FloorPoint | null,
    stopM: number,
    face: () => FloorPoint | number | null,
    onArrival: (() => void) | null = null,
    more: Pick<Walk, 'hastes' | 'waitsFor'> = {},
  ): void {
    // The place of whoever is walked to is that of now; a place that is led to ends a stroll behind somebody.
    if (!more.hastes) mover.leader = '';
    mover.led = '';
    this.#takeOver(mover);
    this.#endPointing(mover);
    mover.onArrival = onArrival;
    mover.walker.begin({ to, stopM, face, ...more });
  }

  /** Walks to a place with somebody behind who is waited for. */
  #lead(mover: Mover, place: FloorPlan['places'][string], sessionId: string): void {
    const led = () => this.#visitor(sessionId);
    const leading = new Leading(mover.state, led, place);
    const waitsFor = (nowMs: number) => leading.behind(nowMs);
    this.#walk(mover, () => place, place.nearM, led, null, { waitsFor });
    mover.led = sessionId;
  }

  #follow(mover: Mover): void {
    const { state, leader } = mover;
    const place = this.#visitor(leader);
    mover.busyMs = this.#options.nowMs();
    if (!place) {
      mover.leader = '';
      return;
    }
    if (Math.hypot(place.x - state.x, place.z - state.z) < LEFT_BEHIND_M) return;
    const to = () => (mover.leader === leader ? this.#visitor(leader) : null);
    this.#walk(mover, to, FOLLOWING_M, to, null, { hastes: true });
  }

  #goHome(mover: Mover, now: number): void {
    const { state, home } = mover;
    if (Math.hypot(home.x - state.x, home.z - state.z) < AT_HOME_M) return;
    if (state.status !== 'idle' || this.#hasCompany(state)) mover.busyMs = now;
    if (now - mover.busyMs < HOME_AFTER_MS) return;
    mover.busyMs = now;
    this.#walk(
      mover,
      () => home,
      AT_HOME_M / 2,
      () => home.yaw,
    );
  }

  /** Holds something out to somebody. */
  #reach(mover: Mover, sessionId: string): void {
    const place = this.#visitor(sessionId);
    if (place) this.#point(mover, { ...place, y: HANDS_M }, HANDING_MS);
  }

  #point(mover: Mover, place: FloorPoint & { readonly y: number }, forMs = POINTING_MS): void {
    const { state, walker } = mover;
    this.#takeOver(mover);
    mover.onArrival = null;
    mover.leader = '';
    mover.pointsUntilMs = this.#options.nowMs() + forMs;
    Object.assign(state, { aimX: place.x, aimY: place.y, aimZ: place.z, pointing: true });
    const heading = headingTo(state, place);
    const aside = angle(heading - state.yaw);
    const yaw = Math.abs(aside) <= POINTS_WITHIN ? state.yaw : heading - Math.sign(aside) * POINTS_WITHIN;
    walker.begin({ to: () => null, stopM: 0, face: () => yaw });
  }

  #endPointing(mover: Mover): void {
    mover.pointsUntilMs = 0;
    if (mover.state.pointing) mover.state.pointing = false;
  }

  #rest(mover: Mover): void {
    this.#takeOver(mover);
    this.#endPointing(mover);
    mover.onArrival = null;
    mover.walker.stop();
  }

  /**
   * A body that stands is turned to its partner by each page; the room's heading is brought up to that before it is
   * the room's to turn.
   */
  #takeOver({ state }: Mover): void {
    if (state.walking) return;
    const partner = this.#visitor(state.lookAt);
    if (partner) state.yaw = headingTo(state, partner);
  }

  #open(thing: string): void {
    const { opened } = this.#options;
    if (opened && !opened.includes(thing)) opened.push(thing);
  }

  #visitor(sessionId: string): FloorPoint | null {
    return placeOf(this.#options.players()?.get(sessionId)) ?? null;
  }

  #hasCompany(state: NpcState): boolean {
    let company = false;
    this.#options.players()?.forEach?.((player) => {
      const place = placeOf(player);
      company ||= place !== undefined && Math.hypot(place.x - state.x, place.z - state.z) < COMPANY_M;
    });
    return company;
  }

  /** Everybody but one: visitors and other NPCs. */
  #others(npcId: string): FloorPoint[] {
    const others: FloorPoint[] = [];
    for (const { state } of this.#movers.values()) if (state.id !== npcId) others.push(state);
    this.#options.players()?.forEach?.((player) => {
      const place = placeOf(player);
      if (place) others.push(place);
    });
    return others;
  }
}

/** Tools that move the body: an NPC with one of them may leave its place. */
export const WALKING_TOOLS: ReadonlySet<string> = new Set(['walk-to', 'come', 'follow']);
