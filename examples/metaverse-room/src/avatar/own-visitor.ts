import type { Colliders } from '../world/colliders.ts';
import type { Cast } from '../world/create-world.ts';
import type { CameraRig } from './camera-rig.ts';
import type { Controls } from './controls.ts';
import type { VisitorBodies, VisitorBody } from './visitor-bodies.ts';
import type { Walker } from './walker.ts';

/** This visitor: legs, view and figure. */
export class OwnVisitor {
  readonly walker: Walker;
  readonly rig: CameraRig;
  readonly #controls: Controls;
  readonly #colliders: Colliders;
  #body: VisitorBody | undefined;

  constructor(walker: Walker, rig: CameraRig, controls: Controls, colliders: Colliders) {
    this.walker = walker;
    this.rig = rig;
    this.#controls = controls;
    this.#colliders = colliders;
  }

  /** Where others look to meet this visitor's eyes: the figure, or the view itself while the figure is out of the picture. */
  get seenAt(): { readonly x: number; readonly z: number } {
    return this.rig.bodyVisible ? this.walker : this.rig.camera.position;
  }

  /** Puts the visitor on a place that the room gave them. */
  place(x: number, z: number, yaw: number): void {
    this.walker.x = x;
    this.walker.z = z;
    this.walker.yaw = yaw;
    this.rig.yaw = yaw;
  }

  /** @param key Session id: everybody sees the same colour. */
  dress(bodies: VisitorBodies, key: string, cast: Cast): void {
    if (this.#body) {
      for (const mesh of this.#body.meshes) cast(mesh, 'off');
      this.#body.dispose();
    }
    this.#body = bodies.create(key);
    for (const mesh of this.#body.meshes) cast(mesh, 'moving');
  }

  /**
   * @param partner Somebody to face while standing.
   * @param aspect Width of the picture by its height.
   */
  tick(seconds: number, partner: { readonly x: number; readonly z: number } | null, aspect: number): void {
    const { walker, rig } = this;
    this.#controls.update(seconds);
    const dx = partner ? partner.x - walker.x : 0;
    const dz = partner ? partner.z - walker.z : 0;
    const near = partner !== null && Math.hypot(dx, dz) < 3.4;
    walker.step(
      seconds,
      this.#controls.input,
      rig.yaw,
      near ? Math.atan2(dx, dz) : Number.NaN,
      this.#colliders,
    );
    const standing = walker.speed < 0.3;
    rig.update(seconds, walker.x, walker.z, aspect, near && standing);
    if (!this.#body) return;
    this.#body.root.position.set(walker.x, 0, walker.z);
    this.#body.root.rotation.y = walker.yaw;
    this.#body.walk(walker.speed, seconds);
    this.#body.setVisible(rig.bodyVisible);
  }
}
