import type { Bone } from '@babylonjs/core/Bones/bone.js';
import { BoundingInfo } from '@babylonjs/core/Culling/boundingInfo.js';
import { Material } from '@babylonjs/core/Materials/material.js';
import { MultiMaterial } from '@babylonjs/core/Materials/multiMaterial.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Quaternion, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { FaceManifest } from '@parley/sdk';
import type { Similarity } from '@parley/sdk/bind';
import { type AttachBasisOptions, type AttachedBasis, attachBasis } from '../basis/attach-basis.ts';
import { type MeshBasis, packedMeshBasis } from '../basis/mesh-basis.ts';
import type { PackedBasis } from '../basis/pack-basis.ts';
import { BonePose } from '../head/bone-pose.ts';
import type { FaceRig } from '../head/face-rig.ts';
import { findBones } from '../head/find-bones.ts';
import { createMorphRig } from '../head/morph-rig.ts';
import { type BoundPart, createBoundRig } from './bound-rig.ts';
import { extendGeometry } from './extend-geometry.ts';
import { headBoneOf, localToHead } from './head-pieces.ts';
import { determinant, directionsOf, linearOf, multiplyLinear, transposed } from './linear.ts';
import type { PreparedAddition } from './prepare-addition.ts';
import type { PreparedRig } from './prepare-rig.ts';

/** A rig on meshes of the scene. */
export interface AppliedRig {
  readonly rig: FaceRig;
  /** Middle between the eyes. */
  readonly faceNode: TransformNode;
  /** Meshes that the head got: the inside of its mouth. */
  readonly added: readonly Mesh[];
  /** Takes everything out again and gives the meshes their former shape and materials. */
  dispose(): void;
}

/** Middle between the eyes of the template, metres: where voice and gaze start. */
const FACE = [0, 0.02, 0.09] as const;
/** What a head's turning may add to its box on each side, as a part of the box's diagonal. */
const TURN_PADDING = 0.15;

/**
 * Puts a prepared rig on the meshes that it was prepared for.
 *
 * @param root - The node whose space is the head's frame; see `readPieces`.
 */
export async function applyRig(
  root: TransformNode,
  meshes: readonly Mesh[],
  prepared: PreparedRig,
  manifest: FaceManifest,
  options: AttachBasisOptions,
): Promise<AppliedRig> {
  const undo: (() => void)[] = [];
  const { toTemplate } = prepared.report;
  const toHead = transposed(toTemplate.rotation);
  const bones = findBones(root.getDescendants(false) as TransformNode[]);
  const turnsByBone = bones.head !== undefined || bones.neck !== undefined;
  const placed = meshes.map((mesh) => localToHead(root, mesh));
  const parts: BoundPart[] = [];
  let face: Mesh | undefined;
  let most = 0;
  meshes.forEach((mesh, i) => {
    const target = prepared.targets[i];
    undo.push(extendGeometry(mesh, target));
    if (!target.packed) return;
    const entries = target.packed.texels.length;
    if (entries > most) {
      most = entries;
      face = mesh;
    }
    const basis = basisOf(target.packed, turnsByBone ? null : target.pivot);
    const linear = linearOf(placed[i]);
    parts.push({
      basis: attachBasis(mesh, basis, options),
      axes: pseudo(multiplyLinear(transposed(directionsOf(linear)), toHead)),
    });
    undo.push(widenBounds(mesh, target.reach, !turnsByBone));
    if (prepared.report.insideOut) undo.push(turnInsideOut(mesh));
    if (target.indices.some((piece) => piece !== null)) showBothSides(mesh, parts[parts.length - 1].basis);
  });
  const frame = createFrame(root, face, bones.head);
  undo.push(() => frame.dispose());
  const added: Mesh[] = [];
  for (const addition of prepared.additions) {
    const mesh = await createAddition(addition, frame, face);
    added.push(mesh);
    undo.push(() => mesh.dispose());
    const basis = basisOf(addition.packed, turnsByBone ? null : prepared.pivot);
    parts.push({ basis: attachBasis(mesh, basis, options), axes: toHead });
    undo.push(widenBounds(mesh, mesh.getBoundingInfo().diagonalLength / 2, !turnsByBone));
  }
  const faceNode = new TransformNode(`${root.name}.face`, root.getScene());
  faceNode.parent = frame;
  faceNode.position.copyFrom(inHead(FACE, toTemplate));
  const morphs = createMorphRig(meshes, manifest, []);
  const rig = createBoundRig(
    {
      controls: prepared.controls,
      parts,
      bones: turnsByBone ? new BonePose(bones, spaceOf(root), manifest, false, toHead) : null,
      morphs: morphs && morphs.found > 0 ? morphs : null,
    },
    manifest,
  );
  return {
    rig,
    faceNode,
    added,
    dispose() {
      rig.dispose();
      faceNode.dispose();
      for (const each of undo.reverse()) each();
    },
  };
}

