import type { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { NpcView } from '@parley/sdk';
import { wrapped } from './body-turn.ts';

/** Places are shown this long after they arrived, so that there is a next one to go to, ms. */
const DELAY_MS = 130;
const CAPACITY = 16;
/** Whoever is so far from the last place was put there, metres. */
const LEAP_M = 3;
/** Time constants with which the shown heading and speed follow, ms. */
const TURN_MS = 90;
const SPEED_MS = 120;

/**
 * Shows where the room has an NPC's body, smoothly: the room tells places some twenty times a second, and frames lie
 * between them. A node that the host put elsewhere keeps its distance from the room's place.
 */
export class BodyWalk {
  /** Speed over the floor and turning as shown, metres and radians a second. */
  speedMPerS = 0;
  turnPerS = 0;
  /** How far the body has walked, metres. */
  walkedM = 0;
  readonly #root: TransformNode;
  readonly #timesMs = new Float64Array(CAPACITY);
  readonly #xs = new Float64Array(CAPACITY);
  readonly #zs = new Float64Array(CAPACITY);
  readonly #yaws = new Float64Array(CAPACITY);
  #count = 0;
  #walking = false;
  #x = 0;
  #z = 0;
  #yaw = 0;
  /** From the room's place to the node's, and from its heading. */
  #offsetX = 0;
  #offsetZ = 0;
  #offsetYaw = 0;

  constructor(root: TransformNode) {
    this.#root = root;
  }

  /** Heading of the room in the scene, radians. */
  get homeYaw(): number {
    return this.#count === 0 ? this.#root.rotation.y : this.#yaws[this.#last] + this.#offsetYaw;
  }

  get #last(): number {
    return (this.#count - 1) % CAPACITY;
  }

  /** Takes over what the room tells. */
  push(nowMs: number, { x, z, yaw, walking = false }: NpcView): void {
    this.#walking = walking;
    if (this.#count === 0) {
      this.#offsetX = this.#root.position.x - x;
      this.#offsetZ = this.#root.position.z - z;
      this.#offsetYaw = wrapped(this.#root.rotation.y - yaw);
      this.#x = x;
      this.#z = z;
      this.#add(nowMs, x, z, yaw);
      return;
    }
    const last = this.#last;
    if (this.#xs[last] === x && this.#zs[last] === z && this.#yaws[last] === yaw) return;
    // After a rest the last place is an old one: it was there until now.
    if (nowMs - this.#timesMs[last] > 2 * DELAY_MS)
      this.#add(nowMs - 50, this.#xs[last], this.#zs[last], this.#yaws[last]);
    if (Math.hypot(x - this.#xs[last], z - this.#zs[last]) > LEAP_M) this.#count = 0;
    this.#add(nowMs, x, z, yaw);
  }

  /** Where a place of the room is in the scene. */
  toScene(x: number, y: number, z: number, out: Vector3): void {
    out.set(x + this.#offsetX, y, z + this.#offsetZ);
  }

  /** Moves the node to where the body is at `nowMs` of `performance.now()`. @param turns Whether it may be turned too. */
  update(nowMs: number, deltaMs: number, turns: boolean): void {
    if (this.#count === 0) return;
    const beforeX = this.#x;
    const beforeZ = this.#z;
    this.#sample(nowMs - DELAY_MS);
    const stepM = Math.hypot(this.#x - beforeX, this.#z - beforeZ);
    const leapt = stepM > LEAP_M;
    if (stepM > 0) {
      this.#root.position.x = this.#x + this.#offsetX;
      this.#root.position.z = this.#z + this.#offsetZ;
    }
    if (!leapt) this.walkedM += stepM;
    const seconds = deltaMs / 1000;
    const ease = 1 - Math.exp(-deltaMs / SPEED_MS);
    const speed = seconds > 0 && !leapt ? stepM / seconds : 0;
    this.speedMPerS += (speed - this.speedMPerS) * ease;
    const turn = turns && this.#walking ? this.#turn(deltaMs) : 0;
    this.turnPerS += ((seconds > 0 ? turn / seconds : 0) - this.turnPerS) * ease;
  }

  #turn(deltaMs: number): number {
    const root = this.#root;
    const left = wrapped(this.#yaw + this.#offsetYaw - root.rotation.y);
    const turn = left * (1 - Math.exp(-deltaMs / TURN_MS));
    root.rotation.y = wrapped(root.rotation.y + turn);
    return turn;
  }

  #add(atMs: number, x: number, z: number, yaw: number): void {
    const slot = this.#count % CAPACITY;
    this.#timesMs[slot] = atMs;
    this.#xs[slot] = x;
    this.#zs[slot] = z;
    this.#yaws[slot] = yaw;
    this.#count++;
  }

  #sample(atMs: number): void {
    const oldest = Math.max(0, this.#count - CAPACITY);
    let after = this.#count - 1;
    while (after > oldest && this.#timesMs[(after - 1) % CAPACITY] > atMs) after--;
    const b = after % CAPACITY;
    if (after === oldest || this.#timesMs[b] <= atMs) {
      this.#x = this.#xs[b];
      this.#z = this.#zs[b];
      this.#yaw = this.#yaws[b];
      return;
    }
    const a = (after - 1) % CAPACITY;
    const span = this.#timesMs[b] - this.#timesMs[a];
    const share = span > 0 ? (atMs - this.#timesMs[a]) / span : 1;
    this.#x = this.#xs[a] + (this.#xs[b] - this.#xs[a]) * share;
    this.#z = this.#zs[a] + (this.#zs[b] - this.#zs[a]) * share;
    this.#yaw = this.#yaws[a] + wrapped(this.#yaws[b] - this.#yaws[a]) * share;
  }
}
