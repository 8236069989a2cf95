import type { Buffer, Document, Node, Primitive, Skin } from '@gltf-transform/core';
import { faceBoneName } from '@parley/sdk';
import type { HeadRig } from '@parley/sdk/bind';
import { isBone } from '../animate/gltf-head.ts';

/** The bone that turns the head, or the neck's where there is no other; null where the file has none. */
export function boneOfHead(document: Document): Node | null {
  const nodes = document.getRoot().listNodes();
  const joints = new Set(
    document
      .getRoot()
      .listSkins()
      .flatMap((skin) => skin.listJoints()),
  );
  const find = (name: string) =>
    nodes.find((node) => isBone(node) && joints.has(node) && faceBoneName(node.getName()) === name);
  return find('head') ?? find('neck') ?? null;
}

/** Two joints for a head that has none: one stays, one turns, and each vertex says how far it goes along. */
export class HeadTurn {
  readonly #document: Document;
  readonly #buffer: Buffer;
  readonly #joints: readonly [base: Node, head: Node];
  readonly #pivot: readonly [number, number, number];
  readonly #skins = new Map<Node, Skin>();

  /**
   * @param pivot - In the scene's space, as the eyes.
   * @param eyes - Nodes there tell whoever frames the face, or looks into it, where it is.
   */
  constructor(
    document: Document,
    buffer: Buffer,
    pivot: readonly [number, number, number],
    eyes: HeadRig['eyes'],
  ) {
    this.#document = document;
    this.#buffer = buffer;
    this.#pivot = pivot;
    // The second's name is what finds it.
    const head = document.createNode('head').setTranslation([...pivot]);
    for (const side of ['left', 'right'] as const) {
      const at = eyes[side].centre.map((value, axis) => value - pivot[axis]!) as [number, number, number];
      head.addChild(document.createNode(`${side}Eye`).setTranslation(at));
    }
    const base = document.createNode('shoulders').addChild(head);
    this.#joints = [base, head];
    const scene = document.getRoot().getDefaultScene() ?? document.getRoot().listScenes()[0];
    scene?.addChild(base);
  }

  /**
   * Hangs a primitive on the joints, where it stays as it is.
   * @param turnShares - How far each vertex goes along, 0 to 255.
   * @param toScene - Column-major 4 x 4 that places the primitive in the scene.
   */
  hang(node: Node, primitive: Primitive, turnShares: Uint8Array, toScene: ArrayLike<number>): void {
    const joints = new Uint8Array(turnShares.length * 4);
    const weights = new Uint8Array(turnShares.length * 4);
    turnShares.forEach((share, i) => {
      // A joint of weight 0 must be joint 0.
      joints[i * 4 + 1] = share > 0 ? 1 : 0;
      weights[i * 4] = 255 - share;
      weights[i * 4 + 1] = share;
    });
    const accessor = () => this.#document.createAccessor().setType('VEC4').setBuffer(this.#buffer);
    primitive
      .setAttribute('JOINTS_0', accessor().setArray(joints))
      .setAttribute('WEIGHTS_0', accessor().setArray(weights).setNormalized(true));
    let skin = this.#skins.get(node);
    if (!skin) {
      skin = this.#makeSkin(toScene);
      this.#skins.set(node, skin);
      node.setSkin(skin);
      // The joints place it now, wherever it hangs.
      const scene = this.#document.getRoot().getDefaultScene() ?? this.#document.getRoot().listScenes()[0];
      if (node.listChildren().length === 0) {
        scene?.addChild(node);
        node.setTranslation([0, 0, 0]).setRotation([0, 0, 0, 1]).setScale([1, 1, 1]);
      }
    }
  }

  #makeSkin(toScene: ArrayLike<number>): Skin {
    const inverse = new Float32Array(32);
    inverse.set(Array.from(toScene), 0);
    inverse.set(Array.from(toScene), 16);
    this.#pivot.forEach((value, axis) => {
      inverse[16 + 12 + axis]! -= value;
    });
    const [base, head] = this.#joints;
    return this.#document
      .createSkin()
      .addJoint(base)
      .addJoint(head)
      .setSkeleton(base)
      .setInverseBindMatrices(
        this.#document.createAccessor().setType('MAT4').setArray(inverse).setBuffer(this.#buffer),
      );
  }
}