const bases = new WeakMap<PackedBasis, Map<string, MeshBasis>>();

/** One basis for all heads that share what was packed, so that the GPU holds it once. */
function basisOf(packed: PackedBasis, pivot: readonly [number, number, number] | null): MeshBasis {
  let known = bases.get(packed);
  if (!known) {
    known = new Map();
    bases.set(packed, known);
  }
  const key = String(pivot);
  let basis = known.get(key);
  if (!basis) {
    basis = packedMeshBasis(packed, pivot);
    known.set(key, basis);
  }
  return basis;
}

/** A point of the template in the head's frame. */
function inHead(point: readonly number[], { scale, rotation: r, translation: t }: Similarity): Vector3 {
  const [x, y, z] = point.map((value, axis) => (value - t[axis]) / scale);
  return new Vector3(
    r[0] * x + r[3] * y + r[6] * z,
    r[1] * x + r[4] * y + r[7] * z,
    r[2] * x + r[5] * y + r[8] * z,
  );
}

/** The node that a file's loader turns into the scene; its space is the file's. */
function spaceOf(root: TransformNode): TransformNode {
  const nodes = root.getDescendants(false) as TransformNode[];
  return nodes.find((node) => node.name === '__root__') ?? root;
}

/** A matrix for axes of rotation where `m` is one for directions. */
function pseudo(m: number[]): number[] {
  return determinant(m) < 0 ? m.map((value) => -value) : m;
}

/** A node in the head's frame that goes where the face goes: on the head's bone, on the face's mesh, else on the root. */
function createFrame(
  root: TransformNode,
  face: Mesh | undefined,
  headBone: TransformNode | undefined,
): TransformNode {
  const scene = root.getScene();
  const frame = new TransformNode(`${root.name}.frame`, scene);
  frame.parent = root;
  if (!scene.useRightHandedSystem) frame.scaling.x = -1;
  frame.computeWorldMatrix(true);
  const bone = face?.skeleton ? boneOf(face) : undefined;
  const carrier = headBone ?? bone?.getTransformNode() ?? (face?.skeleton ? undefined : face);
  if (carrier && carrier !== root) {
    carrier.computeWorldMatrix(true);
    frame.setParent(carrier);
  } else if (bone && face) hangOnBone(frame, bone, face);
  return frame;
}

function boneOf(mesh: Mesh): Bone | undefined {
  const index = headBoneOf(mesh);
  return mesh.skeleton?.bones.find((each) => each.getIndex() === index);
}

/** Skeletons of other files than glTF have bones without nodes. */
function hangOnBone(frame: TransformNode, bone: Bone, mesh: Mesh): void {
  const placed = frame.computeWorldMatrix(true).clone();
  frame.attachToBone(bone, mesh);
  const carrier = bone.getFinalMatrix().multiply(mesh.computeWorldMatrix(true));
  const rotation = new Quaternion();
  placed.multiply(carrier.invert()).decompose(frame.scaling, rotation, frame.position);
  frame.rotationQuaternion = rotation;
  frame.computeWorldMatrix(true);
}

