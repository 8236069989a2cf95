import type { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** How often faces move at a distance, for a head of adult size and a field of view of 46 degrees. */
export const FACE_LEVELS: readonly { readonly withinM: number; readonly everyFrames: number }[] = [
  { withinM: 5, everyFrames: 1 },
  { withinM: 10, everyFrames: 2 },
  { withinM: 25, everyFrames: 4 },
];

/** The field of view that {@link FACE_LEVELS} are meant for: half of it, as a tangent. */
const HALF_VIEW = Math.tan(0.4);
/** What lies this far outside the view may still throw a shadow or turn into it, metres. */
const MARGIN_M = 0.6;

/** What a face does in a frame. */
export type FaceTask =
  /** Show the controls. */
  | 'show'
  /** Leave it as it is: out of sight, or not its turn. */
  | 'keep'
  /** Too far away to be read: it rests, which costs its vertices nothing. */
  | 'rest';

let faces = 0;

/** Decides whether a face is worth moving in a frame: not out of sight, less often far away, not at all further away. */
export class FaceLevel {
  readonly #face: TransformNode;
  readonly #head: TransformNode;
  readonly #scene: Scene;
  /** Faces take turns, so that no frame has to move all. */
  readonly #turn = faces++;

  /**
   * @param face - The point between the eyes.
   * @param head - The node by which the host scales the head.
   */
  constructor(face: TransformNode, head: TransformNode) {
    this.#face = face;
    this.#head = head;
    this.#scene = face.getScene();
  }

  /** Allocates nothing. */
  task(): FaceTask {
    const scene = this.#scene;
    const camera = scene.activeCamera;
    // With several views the nearest would count; that is not worth finding out.
    if (!camera || (scene.activeCameras?.length ?? 0) > 1) return 'show';
    const at = this.#face.absolutePosition;
    const size = Math.max(1, Math.abs(this.#head.scaling.y));
    const planes = scene.frustumPlanes;
    if (planes)
      for (let i = 0; i < planes.length; i++) if (distanceTo(planes[i], at) < -MARGIN_M) return 'keep';
    const eye = camera.globalPosition;
    const away = Math.sqrt((at.x - eye.x) ** 2 + (at.y - eye.y) ** 2 + (at.z - eye.z) ** 2);
    const seenAt = camera.mode === 0 ? (away * Math.tan(camera.fov / 2)) / HALF_VIEW : 0;
    for (let i = 0; i < FACE_LEVELS.length; i++) {
      const { withinM, everyFrames } = FACE_LEVELS[i];
      if (seenAt < withinM * size)
        return (scene.getFrameId() + this.#turn) % everyFrames === 0 ? 'show' : 'keep';
    }
    return 'rest';
  }
}

function distanceTo({ normal, d }: { readonly normal: Vector3; readonly d: number }, point: Vector3): number {
  return normal.x * point.x + normal.y * point.y + normal.z * point.z + d;
}
