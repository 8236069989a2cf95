import type { AnimationGroup } from '@babylonjs/core/Animations/animationGroup.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { FaceRig } from './face-rig.ts';

/** A head (or a whole body with one) that Parley can move. */
export interface Head {
  /** Place, turn and scale the head by this node. */
  readonly root: TransformNode;
  /** Sits between the eyes; sound comes from here. */
  readonly faceNode: TransformNode;
  readonly meshes: readonly AbstractMesh[];
  /** The file's own animations; none is started. */
  readonly animationGroups: readonly AnimationGroup[];
  /** `template`: an .obj of the template's topology; `morphs`: its own ARKit morph targets; `bound`: any other head. */
  readonly kind: 'template' | 'morphs' | 'bound';
  readonly rig: FaceRig;
  /** Frees everything that loading and rigging the head made. */
  dispose(): void;
}
