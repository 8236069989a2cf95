import type { Accessor, Buffer, Document, Node, Primitive, PrimitiveTarget } from '@gltf-transform/core';
import { findOwnControls, type HeadMesh, type SplitVertices } from '@parley/sdk/bind';

/** Morph targets of a mesh that stay beside the rig's: a belly, a costume, a viseme. */
export interface KeptTargets {
  /** Index of each among the file's targets. */
  readonly indices: readonly number[];
  readonly names: readonly string[];
  /** Weights at rest: of the node, else of the mesh. */
  readonly weights: readonly number[];
  /** How many targets the mesh had. */
  readonly before: number;
}

/** Names of morph targets that the rig has in it, as the file spells them. */
export function targetsOfRig(mesh: HeadMesh, controls: readonly string[]): ReadonlySet<string> {
  const { controls: own } = findOwnControls(mesh, controls);
  const names = own.flatMap(({ shapes }) =>
    shapes.flatMap(({ morphs }) => morphs.map(({ part, morph }) => mesh.parts[part]!.morphs[morph]!.name)),
  );
  return new Set([...controls, ...names]);
}

/** What stays of a node's morph targets; read it before they are changed. */
export function keptTargets(node: Node, inRig: ReadonlySet<string>): KeptTargets {
  const mesh = node.getMesh();
  const before = mesh?.listPrimitives()[0]?.listTargets().length ?? 0;
  const names = (mesh?.listPrimitives()[0]?.listTargets() ?? []).map(
    (target, i) => target.getName() || `target ${i}`,
  );
  const rest = node.getWeights().length === before ? node.getWeights() : (mesh?.getWeights() ?? []);
  const indices = [...names.keys()].filter((i) => !inRig.has(names[i]!));
  return {
    indices,
    names: indices.map((i) => names[i]!),
    weights: indices.map((i) => rest[i] ?? 0),
    before,
  };
}

/**
 * Copies of a primitive's targets with the vertices that a cut added; each with positions and normals, as the rig's are.
 *
 * @param targets - Of the primitive, as the file has them.
 * @param vertices - With those that were added.
 */
export function extendedTargets(
  document: Document,
  buffer: Buffer,
  targets: readonly PrimitiveTarget[],
  vertices: number,
  splits: SplitVertices | null,
): PrimitiveTarget[] {
  const extended = (given: Accessor | null): Accessor => {
    const array = new Float32Array(vertices * 3);
    const element: number[] = [];
    const count = given?.getCount() ?? 0;
    for (let v = 0; given && v < count; v++) array.set(given.getElement(v, element), v * 3);
    splits?.ratios.forEach((t, i) => {
      for (let axis = 0; axis < 3; axis++) {
        const a = array[splits.ends[2 * i]! * 3 + axis]!;
        const b = array[splits.ends[2 * i + 1]! * 3 + axis]!;
        array[(vertices - splits.ratios.length + i) * 3 + axis] = a + t * (b - a);
      }
    });
    return document
      .createAccessor()
      .setBuffer(buffer)
      .setType('VEC3')
      .setArray(array)
      .setSparse(array.filter((value) => value !== 0).length < 1.5 * vertices);
  };
  return targets.map((target) =>
    document
      .createPrimitiveTarget(target.getName())
      .setAttribute('POSITION', extended(target.getAttribute('POSITION')))
      .setAttribute('NORMAL', extended(target.getAttribute('NORMAL'))),
  );
}

/** Lets the file's animations of weights drive what was kept; what the rig has is at rest in them. */
export function keepWeightTracks(
  document: Document,
  buffer: Buffer,
  node: Node,
  kept: KeptTargets,
  first: number,
): void {
  for (const animation of document.getRoot().listAnimations())
    for (const channel of animation.listChannels()) {
      const sampler = channel.getSampler();
      const output = sampler?.getOutput();
      if (channel.getTargetNode() !== node || channel.getTargetPath() !== 'weights' || !sampler || !output)
        continue;
      if (kept.indices.length === 0 || kept.before === 0) {
        channel.dispose();
        continue;
      }
      const keys = output.getCount() / kept.before;
      const size = first + kept.indices.length;
      const array = new Float32Array(keys * size);
      const element: number[] = [];
      for (let key = 0; key < keys; key++)
        kept.indices.forEach((index, i) => {
          array[key * size + first + i] = output.getElement(key * kept.before + index, element)[0]!;
        });
      const copy = sampler
        .clone()
        .setOutput(document.createAccessor().setBuffer(buffer).setType('SCALAR').setArray(array));
      animation.addSampler(copy);
      channel.setSampler(copy);
    }
}

/** A primitive's targets of these indices. */
export function targetsAt(primitive: Primitive, indices: readonly number[]): PrimitiveTarget[] {
  const all = primitive.listTargets();
  return indices.flatMap((i) => all[i] ?? []);
}
