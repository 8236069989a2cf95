import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';

interface GltfJson {
  readonly scene?: number;
  readonly scenes?: readonly { readonly nodes?: readonly number[] }[];
  readonly nodes?: readonly { readonly mesh?: number; readonly children?: readonly number[] }[];
  readonly meshes?: readonly {
    readonly primitives: readonly { readonly mode?: number; readonly attributes: object }[];
  }[];
}

const GLB_MAGIC = 0x46546c67;
/** Triangles, strips and fans; lines and points are no parts of a head. */
const SURFACES = [undefined, 4, 5, 6];

/**
 * The meshes that Babylon made of a glTF file, in the order in which the sdk's `readHead` lists the file's parts: so that a
 * `.parley-rig` fits them.
 */
export function inPartOrder(bytes: Uint8Array, meshes: readonly AbstractMesh[]): Mesh[] {
  const waiting = new Map<string, Mesh[]>();
  for (const mesh of meshes) {
    const pointer = pointersOf(mesh).find((each) => each.startsWith('/meshes/'));
    if (pointer && mesh instanceof Mesh && mesh.getTotalVertices() > 0)
      waiting.set(pointer, [...(waiting.get(pointer) ?? []), mesh]);
  }
  const ordered = partPointers(readJson(bytes)).flatMap((pointer) => waiting.get(pointer)?.shift() ?? []);
  // What a loader's extension made is no part of the file, and may be part of the face.
  return ordered.length > 0 ? ordered : meshes.filter((mesh) => mesh instanceof Mesh);
}

function partPointers({ scene = 0, scenes = [], nodes = [], meshes = [] }: GltfJson): string[] {
  const pointers: string[] = [];
  const visit = (index: number): void => {
    const { mesh, children = [] } = nodes[index] ?? {};
    meshes[mesh ?? -1]?.primitives.forEach(({ mode, attributes }, primitive) => {
      if (SURFACES.includes(mode) && 'POSITION' in attributes)
        pointers.push(`/meshes/${mesh}/primitives/${primitive}`);
    });
    children.forEach(visit);
  };
  (scenes[scene]?.nodes ?? nodes.map((_, i) => i)).forEach(visit);
  return pointers;
}

function readJson(bytes: Uint8Array): GltfJson {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isBinary = bytes.length > 20 && view.getUint32(0, true) === GLB_MAGIC;
  const text = isBinary ? bytes.subarray(20, 20 + view.getUint32(12, true)) : bytes;
  return JSON.parse(new TextDecoder().decode(text)) as GltfJson;
}

function pointersOf(mesh: AbstractMesh): readonly string[] {
  const { _internalMetadata: metadata } = mesh as unknown as {
    _internalMetadata?: { gltf?: { pointers?: string[] } };
  };
  return metadata?.gltf?.pointers ?? [];
}
