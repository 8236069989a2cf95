import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { ParleyError } from '@parley/sdk';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import { gatherUnderRoot } from '../head/gather-under-root.ts';
import type { HeadModel } from '../head/load-head.ts';
import { applyRig } from './apply-rig.ts';
import { type BindOptions, bindSource } from './bind-source.ts';
import type { BoundHead } from './bound-head.ts';
import { readPieces } from './head-pieces.ts';

/** Options of {@link bindHead}. */
export interface BindHeadOptions extends BindOptions, AttachBasisOptions {
  /** The head's file, where it is at hand: rigs are kept under its hash then, and a `rig` is checked against it. */
  readonly file?: Uint8Array;
}

/**
 * Gives any human-like head in the scene a face that speaks: no blendshapes, bones or markers needed, any topology. Its face is
 * found, and it gets a mouth, teeth and a tongue if it has none.
 *
 * ```ts
 * const { meshes } = await ImportMeshAsync('stranger.glb', scene);
 * const head = await bindHead(meshes, model, { onProgress: (step, done) => bar.value = done });
 * await parley.addNpc('mira', { head });
 * ```
 *
 * @param target - The node above the head, or its meshes; a body may hang on it. They stay the host's: `dispose` gives them their
 *   former shape back.
 * @throws UnsureFaceError `no-face`, `several-faces`, `unsure-face` or `binding-refused`: it carries the proposed points, for a
 *   person to move; bind again with `points`. ParleyError `rig-…` when a given rig does not fit.
 */
export async function bindHead(
  target: TransformNode | readonly AbstractMesh[],
  model: HeadModel,
  options: BindHeadOptions = {},
): Promise<BoundHead> {
  const isList = Array.isArray(target);
  const { root, restore } = isList
    ? gatherUnderRoot(target as readonly AbstractMesh[])
    : { root: target as TransformNode, restore: () => {} };
  try {
    const meshes = (isList ? (target as readonly AbstractMesh[]) : meshesOf(root)).filter(
      (mesh): mesh is Mesh => mesh instanceof Mesh && mesh.getTotalVertices() > 0,
    );
    return await bindMeshes(root, meshes, model, options, restore);
  } catch (error) {
    restore();
    throw error;
  }
}

function meshesOf(root: TransformNode): AbstractMesh[] {
  const meshes = root.getChildMeshes(false);
  if ('getTotalVertices' in root) meshes.unshift(root as AbstractMesh);
  return meshes;
}

/**
 * Binds meshes under a node.
 *
 * @param meshes - In the order of the file's parts, where a rig is to fit the file's.
 * @param onDispose - Called when the head is disposed of, after its rig is.
 */
export async function bindMeshes(
  root: TransformNode,
  meshes: readonly Mesh[],
  model: HeadModel,
  options: BindHeadOptions,
  onDispose: () => void,
): Promise<BoundHead> {
  if (meshes.length === 0)
    throw new ParleyError('empty-head', `${root.name} has no mesh with vertices: give a head`);
  const pieces = readPieces(root, meshes);
  const source = { mesh: pieces.head, targets: pieces.targets, file: options.file, name: root.name };
  const { rig: prepared, rigFile, from, timingsMs } = await bindSource(source, model, options);
  const startMs = performance.now();
  const applied = await applyRig(root, meshes, prepared, model.manifest, options);
  return {
    root,
    faceNode: applied.faceNode,
    meshes: [...meshes, ...applied.added],
    animationGroups: [],
    kind: 'bound',
    rig: applied.rig,
    report: prepared.report,
    rigFile,
    rigFrom: from,
    timingsMs: { ...timingsMs, apply: performance.now() - startMs },
    dispose() {
      applied.dispose();
      onDispose();
    },
  };
}
