import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { ParleyError } from '@parley/sdk';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import type { FaceRig } from '../head/face-rig.ts';
import type { HeadModel } from '../head/load-head.ts';
import { createMatchedRig } from '../head/match-template.ts';
import { rigNodes } from '../head/rig-nodes.ts';

/** A rig on nodes of the host, and the point between the eyes. */
export interface TargetRig {
  readonly rig: FaceRig;
  readonly faceNode: TransformNode;
  dispose(): void;
}

/**
 * Rigs a head that the host has loaded itself: by its ARKit morph targets where it has them, else as an unchanged copy of
 * the template.
 *
 * @throws ParleyError `no-face-controls` when it is neither.
 */
export function rigTarget(
  target: TransformNode,
  model: HeadModel,
  options: AttachBasisOptions = {},
): TargetRig {
  try {
    return rigNodes(target, target.name, model.manifest);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    const matched = createMatchedRig(meshesOf(target), target, model, options);
    if (matched) return matched;
    throw error;
  }
}

function meshesOf(target: TransformNode): Mesh[] {
  const meshes = target.getChildMeshes(false) as Mesh[];
  if ('getTotalVertices' in target) meshes.unshift(target as Mesh);
  return meshes.filter((mesh) => mesh.getTotalVertices() > 0);
}