async function createAddition(
  addition: PreparedAddition,
  frame: TransformNode,
  face: Mesh | undefined,
): Promise<Mesh> {
  const scene = frame.getScene();
  const mesh = new Mesh(addition.name, scene);
  mesh.parent = frame;
  const isPhysical = /PBR/.test(face?.material?.getClassName() ?? '');
  const data = new VertexData();
  data.positions = addition.positions;
  data.normals = addition.normals;
  data.indices = addition.indices;
  data.colors = isPhysical ? linearColours(addition.colours) : addition.colours;
  data.applyToMesh(mesh);
  const material = isPhysical ? await physicalMaterial(mesh) : plainMaterial(mesh);
  // Its triangles are counter-clockwise in the head's right-handed frame.
  mesh.sideOrientation = scene.useRightHandedSystem
    ? Material.CounterClockWiseSideOrientation
    : Material.ClockWiseSideOrientation;
  mesh.material = material;
  mesh.onDisposeObservable.addOnce(() => material.dispose());
  mesh.receiveShadows = face?.receiveShadows ?? false;
  mesh.layerMask = face?.layerMask ?? mesh.layerMask;
  mesh.isPickable = face?.isPickable ?? true;
  return mesh;
}

function plainMaterial(mesh: Mesh): Material {
  const material = new StandardMaterial(mesh.name, mesh.getScene());
  material.specularColor = new Color3(0.12, 0.12, 0.12);
  material.specularPower = 48;
  return material;
}

async function physicalMaterial(mesh: Mesh): Promise<Material> {
  const { PBRMaterial } = await import('@babylonjs/core/Materials/PBR/pbrMaterial.js');
  const material = new PBRMaterial(mesh.name, mesh.getScene());
  material.metallic = 0;
  material.roughness = 0.4;
  // Little of the sky is seen from within a mouth.
  material.environmentIntensity = 0.4;
  return material;
}

function linearColours(colours: Float32Array): Float32Array {
  return colours.map((value, i) => (i % 4 === 3 ? value : value ** 2.2));
}

/** Shows the other side of a mesh whose triangles are wound the wrong way round. */
function turnInsideOut(mesh: Mesh): () => void {
  const former = mesh.sideOrientation;
  const { ClockWiseSideOrientation: clockwise, CounterClockWiseSideOrientation: counterClockwise } = Material;
  const orientation = mesh.sideOrientation ?? mesh.material?.sideOrientation;
  mesh.sideOrientation = orientation === clockwise ? counterClockwise : clockwise;
  return () => {
    mesh.sideOrientation = former;
  };
}

/** Through an open mouth the back of the far lip is seen, which is one sheet of skin where it was cut. */
function showBothSides({ material }: Mesh, { path }: AttachedBasis): void {
  // On the CPU's path the material is the host's.
  if (path === 'cpu') return;
  const all = material instanceof MultiMaterial ? material.subMaterials : [material];
  // Lit as from outside, the inner side of a cheek is dark, as it should be.
  for (const each of all) if (each) each.backFaceCulling = false;
}

/** Vertices leave the box that was measured at rest; a skinned mesh may be anywhere. */
function widenBounds(mesh: Mesh, reach: number, turns: boolean): () => void {
  if (mesh.skeleton) {
    const former = mesh.alwaysSelectAsActiveMesh;
    mesh.alwaysSelectAsActiveMesh = true;
    return () => {
      mesh.alwaysSelectAsActiveMesh = former;
    };
  }
  const { minimum, maximum } = mesh.getBoundingInfo().boundingBox;
  const former = [minimum.clone(), maximum.clone()] as const;
  const padding = reach + (turns ? maximum.subtract(minimum).length() * TURN_PADDING : 0);
  const pad = new Vector3(padding, padding, padding);
  mesh.setBoundingInfo(new BoundingInfo(minimum.subtract(pad), maximum.add(pad), mesh.getWorldMatrix()));
  return () => {
    if (!mesh.isDisposed()) mesh.setBoundingInfo(new BoundingInfo(...former, mesh.getWorldMatrix()));
  };
}
