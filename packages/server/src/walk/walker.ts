import { clearance } from './clearance.ts';
import { findPath } from './find-path.ts';
import type { FloorPlan, FloorPoint } from './floor-plan.ts';

/** A body's place and heading, which the walker changes; the room's state of an NPC fits. */
export interface Body {
  x: number;
  z: number;
  /** Radians from +z towards +x. */
  yaw: number;
}

/** Where a walk leads. */
export interface Walk {
  /** Where to, metres; it may move, and be gone. */
  readonly to: () => FloorPoint | null;
  /** The walk ends this far from it. */
  readonly stopM: number;
  /** Somebody who has to be waited for, by their place; null while nobody has. */
  readonly waitsFor?: (nowMs: number) => FloorPoint | null;
  /** Whether to hurry after somebody who gets away. */
  readonly hastes?: boolean;
  /** What to turn to at the end, a place or a heading. */
  readonly face?: () => FloorPoint | number | null;
}

const degrees = Math.PI / 180;
/** A person's pace, and when somebody runs ahead, metres a second. */
const PACE_M_S = 1.25;
const HASTE_M_S = 2.1;
/** So far behind, a walker makes haste, metres. */
const BEHIND_M = 4.5;
const ACCELERATION_M_S2 = 1.6;
const TURN_PER_S = 170 * degrees;
/** Whoever stands turns on the spot before a step that leads more to the side than this. */
const TURN_FIRST = 40 * degrees;
const ALIGNED = 6 * degrees;
/** The way is looked for anew so often, ms: people move. */
const REPLAN_MS = 500;
/** With no way at all it looks again so soon, ms: whoever bars it may be walking by. */
const LOOK_AGAIN_MS = 200;
/** A walker whose way has not become shorter for so long gives up, ms. */
const PATIENCE_MS = 6_000;
/** A way that is shorter by less than this is as long as before, metres. */
const PROGRESS_M = 0.15;
/** A way that has become so much longer is a detour, metres; so many are taken on one walk. */
const DETOUR_M = 0.5;
const MOST_DETOURS = 8;
/** No step leads nearer than this to the middle of somebody, metres. */
export const NEAREST_PERSON_M = 0.6;
/** Nor nearer than this to what is built, unless it was nearer already, metres; beside the way that was found less near. */
const NEAREST_WALL_M = 0.1;
const NEAREST_WALL_ASIDE_M = 0.2;
/** With somebody so near in front of it a walker goes no faster than this, metres and metres a second. */
const CLOSE_AHEAD_M = 1.2;
const CAREFUL_M_S = 0.6;

/** Walks one body: turns first, speeds up, goes around people, slows down, and turns to whom it came for. */
export class Walker {
  readonly #body: Body;
  readonly #plan: FloorPlan;
  readonly #others: () => readonly FloorPoint[];
  #walk: Walk | null = null;
  #path: FloorPoint[] = [];
  #plannedMs = Number.NEGATIVE_INFINITY;
  #plannedTo: FloorPoint = { x: 0, z: 0 };
  #speed = 0;
  #turning = false;
  #waiting = false;
  #shortestM = Number.POSITIVE_INFINITY;
  #shortestMs = 0;
  #detours = 0;

  /** @param others Everybody else who stands or walks there. */
  constructor(body: Body, plan: FloorPlan, others: () => readonly FloorPoint[]) {
    this.#body = body;
    this.#plan = plan;
    this.#others = others;
  }

  /** Whether it walks or turns. */
  get busy(): boolean {
    return this.#walk !== null;
  }

  /** Whether it stands and waits for whom it leads. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Begins a walk in the place of the one under way. */
  begin(walk: Walk): void {
    this.#walk = walk;
    this.#path = [];
    this.#plannedMs = Number.NEGATIVE_INFINITY;
    this.#turning = this.#waiting = false;
    this.#shortestM = Number.POSITIVE_INFINITY;
    this.#detours = 0;
  }

  /** Stands still. */
  stop(): void {
    this.#walk = null;
    this.#waiting = false;
    this.#speed = 0;
  }

