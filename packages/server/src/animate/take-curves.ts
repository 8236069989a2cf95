import { controlIndex, type FaceManifest, headQuaternion } from '@parley/sdk';
import type { FaceFrames } from './face-frames.ts';

/** A whole take, read by control rather than by frame. */
export class TakeCurves {
  readonly frames: number;
  readonly #manifest: FaceManifest;
  readonly #controls: Float32Array;

  constructor(take: readonly FaceFrames[], manifest: FaceManifest) {
    this.#manifest = manifest;
    this.frames = take.reduce((sum, { frames }) => sum + frames, 0);
    this.#controls = new Float32Array(this.frames * manifest.controls.length);
    for (const { startFrame, controls } of take)
      this.#controls.set(controls, startFrame * manifest.controls.length);
  }

  /** The time of each frame, seconds. */
  get times(): Float32Array {
    return Float32Array.from({ length: this.frames }, (_, frame) => frame / this.#manifest.codec.fps);
  }

  /** A control at a frame; 0 where there is none of that index. */
  at(frame: number, control: number): number {
    return control < 0 ? 0 : this.#controls[frame * this.#manifest.controls.length + control]!;
  }

  /** A control by its name, for all frames. */
  curve(name: string): Float32Array {
    const control = controlIndex(this.#manifest, name);
    return Float32Array.from({ length: this.frames }, (_, frame) => this.at(frame, control));
  }

  /**
   * The head's turn, as quaternions xyzw in a space with +y up and +z out of the face.
   * @param part How much of the turn, 0 to 1.
   */
  headTurns(part = 1): Float32Array {
    const [pitch, yaw, roll] = ['headPitch', 'headYaw', 'headRoll'].map((name) => this.curve(name)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const out = new Float32Array(this.frames * 4);
    for (let frame = 0; frame < this.frames; frame++)
      headQuaternion(
        pitch[frame]! * part,
        yaw[frame]! * part,
        roll[frame]! * part,
        out.subarray(frame * 4, frame * 4 + 4),
      );
    return out;
  }
}
