import { Quaternion } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';

/**
 * Turns a node on top of whatever animation runs on it. A turn is given in the axes of `space` (the file's own space: +y
 * up, +z out of the face), whatever way the bone's own axes point. Where no animation wrote a new rotation since the last
 * frame, the turn replaces the last one.
 */
export class AdditiveTurn {
  readonly #node: TransformNode;
  readonly #space: TransformNode | null;
  readonly #base = Quaternion.Identity();
  readonly #written = new Quaternion(2, 0, 0, 0);
  readonly #parent = Quaternion.Identity();
  readonly #parentInverse = Quaternion.Identity();

  /**
   * @param node - The bone's node.
   * @param space - An ancestor of `node`; null for the root of the scene.
   */
  constructor(node: TransformNode, space: TransformNode | null) {
    this.#node = node;
    this.#space = space;
    node.rotationQuaternion ??= Quaternion.FromEulerVector(node.rotation);
    this.#base.copyFrom(node.rotationQuaternion);
  }

  /** @param turn - The additional rotation in the axes of the space. */
  apply(turn: Quaternion): void {
    this.#node.rotationQuaternion ??= Quaternion.FromEulerVector(this.#node.rotation);
    const current = this.#node.rotationQuaternion;
    if (!current.equals(this.#written)) this.#base.copyFrom(current);
    this.#readParent();
    // parent⁻¹ · turn · parent · base
    this.#parentInverse.multiplyToRef(turn, current);
    current.multiplyInPlace(this.#parent);
    current.multiplyInPlace(this.#base);
    this.#written.copyFrom(current);
  }

  /** Puts the node's own rotation back. */
  dispose(): void {
    if (this.#node.rotationQuaternion?.equals(this.#written))
      this.#node.rotationQuaternion.copyFrom(this.#base);
  }

  /** Rotation from the node's parent to the space: the product of the rotations in between. */
  #readParent(): void {
    this.#parent.set(0, 0, 0, 1);
    let node = this.#node.parent as TransformNode | null;
    while (node && node !== this.#space) {
      if (node.rotationQuaternion) node.rotationQuaternion.multiplyToRef(this.#parent, this.#parent);
      else if (node.rotation) {
        Quaternion.FromEulerVectorToRef(node.rotation, this.#parentInverse);
        this.#parentInverse.multiplyToRef(this.#parent, this.#parent);
      }
      node = node.parent as TransformNode | null;
    }
    this.#parentInverse.copyFrom(this.#parent);
    this.#parentInverse.conjugateInPlace();
  }
}
