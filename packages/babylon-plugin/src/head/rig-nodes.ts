import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { type FaceManifest, ParleyError } from '@parley/sdk';
import { BonePose } from './bone-pose.ts';
import type { FaceRig } from './face-rig.ts';
import { type FaceBones, findBones } from './find-bones.ts';
import { createMorphRig, morphTargetNames } from './morph-rig.ts';
import { PivotPose } from './pivot-pose.ts';

/** Heads are named so in the axes of their file; the loader's own root node turns them into the scene. */
const LOADER_ROOT = '__root__';

/** A rig on nodes that are already in the scene. */
export interface RiggedNodes {
  readonly meshes: readonly AbstractMesh[];
  readonly faceNode: TransformNode;
  readonly rig: FaceRig;
  dispose(): void;
}

/**
 * Rigs a head that brings ARKit morph targets and, where it has them, neck, head and eye bones.
 *
 * @param root - The node above all of the head.
 * @throws ParleyError `no-face-controls` when speech cannot move it.
 */
export function rigNodes(root: TransformNode, name: string, manifest: FaceManifest): RiggedNodes {
  const meshes = meshesOf(root);
  const morphs = createMorphRig(meshes, manifest);
  if (!morphs) throw noFaceControls(name, meshes);
  const nodes = root.getDescendants(false) as TransformNode[];
  const bones = findBones(nodes);
  const space = nodes.find((node) => node.name === LOADER_ROOT) ?? root;
  const turnsEyes = morphs.missing.includes('eyeLookOutLeft');
  const bonePose = new BonePose(bones, space, manifest, turnsEyes);
  const pivotPose = bonePose.turnsHead ? null : new PivotPose(root, meshes, manifest);
  const faceNode = createFaceNode(root, name, meshes, bones);
  for (const mesh of meshes) mesh.alwaysSelectAsActiveMesh = true;
  const rig: FaceRig = {
    missing: morphs.missing,
    apply(controls) {
      morphs.apply(controls);
      bonePose.apply(controls);
      pivotPose?.apply(controls);
    },
    dispose() {
      morphs.dispose();
      bonePose.dispose();
      pivotPose?.dispose();
    },
  };
  return {
    meshes,
    faceNode,
    rig,
    dispose() {
      rig.dispose();
      faceNode.dispose();
    },
  };
}

function meshesOf(root: TransformNode): AbstractMesh[] {
  const meshes = root.getChildMeshes(false);
  if ('getTotalVertices' in root) meshes.unshift(root as AbstractMesh);
  return meshes.filter((mesh) => mesh.getTotalVertices() > 0);
}

function noFaceControls(name: string, meshes: readonly AbstractMesh[]): ParleyError {
  const targets = morphTargetNames(meshes);
  const has =
    targets.length === 0 ? 'no morph targets' : `only the morph targets ${targets.slice(0, 8).join(', ')}`;
  return new ParleyError(
    'no-face-controls',
    `${name} has ${has}: export the head with the 52 ARKit blendshapes as morph targets (jawOpen, mouthClose, …), or shape a copy of template.obj and keep the order of its vertices`,
  );
}

/** How far the eyes are above and in front of the joint that turns the head, as parts of the head's height. */
const EYES_ABOVE = 0.35;

function createFaceNode(
  root: TransformNode,
  name: string,
  meshes: readonly AbstractMesh[],
  bones: FaceBones,
): TransformNode {
  const node = new TransformNode(`${name}.face`, root.getScene());
  const at = new Vector3();
  root.computeWorldMatrix(true);
  if (bones.leftEye && bones.rightEye) {
    at.copyFrom(bones.leftEye.getAbsolutePosition());
    at.addInPlace(bones.rightEye.getAbsolutePosition()).scaleInPlace(0.5);
  } else {
    const { top, bottom } = verticalBounds(meshes);
    const head = bones.head?.getAbsolutePosition();
    if (head) at.set(head.x, head.y + (top - head.y) * EYES_ABOVE, head.z);
    else at.set(root.absolutePosition.x, bottom + (top - bottom) * 0.55, root.absolutePosition.z);
  }
  node.setAbsolutePosition(at);
  node.setParent(bones.head ?? root);
  return node;
}

function verticalBounds(meshes: readonly AbstractMesh[]): { top: number; bottom: number } {
  let top = Number.NEGATIVE_INFINITY;
  let bottom = Number.POSITIVE_INFINITY;
  for (const mesh of meshes) {
    mesh.computeWorldMatrix(true);
    const box = mesh.getBoundingInfo().boundingBox;
    top = Math.max(top, box.maximumWorld.y);
    bottom = Math.min(bottom, box.minimumWorld.y);
  }
  return { top, bottom };
}
