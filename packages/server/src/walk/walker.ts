import { findPath, PERSON_APART_M } from './find-path.ts';
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
/** A walker that has not got nearer for so long gives up, ms. */
const PATIENCE_MS = 6_000;
/** Getting nearer by less than this counts as not at all, metres. */
const PROGRESS_M = 0.15;

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
  #nearestM = Number.POSITIVE_INFINITY;
  #nearestMs = 0;

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

  /** Begins a walk in the place of the one under way. */
  begin(walk: Walk): void {
    this.#walk = walk;
    this.#path = [];
    this.#plannedMs = Number.NEGATIVE_INFINITY;
    this.#turning = false;
    this.#nearestM = Number.POSITIVE_INFINITY;
  }

  /** Stands still. */
  stop(): void {
    this.#walk = null;
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
      if (to && this.#go(to, walk.stopM, nowMs, seconds)) return false;
      this.#turning = true;
      this.#speed = 0;
    }
    const face = walk.face?.() ?? null;
    const yaw = typeof face === 'number' ? face : face ? headingTo(this.#body, face) : this.#body.yaw;
    if (!this.#turn(yaw, seconds)) return false;
    this.stop();
    return true;
  }

  /** @returns False when it is there, or as near as it gets. */
  #go(to: FloorPoint, stopM: number, nowMs: number, seconds: number): boolean {
    const body = this.#body;
    const leftM = Math.hypot(to.x - body.x, to.z - body.z);
    if (leftM <= stopM) return false;
    if (leftM < this.#nearestM - PROGRESS_M || this.#nearestM === Number.POSITIVE_INFINITY) {
      this.#nearestM = leftM;
      this.#nearestMs = nowMs;
    } else if (nowMs - this.#nearestMs > PATIENCE_MS) return false;
    const moved = Math.hypot(to.x - this.#plannedTo.x, to.z - this.#plannedTo.z) > 0.4;
    if (moved) this.#nearestM = Math.max(this.#nearestM, leftM);
    if (this.#path.length === 0 || moved || nowMs - this.#plannedMs > REPLAN_MS) {
      const people = this.#others().filter((other) => Math.hypot(other.x - to.x, other.z - to.z) > 0.05);
      this.#path = findPath(this.#plan, body, to, stopM, people);
      this.#plannedMs = nowMs;
      this.#plannedTo = { x: to.x, z: to.z };
      if (this.#path.length === 0) return this.#speed > 0 && this.#brake(seconds);
    }
    this.#step(leftM, seconds);
    return true;
  }

  #step(leftM: number, seconds: number): void {
    const body = this.#body;
    const next = this.#path[0];
    const heading = headingTo(body, next);
    const aside = Math.abs(angle(heading - body.yaw));
    this.#turn(heading, seconds);
    if (this.#speed < 0.2 && aside > TURN_FIRST) return;
    const brakingM = this.#wayM();
    const pace = this.#walk?.hastes && leftM > BEHIND_M ? HASTE_M_S : PACE_M_S;
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
      const x = body.x + (corner.x - body.x) * share;
      const z = body.z + (corner.z - body.z) * share;
      if (this.#bumps(x, z)) {
        this.#speed = 0;
        this.#path = [];
        return;
      }
      body.x = x;
      body.z = z;
      if (share < 1) return;
      stepM -= cornerM;
      this.#path.shift();
    }
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

  /** Whether a step leads into somebody. */
  #bumps(x: number, z: number): boolean {
    const { x: fromX, z: fromZ } = this.#body;
    return this.#others().some((other) => {
      const apart = Math.hypot(other.x - x, other.z - z);
      return apart < PERSON_APART_M - 0.15 && apart < Math.hypot(other.x - fromX, other.z - fromZ);
    });
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
