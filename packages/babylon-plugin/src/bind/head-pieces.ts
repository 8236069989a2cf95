import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { Material } from '@babylonjs/core/Materials/material.js';
import type { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix } from '@babylonjs/core/Maths/math.vector.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { HeadMesh, HeadPart } from '@parley/sdk/bind';
import { determinant, linearOf, normalsToLocal, transposed } from './linear.ts';
import type { RigTarget } from './prepare-rig.ts';

/** Meshes of a scene as a head: its parts, and which mesh each of them is. */
export interface HeadPieces {
  readonly meshes: readonly Mesh[];
  readonly head: HeadMesh;
  /** One for each of `meshes`. */
  readonly targets: readonly RigTarget[];
}

/**
 * Reads meshes as a head. Its frame is the space of `root`, right-handed: for a glTF file under `root` the file's own. A skinned
 * mesh counts as it hangs on the bone of the head, so that its pose does not matter.
 *
 * @param meshes - In the order of the file's parts, where the rig is to fit the file's.
 */
export function readPieces(root: TransformNode, meshes: readonly Mesh[]): HeadPieces {
  const parts: HeadPart[] = [];
  const targets = meshes.map((mesh): RigTarget => {
    const own = partsOf(root, mesh);
    const first = parts.length;
    parts.push(...own);
    return {
      vertices: mesh.getTotalVertices(),
      pieces: own.map((part, i) => ({
        part: first + i,
        vertices: own.length > 1 ? part.sourceVertices : null,
      })),
    };
  });
  return { meshes, targets, head: { format: 'gltf', parts, joints: [], warnings: [] } };
}

/** From a mesh's own space to the head's frame: column-major, as glTF has it. */
export function localToHead(root: TransformNode, mesh: Mesh): Float64Array {
  const matrix = mesh.computeWorldMatrix(true).clone();
  const bone = headBoneOf(mesh);
  if (mesh.skeleton && bone >= 0) {
    mesh.skeleton.prepare();
    const matrices = mesh.skeleton.getTransformMatrices(mesh);
    Matrix.FromArrayToRef(matrices, bone * 16, boneMatrix);
    boneMatrix.multiplyToRef(matrix, matrix);
  }
  matrix.multiplyToRef(root.computeWorldMatrix(true).clone().invert(), matrix);
  if (!root.getScene().useRightHandedSystem) matrix.multiplyToRef(Matrix.Scaling(-1, 1, 1), matrix);
  // Babylon's row vectors times rows are glTF's columns times column vectors: the same sixteen numbers.
  return Float64Array.from(matrix.asArray());
}

const boneMatrix = new Matrix();

/** Index of the bone that carries a skinned mesh's head; where none is named so, of the one that carries most; else -1. */
export function headBoneOf(mesh: Mesh): number {
  const bones = mesh.skeleton?.bones ?? [];
  if (bones.length === 0) return -1;
  const index = (i: number): number => bones[i]?.getIndex() ?? -1;
  let chosen = bones.findIndex(({ name }) => /(^|[^a-z])head$/i.test(name));
  if (chosen < 0) chosen = bones.findIndex(({ name }) => /head(?!.*(end|top|nub|tip))/i.test(name));
  if (chosen >= 0) return index(chosen);
  const indices = mesh.getVerticesData(VertexBuffer.MatricesIndicesKind);
  const weights = mesh.getVerticesData(VertexBuffer.MatricesWeightsKind);
  if (!indices || !weights) return -1;
  const carried = new Map<number, number>();
  for (let i = 0; i < indices.length; i++)
    carried.set(indices[i], (carried.get(indices[i]) ?? 0) + weights[i]);
  return [...carried].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

function partsOf(root: TransformNode, mesh: Mesh): HeadPart[] {
  const toHead = localToHead(root, mesh);
  const linear = linearOf(toHead);
  const mirrored = determinant(linear) < 0;
  const positions = transformed(mesh.getVerticesData(VertexBuffer.PositionKind) ?? [], toHead);
  const rawNormals = mesh.getVerticesData(VertexBuffer.NormalKind);
  // Normals go over by the inverse transposed: for a similarity, the transposed of the way back.
  const normals = rawNormals && normalsToLocal(Float32Array.from(rawNormals), transposed(linear));
  const rawColours = mesh.getVerticesData(VertexBuffer.ColorKind);
  const colours = rawColours && withoutAlpha(rawColours, positions.length / 3);
  const list = mesh.getIndices();
  const all = list?.length
    ? Uint32Array.from(list)
    : Uint32Array.from({ length: positions.length / 3 }, (_, i) => i);
  const whole = mesh.subMeshes.length <= 1;
  return mesh.subMeshes.flatMap((subMesh) => {
    const indices = whole ? all : all.slice(subMesh.indexStart, subMesh.indexStart + subMesh.indexCount);
    if (indices.length < 3) return [];
    const used = whole ? null : Uint32Array.from(new Set(indices)).sort();
    const numberOf = used && new Map(Array.from(used, (v, i) => [v, i]));
    const own = Uint32Array.from(indices, (v) => numberOf?.get(v) ?? v);
    if (mirrored)
      for (let i = 0; i + 2 < own.length; i += 3) [own[i + 1], own[i + 2]] = [own[i + 2], own[i + 1]];
    const take = (values: Float32Array | null | undefined): Float32Array | undefined =>
      values && used ? gathered(values, used) : (values ?? undefined);
    const material = subMesh.getMaterial();
    return [
      {
        name: mesh.name,
        node: mesh.name,
        positions: take(positions) as Float32Array,
        indices: own,
        normals: take(normals),
        colours: take(colours),
        material: material?.name ?? '',
        baseColour: colourOf(material),
        opaque: !material || !(material.needAlphaBlending() || material.needAlphaTesting()),
        sourceVertices: used ?? Uint32Array.from({ length: positions.length / 3 }, (_, i) => i),
        localToHead: toHead,
        morphs: [],
      },
    ];
  });
}

function transformed(xyz: ArrayLike<number>, m: Float64Array): Float32Array {
  const out = new Float32Array(xyz.length);
  for (let i = 0; i < out.length; i += 3)
    for (let row = 0; row < 3; row++)
      out[i + row] = m[row] * xyz[i] + m[4 + row] * xyz[i + 1] + m[8 + row] * xyz[i + 2] + m[12 + row];
  return out;
}

function withoutAlpha(colours: ArrayLike<number>, vertices: number): Float32Array {
  const size = colours.length / vertices;
  return Float32Array.from({ length: vertices * 3 }, (_, i) => colours[Math.floor(i / 3) * size + (i % 3)]);
}

function gathered(triples: Float32Array, vertices: Uint32Array): Float32Array {
  const out = new Float32Array(vertices.length * 3);
  vertices.forEach((v, i) => {
    out.set(triples.subarray(v * 3, v * 3 + 3), i * 3);
  });
  return out;
}

/** The flat colour of whatever material it is, so that none of them is loaded for this. */
function colourOf(material: Material | null): [number, number, number] | undefined {
  const { albedoColor, baseColor, diffuseColor } = (material ?? {}) as Partial<
    Record<'albedoColor' | 'baseColor' | 'diffuseColor', Color3>
  >;
  const colour = albedoColor ?? baseColor ?? diffuseColor;
  return colour && [colour.r, colour.g, colour.b];
}
