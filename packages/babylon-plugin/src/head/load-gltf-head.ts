import type { AssetContainer } from '@babylonjs/core/assetContainer.js';
import { LoadAssetContainerAsync } from '@babylonjs/core/Loading/sceneLoader.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { ParleyError } from '@parley/sdk';
import { binds } from '../bind/binds.ts';
import type { Head } from './head.ts';
import type { HeadModel, LoadHeadOptions } from './load-head.ts';
import { createMorphRig } from './morph-rig.ts';
import { rigNodes } from './rig-nodes.ts';

/** A head that lacks more controls than this is bound: what the artist made stays, the rest is transferred. */
const MANY_MISSING = 12;

/**
 * Loads a glTF head or body: with its ARKit morph targets where it has them, else bound.
 *
 * @param bytes - Contents of the .glb or .gltf file.
 * @param extension - `.glb` or `.gltf`.
 * @param name - Its name, for messages.
 * @param rootUrl - Where its other files lie, with a closing slash.
 * @throws ParleyError `unreadable-head`, or `no-face-controls` where heads are not bound; UnsureFaceError.
 */
export async function loadGltfHead(
  scene: Scene,
  bytes: Uint8Array,
  extension: '.glb' | '.gltf',
  name: string,
  rootUrl: string,
  model: HeadModel,
  options: LoadHeadOptions,
): Promise<Head> {
  const container = await loadContainer(scene, bytes, extension, name, rootUrl);
  const root = new TransformNode(name, scene);
  try {
    container.addAllToScene();
    for (const group of container.animationGroups) group.stop();
    for (const node of container.rootNodes) if (!node.parent) node.parent = root;
    const morphs = binds(options) && createMorphRig(container.meshes, model.manifest);
    if (morphs === null || (morphs && morphs.missing.length > MANY_MISSING))
      return await bindContainer(root, container, bytes, model, options);
    const rigged = rigNodes(root, name, model.manifest);
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

async function bindContainer(
  root: TransformNode,
  container: AssetContainer,
  file: Uint8Array,
  model: HeadModel,
  options: LoadHeadOptions,
): Promise<Head> {
  const { bindMeshes } = await import('../bind/bind-head.ts');
  const { inPartOrder } = await import('../bind/gltf-part-order.ts');
  const { placeUpright } = await import('../bind/place-upright.ts');
  const meshes = inPartOrder(file, container.meshes);
  const head = await bindMeshes(root, meshes, model, { ...options, file }, () => {
    container.dispose();
    root.dispose();
  });
  const upright = new TransformNode(`${root.name}.upright`, root.getScene());
  for (const node of root.getChildTransformNodes(true)) if (node !== upright) node.parent = upright;
  upright.parent = root;
  placeUpright(upright, head.report.toTemplate);
  return { ...head, animationGroups: container.animationGroups };
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
  // The loader takes the text form only as a URL.
  const source = extension === '.glb' ? bytes : `data:${new TextDecoder().decode(bytes)}`;
  const load = (skipMaterials: boolean): Promise<AssetContainer> =>
    LoadAssetContainerAsync(source, scene, {
      rootUrl,
      name,
      pluginExtension: extension,
      // A face that is an instance of another could not move by itself.
      pluginOptions: { gltf: { createInstances: false, skipMaterials } },
    });
  try {
    return await load(false).catch((error) => {
      if (!usesKtx2(bytes)) throw error;
      console.warn(
        `${name} comes without its materials: its KTX2 textures need Babylon's decoder, which did not load or did not read them; see KhronosTextureContainer2.URLConfig`,
      );
      return load(true);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParleyError(
      'unreadable-head',
      `${name} is no readable glTF file (${reason}): export it again`,
      error,
    );
  }
}

/** True where textures are KTX2, whose decoder Babylon fetches from its own server. */
function usesKtx2(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 20)).includes('KHR_texture_basisu');
}
