import type { FaceManifest } from '../model/face-manifest.ts';

/** Where the head's three rotations are among the decoder's controls; -1 where the model has none. */
export interface RotationIndices {
  readonly pitch: number;
  readonly yaw: number;
  readonly roll: number;
}

/** Index of the control `name` among the decoder's outputs, or -1. */
export function controlIndex(manifest: FaceManifest, name: string): number {
  return manifest.controls.findIndex((control) => control.name === name);
}

/** Finds `headPitch`, `headYaw` and `headRoll`. */
export function rotationIndices(manifest: FaceManifest): RotationIndices {
  return {
    pitch: controlIndex(manifest, 'headPitch'),
    yaw: controlIndex(manifest, 'headYaw'),
    roll: controlIndex(manifest, 'headRoll'),
  };
}
