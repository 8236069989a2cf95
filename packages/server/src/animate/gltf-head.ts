import { type Document, type Node, PropertyType } from '@gltf-transform/core';
import { type ControlMap, type FaceManifest, mapControls, ParleyError } from '@parley/sdk';
import { createGltfIo, readGltf } from './gltf-io.ts';

/** A node whose mesh has morph targets that controls drive. */
export interface MorphNode {
  readonly node: Node;
  readonly targetNames: readonly string[];
  readonly map: ControlMap;
}

/** A glTF head with ARKit morph targets. */
export interface GltfHead {
  readonly document: Document;
  readonly morphNodes: readonly MorphNode[];
  /** Names of the shape controls that no morph target answers to. */
  readonly missing: readonly string[];
}

/** Controls without which a head is no ARKit head. */
const NEEDED = 'jawOpen';

/**
 * Reads a .glb or .gltf file and finds what speech moves in it.
 * @throws ParleyError `unreadable-head` or `no-face-controls`.
 */
export async function readGltfHead(path: string, manifest: FaceManifest): Promise<GltfHead> {
  let document: Document;
  try {
    document = await readGltf(await createGltfIo(), path);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ParleyError(
      'unreadable-head',
      `${path} is no glTF file that can be read here (${reason}): export it again`,
      error,
    );
  }
  // Rotations have no shape: a name that no target has stands in for them.
  const names = manifest.controls.map(({ kind, name }) => (kind === 'shape' ? name : `\u0000${name}`));
  const morphNodes: MorphNode[] = [];
  const found = new Set<string>();
  for (const node of document.getRoot().listNodes()) {
    const targetNames = targetNamesOf(node);
    const map = mapControls(names, targetNames);
    if (map.controlIndices.length === 0) continue;
    morphNodes.push({ node, targetNames, map });
    for (const control of map.controlIndices) found.add(names[control]!);
  }
  if (!found.has(NEEDED)) {
    const all = document.getRoot().listNodes().flatMap(targetNamesOf);
    const has =
      all.length === 0 ? 'no morph targets' : `only the morph targets ${all.slice(0, 8).join(', ')}`;
    throw new ParleyError(
      'no-face-controls',
      `${path} has ${has}: export the head with the 52 ARKit blendshapes as morph targets (jawOpen, mouthClose, …), or shape a copy of template.obj and keep the order of its vertices`,
    );
  }
  const shapes = manifest.controls.filter(({ kind }) => kind === 'shape').map(({ name }) => name);
  return { document, morphNodes, missing: shapes.filter((name) => !found.has(name)) };
}

function targetNamesOf(node: Node): string[] {
  const mesh = node.getMesh();
  const targets = mesh?.listPrimitives()[0]?.listTargets() ?? [];
  const { targetNames } = (mesh?.getExtras() ?? {}) as { targetNames?: unknown };
  const named = Array.isArray(targetNames) ? targetNames : [];
  return targets.map((target, i) => (typeof named[i] === 'string' ? named[i] : target.getName()));
}

/** True for the nodes that hold no mesh, light or camera: joints and groups. */
export function isBone(node: Node): boolean {
  return node.propertyType === PropertyType.NODE && !node.getMesh() && !node.getCamera();
}
