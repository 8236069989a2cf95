import { Quaternion } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { controlIndex, type FaceManifest, headQuaternion, rotationIndices } from '@parley/sdk';
import { AdditiveTurn } from './additive-turn.ts';
import type { FaceBones } from './find-bones.ts';
import { FACES_FORWARD, type HeadAxes, turnAxis } from './head-axes.ts';

/** The neck takes this part of the head's rotation, the skull the rest. */
const NECK_PART = 0.35;
/** How far an eye turns at weight 1, radians: the gaze shapes of the template turn as far. */
const LOOK_SIDE = (25 * Math.PI) / 180;
const LOOK_UP_DOWN = (20 * Math.PI) / 180;

interface EyeTurn {
  readonly turn: AdditiveTurn;
  /** Control indices. */
  readonly toLeft: number;
  readonly toRight: number;
  readonly up: number;
  readonly down: number;
}

/** Turns neck, head and (where no morph targets move them) eye bones with the controls, on top of any animation. */
export class BonePose {
  readonly #index: ReturnType<typeof rotationIndices>;
  readonly #neck: AdditiveTurn | null;
  readonly #head: AdditiveTurn | null;
  readonly #eyes: EyeTurn[] = [];
  readonly #turn = Quaternion.Identity();
  readonly #components: [number, number, number, number] = [0, 0, 0, 1];
  readonly #axes: HeadAxes;

  /**
   * @param space - The node whose axes are the file's own: +y up, +z out of the face.
   * @param turnsEyes - False when the head has gaze shapes of its own.
   * @param axes - How the face lies in `space`, where it is not as said.
   */
  constructor(
    bones: FaceBones,
    space: TransformNode | null,
    manifest: FaceManifest,
    turnsEyes: boolean,
    axes: HeadAxes = FACES_FORWARD,
  ) {
    this.#axes = axes;
    this.#index = rotationIndices(manifest);
    this.#neck = bones.neck ? new AdditiveTurn(bones.neck, space) : null;
    this.#head = bones.head ? new AdditiveTurn(bones.head, space) : null;
    if (!turnsEyes) return;
    if (bones.leftEye) this.#eyes.push(eyeTurn(bones.leftEye, space, manifest, 'Left'));
    if (bones.rightEye) this.#eyes.push(eyeTurn(bones.rightEye, space, manifest, 'Right'));
  }

  /** True when a bone carries the head's rotation. */
  get turnsHead(): boolean {
    return this.#head !== null || this.#neck !== null;
  }

  apply(controls: Float32Array): void {
    const pitch = controls[this.#index.pitch] ?? 0;
    const yaw = controls[this.#index.yaw] ?? 0;
    const roll = controls[this.#index.roll] ?? 0;
    const neckPart = this.#neck ? (this.#head ? NECK_PART : 1) : 0;
    this.#apply(this.#neck, pitch * neckPart, yaw * neckPart, roll * neckPart);
    const headPart = 1 - neckPart;
    this.#apply(this.#head, pitch * headPart, yaw * headPart, roll * headPart);
    for (let i = 0; i < this.#eyes.length; i++) {
      const eye = this.#eyes[i];
      const side = (controls[eye.toLeft] - controls[eye.toRight]) * LOOK_SIDE;
      this.#apply(eye.turn, (controls[eye.down] - controls[eye.up]) * LOOK_UP_DOWN, side, 0);
    }
  }

  dispose(): void {
    this.#neck?.dispose();
    this.#head?.dispose();
    for (const eye of this.#eyes) eye.turn.dispose();
  }

  #apply(node: AdditiveTurn | null, pitch: number, yaw: number, roll: number): void {
    if (!node) return;
    headQuaternion(pitch, yaw, roll, this.#components);
    const q = this.#components;
    turnAxis(q, this.#axes);
    this.#turn.set(q[0], q[1], q[2], q[3]);
    node.apply(this.#turn);
  }
}

function eyeTurn(
  node: TransformNode,
  space: TransformNode | null,
  manifest: FaceManifest,
  side: 'Left' | 'Right',
): EyeTurn {
  // "Out" is away from the nose: to the head's own left for the left eye.
  const toLeft = controlIndex(manifest, `eyeLook${side === 'Left' ? 'Out' : 'In'}${side}`);
  const toRight = controlIndex(manifest, `eyeLook${side === 'Left' ? 'In' : 'Out'}${side}`);
  return {
    turn: new AdditiveTurn(node, space),
    toLeft,
    toRight,
    up: controlIndex(manifest, `eyeLookUp${side}`),
    down: controlIndex(manifest, `eyeLookDown${side}`),
  };
}
