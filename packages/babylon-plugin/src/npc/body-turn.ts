import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';

const degrees = Math.PI / 180;

/** The body starts to turn when its partner is this far to the side, and stops when nearly in front. */
const START = 35 * degrees;
const STOP = 3 * degrees;
/** Fastest turn, and how the speed falls off near the goal. */
const RADIANS_PER_SECOND = 110 * degrees;
const EASE_PER_SECOND = 3;

/** Turns a whole NPC about the vertical towards its partner, and home again. */
export class BodyTurn {
  readonly #root: TransformNode;
  /** Where it faces when it looks at nobody, radians. */
  homeYaw: number;
  #turning = false;

  constructor(root: TransformNode) {
    this.#root = root;
    this.homeYaw = root.rotation.y;
  }

  /**
   * @param angle - To the partner from straight ahead, about +y, in radians; null turns home.
   */
  update(angle: number | null, deltaMs: number): void {
    const home = wrapped(this.homeYaw - this.#root.rotation.y);
    const wanted = angle ?? home;
    if (Math.abs(wanted) > (angle === null ? STOP : START)) this.#turning = true;
    else if (Math.abs(wanted) < STOP) this.#turning = false;
    if (!this.#turning) return;
    const seconds = deltaMs / 1000;
    const most = RADIANS_PER_SECOND * seconds;
    const step = wanted * Math.min(1, EASE_PER_SECOND * seconds);
    this.#root.rotation.y = wrapped(this.#root.rotation.y + Math.min(most, Math.max(-most, step)));
  }
}

/** The same angle from -π to π. */
export function wrapped(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
