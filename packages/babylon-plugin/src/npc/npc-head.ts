import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { ParleyError } from '@parley/sdk';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import { rigTarget } from '../behavior/rig-target.ts';
import { binds } from '../bind/binds.ts';
import { gatherUnderRoot } from '../head/gather-under-root.ts';
import type { Head } from '../head/head.ts';
import { type HeadModel, type LoadHeadOptions, loadHead } from '../head/load-head.ts';

/**
 * A head for an NPC: the URL of an .obj, .glb or .gltf file; what {@link loadHead} gave; or a node or meshes that are in
 * the scene already, which stay the host's.
 */
export type HeadSource = string | Head | TransformNode | readonly AbstractMesh[];

/** What an NPC needs of its head. */
export interface NpcHead extends Pick<Head, 'root' | 'faceNode' | 'rig' | 'dispose'> {
  readonly animationGroups: Head['animationGroups'];
}

/**
 * Makes an NPC's head from whatever the host gives.
 *
 * @throws ParleyError and UnsureFaceError as {@link loadHead} does.
 */
export async function npcHead(
  scene: Scene,
  source: HeadSource,
  model: HeadModel,
  options: LoadHeadOptions,
): Promise<NpcHead> {
  if (typeof source === 'string') return loadHead(scene, source, model, options);
  if ('rig' in source) return source;
  try {
    return 'getClassName' in source
      ? hostHead(source, model, options, () => {})
      : hostMeshes(source, model, options);
  } catch (error) {
    if (!(error instanceof ParleyError && error.code === 'no-face-controls') || !binds(options)) throw error;
  }
  const { bindHead } = await import('../bind/bind-head.ts');
  return bindHead(source, model, options);
}

function hostHead(
  root: TransformNode,
  model: HeadModel,
  options: AttachBasisOptions,
  restore: () => void,
): NpcHead {
  const rigged = rigTarget(root, model, options);
  return {
    root,
    faceNode: rigged.faceNode,
    rig: rigged.rig,
    animationGroups: [],
    dispose() {
      rigged.dispose();
      restore();
    },
  };
}

/** Meshes get a common node above them for as long as the NPC lives. */
function hostMeshes(meshes: readonly AbstractMesh[], model: HeadModel, options: AttachBasisOptions): NpcHead {
  const { root, restore } = gatherUnderRoot(meshes);
  try {
    return hostHead(root, model, options, restore);
  } catch (error) {
    restore();
    throw error;
  }
}
