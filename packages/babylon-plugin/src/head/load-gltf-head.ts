import type { AssetContainer } from '@babylonjs/core/assetContainer.js';
import { LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { type FaceManifest, ParleyError } from '@parley/sdk';
import type { Head } from './head.ts';
import { rigNodes } from './rig-nodes.ts';

/**
 * Loads a glTF head or body that has the ARKit morph targets.
 *
 * @param bytes - Contents of the .glb or .gltf file.
 * @param extension - `.glb` or `.gltf`.
 * @param name - Its name, for messages.
 * @param rootUrl - Where its other files lie, with a closing slash.
 * @throws ParleyError `unreadable-head` or `no-face-controls`.
 */
export async function loadGltfHead(
  scene: Scene,
  bytes: Uint8Array,
  extension: '.glb' | '.gltf',
  name: string,
  rootUrl: string,
  manifest: FaceManifest,
): Promise<Head> {
  const container = await loadContainer(scene, bytes, extension, name, rootUrl);
  const root = new TransformNode(name, scene);
  try {
    container.addAllToScene();
    for (const group of container.animationGroups) group.stop();
    for (const node of container.rootNodes) if (!node.parent) node.parent = root;
    const rigged = rigNodes(root, name, manifest);
    return {
      root,
      ...rigged,
      animationGroups: container.animationGroups,
      kind: 'morphs',
      dispose() {
        rigged.dispose();
        container.dispose();
        root.dispose();
      },
    };
  } catch (error) {
    container.dispose();
    root.dispose();
    throw error;
  }
}

async function loadContainer(
  scene: Scene,
  bytes: Uint8Array,
  extension: '.glb' | '.gltf',
  name: string,
  rootUrl: string,
): Promise<AssetContainer> {
  await import('@babylonjs/loaders/glTF/glTFFileLoader.js');
  await import('@babylonjs/loaders/glTF/2.0/index.js');
  try {
    // The loader takes the text form only as a URL.
    const source = extension === '.glb' ? bytes : `data:${new TextDecoder().decode(bytes)}`;
    return await LoadAssetContainerAsync(source, scene, { rootUrl, name, pluginExtension: extension });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError(
      'unreadable-head',
      `${name} is no readable glTF file (${reason}): export it again`,
      error,
    );
  }
}
