import { Bone } from '@babylonjs/core/Bones/bone.js';
import { Skeleton } from '@babylonjs/core/Bones/skeleton.js';
import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { ShadowGenerator } from '@babylonjs/core/Lights/Shadows/shadowGenerator.js';
import '@babylonjs/core/Lights/Shadows/shadowGeneratorSceneComponent.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import { MultiMaterial } from '@babylonjs/core/Materials/multiMaterial.js';
import { NodeMaterial } from '@babylonjs/core/Materials/Node/nodeMaterial.js';
import { PBRMaterial } from '@babylonjs/core/Materials/PBR/pbrMaterial.js';
import { ShaderLanguage } from '@babylonjs/core/Materials/shaderLanguage.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { CreatePlane } from '@babylonjs/core/Meshes/Builders/planeBuilder.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { SubMesh } from '@babylonjs/core/Meshes/subMesh.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import '@babylonjs/core/Meshes/instancedMesh.js';
import { useOwnDraco } from '../../../../../examples/metaverse-room/src/talk/draco.ts';
import { useOwnMeshopt } from '../../../../../examples/metaverse-room/src/talk/meshopt.ts';
import { type BoundHead, bindHead, readHead } from '../../../src/index.ts';
import { frame, loadHeadModel } from './head-model.ts';
import { createScene, differing, type EngineKind, picture, toDataUrl } from './scene.ts';

/** A head of one part, upright and in metres, and its rig. */
export interface PlainHead {
  readonly positions: readonly number[];
  readonly indices: readonly number[];
  /** A `.parley-rig` in base 64. */
  readonly rig: string;
  /** The same for the two halves of its triangles as parts. */
  readonly rigOfTwo: string;
}

export type Look = 'standard' | 'pbr' | 'node' | 'multi' | 'skinned';

/** What {@link boundLook} counts, in pixels of 512 x 512. */
export interface BoundLook {
  /** Open mouth against rest. */
  readonly moved: number;
  /** The vertex shader's picture against that of the CPU path, mouth open. */
  readonly gpuToCpu: number;
  /** The shadow of an open mouth on a wall against the shadow at rest; the head itself is out of the picture. */
  readonly shadowMoved: number;
  /** Materials, textures, meshes, geometries, nodes before the head and after it was disposed of. */
  readonly counts: readonly (readonly number[])[];
  readonly pictures: Record<string, string>;
}

const OPEN = { jawOpen: 0.9 };

/** Binds a head with a look of the host's, draws it and its shadow, and disposes of it. */
export async function boundLook(kind: EngineKind, look: Look, head: PlainHead): Promise<BoundLook> {
  const model = await loadHeadModel();
  const { engine, scene, light } = await createScene(kind);
  engine.setHardwareScalingLevel(8);
  const camera = scene.activeCamera as FreeCamera;
  const rig = bytesOf(look === 'multi' ? head.rigOfTwo : head.rig);
  light.direction = new Vector3(-0.7, -0.15, -0.7).normalize();
  light.position = new Vector3(0.7, 0.1, 0.8);
  light.autoCalcShadowZBounds = true;
  light.intensity = 0.6;
  const wall = CreatePlane('wall', { size: 4, sideOrientation: Mesh.DOUBLESIDE }, scene);
  wall.position.z = -0.5;
  const paint = new StandardMaterial('wall', scene);
  paint.specularColor = Color3.Black();
  wall.material = paint;
  wall.receiveShadows = true;
  const counts: number[][] = [];
  const seen: Record<string, Uint8Array> = {};
  for (const path of look === 'node' ? (['auto'] as const) : (['auto', 'cpu'] as const)) {
    const { root, mesh } = hostMesh(scene, head, look);
    await materialOf(mesh, look);
    const owned = mesh.material;
    // A skeleton makes its texture when it is first drawn.
    mesh.skeleton?.prepare(true);
    mesh.skeleton?.getTransformMatrixTexture(mesh);
    counts.push(countsOf(scene));
    const bound = await bindHead(root, model, { rig, path });
    // The whole body moves, as in a walk.
    mesh.skeleton?.bones[0].setPosition(new Vector3(0, 0.03, 0));
    const shadows = new ShadowGenerator(512, light);
    for (const each of bound.meshes) shadows.addShadowCaster(each);
    const show = async (name: string, values: Record<string, number>): Promise<void> => {
      bound.rig.apply(frame(model, values));
      camera.position.set(0.12, -0.02, 0.5);
      camera.setTarget(new Vector3(0, -0.02, 0.05));
      seen[`${path}-${name}`] = await picture(scene);
      if (path === 'cpu') return;
      camera.position.set(-0.55, -0.12, -0.25);
      camera.setTarget(new Vector3(-0.55, -0.12, -0.5));
      seen[`${path}-${name}-shadow`] = await picture(scene);
    };
    if (path === 'auto') await show('rest', {});
    await show('open', OPEN);
    shadows.dispose();
    bound.dispose();
    if (mesh.material !== owned) throw new Error('the host has not got its material back');
    counts.push(countsOf(scene));
    mesh.skeleton?.dispose();
    root.dispose(false, true);
  }
  engine.dispose();
  return {
    moved: differing(seen['auto-rest'], seen['auto-open'], 24),
    gpuToCpu: seen['cpu-open'] ? differing(seen['auto-open'], seen['cpu-open'], 24) : 0,
    shadowMoved: differing(seen['auto-rest-shadow'], seen['auto-open-shadow'], 24),
    counts,
    pictures: Object.fromEntries(Object.entries(seen).map(([name, pixels]) => [name, toDataUrl(pixels)])),
  };
}