  /**
   * Moves the body by a step.
   * @returns Whether the walk has just ended.
   */
  tick(nowMs: number, seconds: number): boolean {
    const walk = this.#walk;
    if (!walk) return false;
    if (!this.#turning) {
      const to = walk.to();
      if (to && this.#go(walk, to, nowMs, seconds)) return false;
      this.#turning = true;
      this.#waiting = false;
      this.#speed = 0;
    }
    const face = walk.face?.() ?? null;
    const yaw = typeof face === 'number' ? face : face ? headingTo(this.#body, face) : this.#body.yaw;
    if (!this.#turn(yaw, seconds)) return false;
    this.stop();
    return true;
  }

  /** @returns False when it is there, or as near as it gets. */
  #go(walk: Walk, to: FloorPoint, nowMs: number, seconds: number): boolean {
    const body = this.#body;
    const leftM = Math.hypot(to.x - body.x, to.z - body.z);
    if (leftM <= walk.stopM) return false;
    const behind = walk.waitsFor?.(nowMs) ?? null;
    this.#waiting = behind !== null;
    if (behind) {
      this.#wait(behind, seconds);
      this.#shortestMs = nowMs;
      return true;
    }
    if (!this.#findWay(walk, to, nowMs)) return this.#stands(walk, to, nowMs, seconds);
    const wayM = this.#wayM();
    const isDetour = wayM > this.#shortestM + DETOUR_M && this.#detours < MOST_DETOURS;
    if (isDetour) this.#detours++;
    if (isDetour || wayM < this.#shortestM - PROGRESS_M) {
      this.#shortestM = wayM;
      this.#shortestMs = nowMs;
    } else if (nowMs - this.#shortestMs > PATIENCE_MS) return false;
    this.#step(leftM, seconds);
    return true;
  }

  /** Looks for a way, where the last one is old or has ended. @returns Whether there is one. */
  #findWay(walk: Walk, to: FloorPoint, nowMs: number): boolean {
    const moved = Math.hypot(to.x - this.#plannedTo.x, to.z - this.#plannedTo.z) > 0.4;
    const oldMs = this.#path.length === 0 ? LOOK_AGAIN_MS : REPLAN_MS;
    if (!moved && nowMs - this.#plannedMs <= oldMs) return this.#path.length > 0;
    // Whoever is walked to gets away, or has taken another way: it is a new walk.
    if (moved) this.#shortestM = Number.POSITIVE_INFINITY;
    this.#path = findPath(this.#plan, this.#body, to, walk.stopM, this.#people(to));
    this.#plannedMs = nowMs;
    this.#plannedTo = { x: to.x, z: to.z };
    return this.#path.length > 0;
  }

  /** There is no way; if it is people who bar it, they may go. @returns Whether it waits for that. */
  #stands(walk: Walk, to: FloorPoint, nowMs: number, seconds: number): boolean {
    if (this.#brake(seconds)) return true;
    if (this.#shortestM === Number.POSITIVE_INFINITY) {
      this.#shortestM = Math.hypot(to.x - this.#body.x, to.z - this.#body.z);
      this.#shortestMs = nowMs;
    }
    if (nowMs - this.#shortestMs > PATIENCE_MS || this.#people(to).length === 0) return false;
    return findPath(this.#plan, this.#body, to, walk.stopM).length > 0;
  }

  /** Comes to rest and turns to whom it waits for. */
  #wait(behind: FloorPoint, seconds: number): void {
    this.#path = [];
    if (!this.#brake(seconds)) this.#turn(headingTo(this.#body, behind), seconds);
  }

  /** Everybody but who is walked to. */
  #people(to: FloorPoint): FloorPoint[] {
    return this.#others().filter((other) => Math.hypot(other.x - to.x, other.z - to.z) > 0.05);
  }

  #step(leftM: number, seconds: number): void {
    const body = this.#body;
    const next = this.#path[0];
    const heading = headingTo(body, next);
    const aside = Math.abs(angle(heading - body.yaw));
    this.#turn(heading, seconds);
    if (this.#speed < 0.2 && aside > TURN_FIRST) return;
    const people = this.#others();
    const brakingM = this.#wayM();
    const haste = this.#walk?.hastes && leftM > BEHIND_M ? HASTE_M_S : PACE_M_S;
    const pace = this.#closeAhead(people, heading) ? CAREFUL_M_S : haste;
    const wanted = Math.min(
      pace * Math.max(0.25, Math.cos(aside)),
      Math.sqrt(2 * ACCELERATION_M_S2 * Math.max(0.01, brakingM)),
    );
    const change = ACCELERATION_M_S2 * seconds;
    this.#speed += Math.min(change, Math.max(-2 * change, wanted - this.#speed));
    let stepM = this.#speed * seconds;
    while (this.#path.length > 0 && stepM > 0) {
      const corner = this.#path[0];
      const cornerM = Math.hypot(corner.x - body.x, corner.z - body.z);
      const share = cornerM <= stepM ? 1 : stepM / cornerM;
      const dx = (corner.x - body.x) * share;
      const dz = (corner.z - body.z) * share;
      if (!this.#moveBy(dx, dz, people)) {
        this.#speed = 0;
        this.#path = [];
        return;
      }
      if (share < 1) return;
      stepM -= cornerM;
      this.#path.shift();
    }
  }

  /** Moves, along somebody's side where the step leads into them. @returns Whether it could. */
  #moveBy(dx: number, dz: number, people: readonly FloorPoint[]): boolean {
    const body = this.#body;
    let [stepX, stepZ] = [dx, dz];
    for (const other of people) {
      const awayX = body.x - other.x;
      const awayZ = body.z - other.z;
      const apartM = Math.hypot(awayX, awayZ);
      if (Math.hypot(awayX + stepX, awayZ + stepZ) >= NEAREST_PERSON_M || apartM < 1e-6) continue;
      const inwards = (stepX * awayX + stepZ * awayZ) / (apartM * apartM);
      if (inwards >= 0) continue;
      stepX -= inwards * awayX;
      stepZ -= inwards * awayZ;
    }
    const x = body.x + stepX;
    const z = body.z + stepZ;
    const slides = stepX !== dx || stepZ !== dz;
    if (slides && Math.hypot(stepX, stepZ) < 0.2 * Math.hypot(dx, dz)) return false;
    if (slides && this.#bumps(x, z, people)) return false;
    if (this.#touches(x, z, slides ? NEAREST_WALL_ASIDE_M : NEAREST_WALL_M)) return false;
    body.x = x;
    body.z = z;
    return true;
  }

  /** Whether somebody is close in the direction of the walk. */
  #closeAhead(people: readonly FloorPoint[], heading: number): boolean {
    return people.some((other) => {
      if (Math.hypot(other.x - this.#body.x, other.z - this.#body.z) > CLOSE_AHEAD_M) return false;
      return Math.abs(angle(headingTo(this.#body, other) - heading)) < TURN_FIRST;
    });
  }

  /** Comes to rest. */
  #brake(seconds: number): boolean {
    this.#speed = Math.max(0, this.#speed - 2 * ACCELERATION_M_S2 * seconds);
    return this.#speed > 0;
  }

  #wayM(): number {
    let sum = 0;
    let { x, z }: FloorPoint = this.#body;
    for (const corner of this.#path) {
      sum += Math.hypot(corner.x - x, corner.z - z);
      ({ x, z } = corner);
    }
    return sum;
  }

  /** Whether a place is nearer to somebody than anybody likes, and than the body is. */
  #bumps(x: number, z: number, people: readonly FloorPoint[]): boolean {
    const { x: fromX, z: fromZ } = this.#body;
    return people.some((other) => {
      const apart = Math.hypot(other.x - x, other.z - z);
      return apart < NEAREST_PERSON_M - 1e-3 && apart < Math.hypot(other.x - fromX, other.z - fromZ) - 1e-6;
    });
  }

  /** Whether a place is nearer than this to what is built, and than the body is. */
  #touches(x: number, z: number, nearestM: number): boolean {
    const leftM = clearance(this.#plan, { x, z });
    return leftM < nearestM && leftM < clearance(this.#plan, this.#body);
  }

  /** @returns Whether it faces there. */
  #turn(yaw: number, seconds: number): boolean {
    const left = angle(yaw - this.#body.yaw);
    const most = TURN_PER_S * seconds;
    this.#body.yaw = angle(this.#body.yaw + Math.min(most, Math.max(-most, left * Math.min(1, 8 * seconds))));
    return Math.abs(angle(yaw - this.#body.yaw)) < ALIGNED;
  }
}

/** Radians from +z towards +x. */
export function headingTo(from: FloorPoint, to: FloorPoint): number {
  return Math.atan2(to.x - from.x, to.z - from.z);
}

/** The same angle from -π to π. */
export function angle(radians: number): number {
  return radians - 2 * Math.PI * Math.round(radians / (2 * Math.PI));
}
