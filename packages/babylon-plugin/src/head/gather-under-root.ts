import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';

/**
 * Puts meshes of the host under a common node.
 *
 * @param meshes - At least one.
 * @returns the node, and what puts the meshes back and disposes of it.
 */
export function gatherUnderRoot(meshes: readonly AbstractMesh[]): {
  readonly root: TransformNode;
  restore(): void;
} {
  if (meshes.length === 0) throw new RangeError('a head needs at least one mesh');
  const root = new TransformNode('parley.head', meshes[0].getScene());
  const tops = meshes.filter((mesh) => !meshes.includes(mesh.parent as AbstractMesh));
  const parents = tops.map((mesh) => mesh.parent);
  for (const mesh of tops) mesh.parent = root;
  return {
    root,
    restore() {
      tops.forEach((mesh, i) => {
        if (!mesh.isDisposed()) mesh.parent = parents[i];
      });
      root.dispose();
    },
  };
}
