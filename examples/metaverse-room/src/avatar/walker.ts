import type { Colliders } from '../world/colliders.ts';

/** What a visitor asks of their legs, each in [-1, 1]; diagonal input is not faster. */
export interface WalkInput {
  /** Towards where the view looks. */
  forward: number;
  /** To the view's right. */
  right: number;
}

const SPEED_M_S = 3;
/** Time constant of speeding up and slowing down. */
const EASE_SECONDS = 0.09;
const BODY_RADIUS_M = 0.32;
const TURN_SECONDS = 0.11;

/** A visitor's own position: walks on the floor, slides along what is solid. */
export class Walker {
  x: number;
  z: number;
  /** Where the body faces, radians from +z towards +x. */
  yaw: number;
  /** Speed over the floor in m/s, for the legs. */
  speed = 0;
  #velocityX = 0;
  #velocityZ = 0;

  constructor(x: number, z: number, yaw: number) {
    this.x = x;
    this.z = z;
    this.yaw = yaw;
  }

  /**
   * @param seconds Time since the last step.
   * @param viewYaw Where the view looks; input is relative to it.
   * @param faceYaw Where to face while standing (somebody who is being talked to), or NaN to stay as is.
   */
  step(seconds: number, input: WalkInput, viewYaw: number, faceYaw: number, colliders: Colliders): void {
    const sin = Math.sin(viewYaw);
    const cos = Math.cos(viewYaw);
    let wishX = sin * input.forward + cos * input.right;
    let wishZ = cos * input.forward - sin * input.right;
    const wish = Math.hypot(wishX, wishZ);
    if (wish > 1) {
      wishX /= wish;
      wishZ /= wish;
    }
    const ease = 1 - Math.exp(-seconds / EASE_SECONDS);
    this.#velocityX += (wishX * SPEED_M_S - this.#velocityX) * ease;
    this.#velocityZ += (wishZ * SPEED_M_S - this.#velocityZ) * ease;
    const beforeX = this.x;
    const beforeZ = this.z;
    this.x += this.#velocityX * seconds;
    this.z += this.#velocityZ * seconds;
    colliders.resolve(this, BODY_RADIUS_M);
    this.speed = seconds > 0 ? Math.hypot(this.x - beforeX, this.z - beforeZ) / seconds : 0;
    const walking = wish > 0.05;
    const target = walking ? Math.atan2(wishX, wishZ) : faceYaw;
    if (Number.isNaN(target)) return;
    this.yaw += angleBetween(this.yaw, target) * (1 - Math.exp(-seconds / TURN_SECONDS));
  }
}

/** The shortest turn in radians from one heading to another, in (-pi, pi]. */
export function angleBetween(from: number, to: number): number {
  const turn = (to - from) % (2 * Math.PI);
  if (turn > Math.PI) return turn - 2 * Math.PI;
  if (turn <= -Math.PI) return turn + 2 * Math.PI;
  return turn;
}
