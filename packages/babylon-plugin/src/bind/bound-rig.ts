import { controlIndex, type FaceManifest, headQuaternion, rotationIndices } from '@parley/sdk';
import type { AttachedBasis } from '../basis/attach-basis.ts';
import type { BonePose } from '../head/bone-pose.ts';
import type { FaceRig } from '../head/face-rig.ts';
import { type HeadAxes, turnAxis } from '../head/head-axes.ts';
import type { MorphRig } from '../head/morph-rig.ts';

/** A mesh that follows a bound head's controls. */
export interface BoundPart {
  readonly basis: AttachedBasis;
  /** From the face's directions to the mesh's own space, times its determinant. */
  readonly axes: HeadAxes;
}

/** What moves a bound head. */
export interface BoundRigParts {
  /** Names of the rig's controls, in the order of the parts' weights. */
  readonly controls: readonly string[];
  readonly parts: readonly BoundPart[];
  /** Bones that carry the head's rotation; null turns the vertices themselves. */
  readonly bones: BonePose | null;
  /** Shapes that the artist made: they win over those that were transferred. */
  readonly morphs: MorphRig | null;
}

/** A rig for a head that was bound: its meshes follow the template's fields, except where the artist made shapes. */
export function createBoundRig(
  { controls: names, parts, bones, morphs }: BoundRigParts,
  manifest: FaceManifest,
): FaceRig {
  const weights = new Float32Array(names.length);
  const turn = Float32Array.of(0, 0, 0, 1);
  const turnOfPart = Float32Array.of(0, 0, 0, 1);
  const { pitch, yaw, roll } = rotationIndices(manifest);
  const controlOf = Int32Array.from(names, (name) =>
    morphs && !morphs.missing.includes(name) ? -1 : controlIndex(manifest, name),
  );
  const shapes = manifest.controls.filter(({ kind }) => kind === 'shape');
  return {
    missing: shapes
      .map(({ name }) => name)
      .filter((name) => !names.includes(name) && (!morphs || morphs.missing.includes(name))),
    apply(controls) {
      for (let k = 0; k < weights.length; k++) weights[k] = controlOf[k] < 0 ? 0 : controls[controlOf[k]];
      if (!bones) headQuaternion(controls[pitch] ?? 0, controls[yaw] ?? 0, controls[roll] ?? 0, turn);
      for (let i = 0; i < parts.length; i++) {
        turnOfPart.set(turn);
        turnAxis(turnOfPart, parts[i].axes);
        parts[i].basis.setPose(weights, turnOfPart);
      }
      morphs?.apply(controls);
      bones?.apply(controls);
    },
    dispose() {
      for (const { basis } of parts) basis.dispose();
      morphs?.dispose();
      bones?.dispose();
    },
  };
}
