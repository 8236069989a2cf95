import { Material } from '@babylonjs/core/Materials/material.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Vector2 } from '@babylonjs/core/Maths/math.vector.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { HeadMesh, HeadPart } from '@parley/sdk/bind';
import type { AttachBasisOptions } from '../basis/attach-basis.ts';
import type { HeadModel } from '../head/load-head.ts';
import { LOADER_OPTIONS } from '../head/load-obj-head.ts';
import { applyRig } from './apply-rig.ts';
import { type BindOptions, bindSource } from './bind-source.ts';
import type { BoundHead } from './bound-head.ts';
import { placeUpright } from './place-upright.ts';

/**
 * Loads an .obj that nobody prepared: any head of any topology. It is read and bound in a worker, and comes into the scene upright,
 * looking along +z, in metres.
 *
 * @throws UnsureFaceError, or ParleyError with a `MeshErrorCode`.
 */
export async function loadStrangerObj(
  scene: Scene,
  bytes: Uint8Array,
  name: string,
  rootUrl: string,
  model: HeadModel,
  options: BindOptions & AttachBasisOptions,
): Promise<BoundHead> {
  const bound = await bindSource({ file: bytes, name }, model, options);
  const startMs = performance.now();
  const head = bound.mesh as HeadMesh;
  const materials = await loadMaterials(scene, bytes, head, rootUrl);
  const root = new TransformNode(name, scene);
  const upright = new TransformNode(`${name}.upright`, scene);
  upright.parent = root;
  // An .obj is right-handed.
  const file = new TransformNode(`${name}.file`, scene);
  file.parent = upright;
  if (!scene.useRightHandedSystem) file.scaling.x = -1;
  const meshes = head.parts.map((part) => createMesh(part, file, materials));
  const applied = await applyRig(root, meshes, bound.rig, model.manifest, options);
  placeUpright(upright, bound.rig.report.toTemplate);
  return {
    root,
    faceNode: applied.faceNode,
    meshes: [...meshes, ...applied.added],
    animationGroups: [],
    kind: 'bound',
    rig: applied.rig,
    report: bound.rig.report,
    rigFile: bound.rigFile,
    rigFrom: bound.from,
    timingsMs: { ...bound.timingsMs, apply: performance.now() - startMs },
    dispose() {
      applied.dispose();
      root.dispose();
      for (const material of new Set(materials.values())) material.dispose(false, true);
    },
  };
}

function createMesh(part: HeadPart, parent: TransformNode, materials: ReadonlyMap<string, Material>): Mesh {
  const scene = parent.getScene();
  const mesh = new Mesh(part.name || parent.name, scene);
  mesh.parent = parent;
  mesh.sideOrientation = scene.useRightHandedSystem
    ? Material.CounterClockWiseSideOrientation
    : Material.ClockWiseSideOrientation;
  const data = new VertexData();
  data.positions = part.positions;
  data.indices = part.indices;
  if (part.normals) data.normals = part.normals;
  if (part.uvs) data.uvs = part.uvs.map((value, i) => (i % 2 === 1 ? 1 - value : value));
  if (part.colours) data.colors = withAlpha(part.colours);
  data.applyToMesh(mesh);
  mesh.material = materials.get(part.material) ?? null;
  return mesh;
}

function withAlpha(rgb: Float32Array): Float32Array {
  return Float32Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 1 : rgb[Math.floor(i / 4) * 3 + (i % 4)],
  );
}

/** The materials of an .obj by name, and one for parts without. */
async function loadMaterials(
  scene: Scene,
  bytes: Uint8Array,
  head: HeadMesh,
  rootUrl: string,
): Promise<Map<string, Material>> {
  const names = [...new Set(head.parts.map(({ material }) => material))];
  const library = libraryOf(bytes);
  const materials = new Map<string, Material>();
  if (library) {
    const { OBJFileLoader } = await import('@babylonjs/loaders/OBJ/objFileLoader.pure.js');
    const loader = new OBJFileLoader({ ...LOADER_OPTIONS, UVScaling: new Vector2(1, 1) });
    // Babylon reads materials along with a mesh only: it gets one triangle for each.
    const triangles = names.map((name) => `usemtl ${name}\nf 1 2 3\n`).join('');
    const text = `mtllib ${library}\nv 0 0 0\nv 1 0 0\nv 0 1 0\n${triangles}`;
    const container = await loader.loadAssetContainerAsync(scene, text, rootUrl);
    for (const material of container.materials) {
      if (names.includes(material.name)) materials.set(material.name, material);
      else material.dispose(false, true);
    }
    for (const mesh of container.meshes) mesh.dispose();
  }
  for (const name of names) {
    if (materials.has(name)) continue;
    const plain = new StandardMaterial(name || 'head', scene);
    plain.specularColor = new Color3(0.08, 0.08, 0.08);
    const isColoured = head.parts.some(({ material, colours }) => material === name && colours);
    if (!isColoured) plain.diffuseColor = new Color3(0.72, 0.68, 0.64);
    materials.set(name, plain);
  }
  return materials;
}

function libraryOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 1 << 16));
  return /^mtllib[ \t]+(.+?)\s*$/m.exec(text)?.[1];
}
