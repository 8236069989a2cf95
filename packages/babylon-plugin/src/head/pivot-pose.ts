import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { type FaceManifest, rotationIndices } from '@parley/sdk';

/** Height of the joint between neck and skull in a head's bounding box, as a part of the box. */
const JOINT_HEIGHT = 0.35;

/** Turns a head without bones as a whole, about the joint between neck and skull. */
export class PivotPose {
  readonly #pivot: TransformNode;
  readonly #root: TransformNode;
  readonly #moved: TransformNode[];
  readonly #index: ReturnType<typeof rotationIndices>;
  /** In a left-handed scene yaw and roll turn the other way. */
  readonly #mirror: 1 | -1;

  constructor(root: TransformNode, meshes: readonly AbstractMesh[], manifest: FaceManifest) {
    const scene = root.getScene();
    this.#root = root;
    this.#index = rotationIndices(manifest);
    this.#mirror = scene.useRightHandedSystem ? 1 : -1;
    this.#moved = root.getChildTransformNodes(true);
    this.#pivot = new TransformNode(`${root.name}.pivot`, scene);
    this.#pivot.parent = root;
    this.#pivot.position.copyFrom(joint(root, meshes));
    for (const node of this.#moved) {
      node.parent = this.#pivot;
      node.position.subtractInPlace(this.#pivot.position);
    }
  }

  apply(controls: Float32Array): void {
    const pitch = controls[this.#index.pitch] ?? 0;
    const yaw = controls[this.#index.yaw] ?? 0;
    const roll = controls[this.#index.roll] ?? 0;
    this.#pivot.rotation.set(pitch, yaw * this.#mirror, -roll * this.#mirror);
  }

  dispose(): void {
    for (const node of this.#moved) {
      if (node.isDisposed()) continue;
      node.position.addInPlace(this.#pivot.position);
      node.parent = this.#root;
    }
    this.#pivot.dispose();
  }
}

function joint(root: TransformNode, meshes: readonly AbstractMesh[]): Vector3 {
  const low = new Vector3(Infinity, Infinity, Infinity);
  const high = new Vector3(-Infinity, -Infinity, -Infinity);
  for (const mesh of meshes) {
    mesh.computeWorldMatrix(true);
    low.minimizeInPlace(mesh.getBoundingInfo().boundingBox.minimumWorld);
    high.maximizeInPlace(mesh.getBoundingInfo().boundingBox.maximumWorld);
  }
  const centre = Vector3.Center(low, high);
  centre.y = low.y + (high.y - low.y) * JOINT_HEIGHT;
  return Vector3.TransformCoordinates(centre, root.computeWorldMatrix(true).clone().invert());
}