/** A bound head, an instance and a clone beside it, and what a frame of its controls changes of each third of the picture. */
export async function copiesOfBound(
  kind: EngineKind,
  head: PlainHead,
): Promise<{ moved: number[]; textures: number; picture: string }> {
  const model = await loadHeadModel();
  const { engine, scene } = await createScene(kind);
  engine.setHardwareScalingLevel(8);
  const rig = bytesOf(head.rig);
  const { root, mesh } = hostMesh(scene, head, 'standard');
  await materialOf(mesh, 'standard');
  const bound = await bindHead(root, model, { rig });
  for (const each of bound.meshes as Mesh[]) {
    each.computeWorldMatrix(true);
    const beside = (copy: TransformNode, x: number): void => {
      copy.setParent(null);
      copy.position.x += x;
    };
    beside(each.createInstance(`${each.name}.instance`), 0.3);
    beside(each.clone(`${each.name}.clone`), -0.3);
  }
  const camera = scene.activeCamera as FreeCamera;
  camera.position.set(0, -0.02, 1.2);
  camera.setTarget(new Vector3(0, -0.02, 0.05));
  bound.rig.apply(frame(model, {}));
  const rest = await picture(scene);
  bound.rig.apply(frame(model, OPEN));
  const open = await picture(scene);
  const textures = scene.textures.filter(({ name }) => name === 'parleyBasis').length;
  engine.dispose();
  const third = (pixels: Uint8Array, i: number): Uint8Array =>
    pixels.filter((_, at) => Math.floor((((at >> 2) % 512) * 3) / 512) === i);
  return {
    moved: [0, 1, 2].map((i) => differing(third(rest, i), third(open, i), 24)),
    textures,
    picture: toDataUrl(open),
  };
}

let posing: ((times: number, makesArrays: boolean) => number) | undefined;

/** Binds a head for {@link poseAgain}. */
export async function bindForPosing(head: PlainHead): Promise<void> {
  const model = await loadHeadModel();
  const { engine, scene } = await createScene('webgl2');
  engine.setHardwareScalingLevel(8);
  const { root, mesh } = hostMesh(scene, head, 'standard');
  await materialOf(mesh, 'standard');
  const bound = await bindHead(root, model, { rig: bytesOf(head.rig) });
  const frames = Array.from({ length: 4 }, (_, i) => frame(model, { jawOpen: 0.2 * i, headYaw: 0.1 * i }));
  const kept: Float32Array[] = [];
  posing = (times, makesArrays) => {
    for (let i = 0; i < times; i++) {
      bound.rig.apply(frames[i & 3]);
      if (makesArrays) kept[i & 7] = new Float32Array(16);
    }
    return times;
  };
}

/** Poses it many times, on the GPU's path; to see that the meter works, an array is made each time. */
export function poseAgain(times: number, makesArrays: boolean): number {
  return posing?.(times, makesArrays) ?? 0;
}

