import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { faceBoneName } from '@parley/sdk';

/** The nodes of a skeleton that a face moves; undefined where the file has none of that name. */
export interface FaceBones {
  readonly neck?: TransformNode;
  readonly head?: TransformNode;
  readonly leftEye?: TransformNode;
  readonly rightEye?: TransformNode;
}

/** Finds neck, head and eye bones by the usual names: Mixamo, Ready Player Me, Unreal, VRM, MakeHuman, Blender. */
export function findBones(nodes: readonly TransformNode[]): FaceBones {
  const bones: Partial<Record<keyof FaceBones, TransformNode>> = {};
  for (const node of nodes) {
    // A mesh named "Head" is no bone.
    if (node.getClassName() !== 'TransformNode') continue;
    const bone = faceBoneName(node.name);
    if (bone) bones[bone] ??= node;
  }
  return bones;
}
