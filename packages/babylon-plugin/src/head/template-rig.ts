import { type FaceManifest, headQuaternion, rotationIndices, type VertexBasis } from '@parley/sdk';
import type { AttachedBasis } from '../basis/attach-basis.ts';
import type { FaceRig } from './face-rig.ts';

/** The space that the meshes of a template head live in. */
export interface TemplateSpace {
  /** From the template's axes to the head's, 3 x 3, row by row. */
  readonly rotation: Float64Array;
  /** True when the loader mirrored x to enter a left-handed scene. */
  readonly mirrorX: boolean;
}

/** A rig for heads of the template's topology: every mesh follows the borrowed fields and turns about the neck. */
export function createTemplateRig(
  parts: readonly AttachedBasis[],
  basis: VertexBasis,
  space: TemplateSpace,
  manifest: FaceManifest,
): FaceRig {
  const weights = new Float32Array(basis.shapes);
  const turn = Float32Array.of(0, 0, 0, 1);
  const index = rotationIndices(manifest);
  const { rotation: r, mirrorX } = space;
  const mirror = mirrorX ? -1 : 1;
  return {
    missing: [],
    apply(controls) {
      for (let shape = 0; shape < weights.length; shape++)
        weights[shape] = controls[basis.controlIndices[shape]];
      headQuaternion(controls[index.pitch] ?? 0, controls[index.yaw] ?? 0, controls[index.roll] ?? 0, turn);
      const x = turn[0];
      const y = turn[1];
      const z = turn[2];
      // A rotation axis is a pseudovector: mirroring x flips its y and z.
      turn[0] = r[0] * x + r[1] * y + r[2] * z;
      turn[1] = (r[3] * x + r[4] * y + r[5] * z) * mirror;
      turn[2] = (r[6] * x + r[7] * y + r[8] * z) * mirror;
      for (let i = 0; i < parts.length; i++) parts[i].setPose(weights, turn);
    },
    dispose() {
      for (const part of parts) part.dispose();
    },
  };
}
