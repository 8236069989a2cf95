import { TargetCamera } from '@babylonjs/core/Cameras/targetCamera';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { Scene } from '@babylonjs/core/scene';
import type { Colliders } from '../world/colliders.ts';

const EYES_M = 1.62;
const MIN_PITCH = -0.5;
const MAX_PITCH = 0.75;
const MIN_DISTANCE_M = 0.9;
const MAX_DISTANCE_M = 6;
/** Closer than this the own body would fill the picture. */
const BODY_SHOWS_FROM_M = 1.15;
const TALK_DISTANCE_M = 0.95;

/** The view over a visitor's shoulder. It never enters a wall, and comes closer while somebody is talked to. */
export class CameraRig {
  readonly camera: TargetCamera;
  /** Where the view looks: radians from +z towards +x, and below the horizon. */
  yaw: number;
  pitch = 0.08;
  /** Wanted distance behind the head in metres. */
  distance = 3.1;
  /** Whether the own body is far enough away to be drawn. */
  bodyVisible = true;
  readonly #colliders: Colliders;
  readonly #target = new Vector3();
  #shownDistance = 3.1;
  #closeness = 0;

  constructor(scene: Scene, colliders: Colliders, yaw: number) {
    this.camera = new TargetCamera('visitor-view', new Vector3(0, EYES_M, -12), scene);
    this.camera.minZ = 0.06;
    this.camera.maxZ = 420;
    this.#colliders = colliders;
    this.yaw = yaw;
  }

  /** Turns the view by radians. */
  look(deltaYaw: number, deltaPitch: number): void {
    this.yaw += deltaYaw;
    this.pitch = Math.min(MAX_PITCH, Math.max(MIN_PITCH, this.pitch + deltaPitch));
  }

  zoom(factor: number): void {
    this.distance = Math.min(MAX_DISTANCE_M, Math.max(MIN_DISTANCE_M, this.distance * factor));
  }

  /**
   * @param aspect Width of the picture by its height; narrow pictures see wider upwards.
   * @param talking Whether an NPC is being talked to at close range.
   */
  update(seconds: number, x: number, z: number, aspect: number, talking: boolean): void {
    const ease = 1 - Math.exp(-seconds / 0.35);
    this.#closeness += ((talking ? 1 : 0) - this.#closeness) * ease;
    const wanted = Math.min(
      this.distance,
      this.distance + (TALK_DISTANCE_M - this.distance) * this.#closeness,
    );
    this.camera.fov = aspect < 0.8 ? 1.12 : 0.92;
    const sin = Math.sin(this.yaw);
    const cos = Math.cos(this.yaw);
    const flat = Math.cos(this.pitch);
    // Over the right shoulder, so that the own body leaves the middle free; there is none in the way while talking.
    const shoulder = (aspect < 0.8 ? 0.34 : 0.55) * (1 - 0.85 * this.#closeness);
    const headX = x + cos * shoulder;
    const headZ = z - sin * shoulder;
    const backX = -sin * flat;
    const backY = Math.sin(this.pitch) + 0.1;
    const backZ = -cos * flat;
    const side = this.#colliders.freeShare(x, EYES_M, z, headX, EYES_M, headZ, 0.12);
    const fromX = x + (headX - x) * side;
    const fromZ = z + (headZ - z) * side;
    const free = this.#colliders.freeShare(
      fromX,
      EYES_M,
      fromZ,
      fromX + backX * wanted,
      EYES_M + backY * wanted,
      fromZ + backZ * wanted,
      0.14,
    );
    const reach = Math.max(0.05, wanted * free);
    // Into a wall at once, out of it gently.
    this.#shownDistance =
      reach < this.#shownDistance ? reach : this.#shownDistance + (reach - this.#shownDistance) * ease;
    this.bodyVisible = this.#shownDistance > BODY_SHOWS_FROM_M;
    const position = this.camera.position;
    position.set(
      fromX + backX * this.#shownDistance,
      Math.max(0.25, EYES_M + backY * this.#shownDistance),
      fromZ + backZ * this.#shownDistance,
    );
    this.#target.set(
      position.x + sin * flat * 4,
      position.y - Math.sin(this.pitch) * 4,
      position.z + cos * flat * 4,
    );
    this.camera.setTarget(this.#target);
  }
}