/** Loads a compressed file through Babylon's loader, with decoders that the page brings, and has it found and bound. */
export async function bindFile(
  kind: EngineKind,
  name: string,
  base64: string,
): Promise<{ kind: string; from: string; moved: number; vertices: number; picture: string }> {
  await useOwnDraco();
  await useOwnMeshopt();
  const model = await loadHeadModel();
  const { engine, scene } = await createScene(kind);
  engine.setHardwareScalingLevel(8);
  const head = (await readHead(scene, bytesOf(base64), name, '', model, { cache: false })) as BoundHead;
  const camera = scene.activeCamera as FreeCamera;
  const eyes = head.faceNode.getAbsolutePosition();
  camera.position.set(eyes.x, eyes.y - 0.05, eyes.z + 0.45);
  camera.fov = 0.6;
  camera.setTarget(eyes.add(new Vector3(0, -0.05, 0)));
  head.rig.apply(frame(model, {}));
  const rest = await picture(scene);
  head.rig.apply(frame(model, OPEN));
  const open = await picture(scene);
  const vertices = head.meshes.reduce((sum, mesh) => sum + mesh.getTotalVertices(), 0);
  head.dispose();
  engine.dispose();
  return {
    kind: head.kind,
    from: head.rigFrom,
    moved: differing(rest, open, 24),
    vertices,
    picture: toDataUrl(open),
  };
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function hostMesh(scene: Scene, head: PlainHead, look: Look): { root: TransformNode; mesh: Mesh } {
  const root = new TransformNode('head', scene);
  const loader = new TransformNode('loader', scene);
  loader.parent = root;
  loader.scaling.x = -1;
  const mesh = new Mesh('skin', scene);
  mesh.parent = loader;
  const data = new VertexData();
  data.positions = Float32Array.from(head.positions);
  data.indices = Uint32Array.from(head.indices);
  data.normals = [];
  VertexData.ComputeNormals(data.positions, data.indices, data.normals);
  // Triangles of the file are counter-clockwise from outside.
  data.normals = data.normals.map((value) => -value);
  data.applyToMesh(mesh);
  mesh.sideOrientation = 0;
  if (look === 'skinned') {
    const count = head.positions.length / 3;
    mesh.setVerticesData(VertexBuffer.MatricesIndicesKind, new Float32Array(count * 4), false, 4);
    mesh.setVerticesData(
      VertexBuffer.MatricesWeightsKind,
      Float32Array.from({ length: count * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
      false,
      4,
    );
    const skeleton = new Skeleton('skeleton', 'skeleton', scene);
    new Bone('Head', skeleton, null, Matrix.Identity());
    mesh.skeleton = skeleton;
  }
  return { root, mesh };
}

async function materialOf(mesh: Mesh, look: Look): Promise<void> {
  const scene = mesh.getScene();
  const standard = (name: string, colour: Color3): Material => {
    const material = new StandardMaterial(name, scene);
    material.diffuseColor = colour;
    material.specularColor = new Color3(0.1, 0.1, 0.1);
    return material;
  };
  const clay = new Color3(0.8, 0.62, 0.52);
  if (look === 'pbr') {
    const material = new PBRMaterial('skin', scene);
    material.albedoColor = clay;
    material.metallic = 0;
    material.roughness = 0.7;
    mesh.material = material;
  } else if (look === 'node') {
    // GLSL would have to be translated for WebGPU by what Babylon fetches from its own server.
    const shaderLanguage = scene.getEngine().isWebGPU ? ShaderLanguage.WGSL : ShaderLanguage.GLSL;
    const material = new NodeMaterial('skin', scene, { shaderLanguage });
    material.setToDefault();
    material.build();
    mesh.material = material;
  } else if (look === 'multi') {
    const multi = new MultiMaterial('skins', scene);
    multi.subMaterials = [standard('upper', clay), standard('lower', new Color3(0.4, 0.6, 0.8))];
    const count = mesh.getTotalIndices();
    const half = Math.floor(count / 6) * 3;
    mesh.material = multi;
    mesh.subMeshes = [];
    new SubMesh(0, 0, mesh.getTotalVertices(), 0, half, mesh);
    new SubMesh(1, 0, mesh.getTotalVertices(), half, count - half, mesh);
  } else mesh.material = standard('skin', clay);
}

function countsOf(scene: Scene): number[] {
  const { materials, textures, meshes, geometries, transformNodes, multiMaterials } = scene;
  return [materials, textures, meshes, geometries, transformNodes, multiMaterials].map((list) => list.length);
}
