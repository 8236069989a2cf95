import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { controlIndex, type FaceManifest, rotationIndices } from '@parley/sdk';

const degrees = Math.PI / 180;

/** How far head and eyes go for a look, in radians. */
const HEAD_YAW = 40 * degrees;
const HEAD_PITCH = 18 * degrees;
const EYES_SIDE = 25 * degrees;
const EYES_UP_DOWN = 20 * degrees;
/** Somebody further to the side or behind is not followed by head and eyes. */
const FIELD = 110 * degrees;
/** Share of a look that the head takes on; the eyes do the rest. */
const HEAD_SHARE = 0.7;
/** Time constants of head and eyes, in ms. */
const HEAD_MS = 260;
const EYES_MS = 60;
/** Share of the decoded glances that is kept while looking at somebody. */
const KEPT_GLANCES = 0.4;

/** The four controls that turn one eye. */
interface EyeControls {
  readonly toLeft: number;
  readonly toRight: number;
  readonly up: number;
  readonly down: number;
}

/** Turns head and eyes towards a point, smoothly and within what a neck can do, on top of the decoded face. */
export class Gaze {
  /** Angle to the target from straight ahead, to the head's own left, in radians; 0 without a target. */
  targetYaw = 0;
  readonly #root: TransformNode;
  readonly #face: TransformNode;
  readonly #rotation: ReturnType<typeof rotationIndices>;
  readonly #eyes: readonly EyeControls[];
  /** The head's own left is +x in right-handed scenes and -x in left-handed ones. */
  readonly #left: 1 | -1;
  readonly #inverse = new Matrix();
  readonly #to = new Vector3();
  readonly #from = new Vector3();
  #weight = 0;
  #headYaw = 0;
  #headPitch = 0;
  #eyesYaw = 0;
  #eyesPitch = 0;

  /**
   * @param root - Its +z is where the NPC faces.
   * @param face - The point that looks.
   */
  constructor(root: TransformNode, face: TransformNode, manifest: FaceManifest) {
    this.#root = root;
    this.#face = face;
    this.#left = root.getScene().useRightHandedSystem ? 1 : -1;
    this.#rotation = rotationIndices(manifest);
    this.#eyes = [eyeControls(manifest, 'Left'), eyeControls(manifest, 'Right')];
  }

  /**
   * Adds the look to a frame of controls. Allocates nothing.
   *
   * @param target - What to look at, in the world; null looks ahead.
   */
  apply(controls: Float32Array, target: Vector3 | null, deltaMs: number): void {
    let yaw = 0;
    let pitch = 0;
    let looks = false;
    this.targetYaw = 0;
    if (target) {
      this.#root.computeWorldMatrix(true).invertToRef(this.#inverse);
      Vector3.TransformCoordinatesToRef(target, this.#inverse, this.#to);
      Vector3.TransformCoordinatesToRef(this.#face.getAbsolutePosition(), this.#inverse, this.#from);
      this.#to.subtractInPlace(this.#from);
      const side = this.#to.x * this.#left;
      this.targetYaw = Math.atan2(side, this.#to.z);
      looks = Math.abs(this.targetYaw) < FIELD;
      if (looks) {
        yaw = this.targetYaw;
        pitch = -Math.atan2(this.#to.y, Math.hypot(side, this.#to.z));
      }
    }
    const head = 1 - Math.exp(-deltaMs / HEAD_MS);
    const eyes = 1 - Math.exp(-deltaMs / EYES_MS);
    this.#weight += ((looks ? 1 : 0) - this.#weight) * head;
    this.#headYaw += (limit(yaw * HEAD_SHARE, HEAD_YAW) - this.#headYaw) * head;
    this.#headPitch += (limit(pitch * HEAD_SHARE, HEAD_PITCH) - this.#headPitch) * head;
    this.#eyesYaw += (limit(yaw - this.#headYaw, EYES_SIDE) - this.#eyesYaw) * eyes;
    this.#eyesPitch += (limit(pitch - this.#headPitch, EYES_UP_DOWN) - this.#eyesPitch) * eyes;
    if (this.#rotation.yaw >= 0) controls[this.#rotation.yaw] += this.#headYaw;
    if (this.#rotation.pitch >= 0) controls[this.#rotation.pitch] += this.#headPitch;
    const kept = 1 - (1 - KEPT_GLANCES) * this.#weight;
    for (let i = 0; i < this.#eyes.length; i++) {
      const { toLeft, toRight, up, down } = this.#eyes[i];
      addSigned(controls, toLeft, toRight, kept, this.#eyesYaw / EYES_SIDE);
      addSigned(controls, down, up, kept, this.#eyesPitch / EYES_UP_DOWN);
    }
  }
}

/** Two opposed controls are one number: `plus` minus `minus`. */
function addSigned(controls: Float32Array, plus: number, minus: number, kept: number, value: number): void {
  if (plus < 0 || minus < 0) return;
  const sum = (controls[plus] - controls[minus]) * kept + value;
  controls[plus] = Math.min(1, Math.max(0, sum));
  controls[minus] = Math.min(1, Math.max(0, -sum));
}

function limit(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}

function eyeControls(manifest: FaceManifest, side: 'Left' | 'Right'): EyeControls {
  const isLeft = side === 'Left';
  return {
    // "Out" is away from the nose.
    toLeft: controlIndex(manifest, `eyeLook${isLeft ? 'Out' : 'In'}${side}`),
    toRight: controlIndex(manifest, `eyeLook${isLeft ? 'In' : 'Out'}${side}`),
    up: controlIndex(manifest, `eyeLookUp${side}`),
    down: controlIndex(manifest, `eyeLookDown${side}`),
  };
}
