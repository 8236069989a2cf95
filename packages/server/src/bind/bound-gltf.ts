import type { Buffer, Document, Node, Primitive, PrimitiveTarget } from '@gltf-transform/core';
import type { HeadMesh, HeadRig, PackedField } from '@parley/sdk/bind';
import { inverseAffine } from './affine-inverse.ts';
import { boneOfHead, HeadTurn } from './head-turn.ts';
import {
  extendedTargets,
  type KeptTargets,
  keepWeightTracks,
  keptTargets,
  targetsAt,
  targetsOfRig,
} from './kept-targets.ts';
import { type RiggedPart, riggedPart } from './rigged-part.ts';
import { addUprightNode } from './upright-node.ts';

/** Where fewer than this part of the vertices move, only those are written. */
const SPARSE_SHARE = 0.5;
const TRIANGLES = 4;
/** Roughness of the inside of a mouth. */
const WET = 0.35;

/**
 * Puts a rig into the glTF document of its head: each control that moves a part becomes a morph target of ARKit's name, parts that
 * were cut or lost a blind pocket are changed, what the rig adds becomes meshes. A head without bones gets two, so that it
 * turns and its neck stays. Of the file's own morph targets those stay that the rig has not in it, behind the rig's, with what its
 * animations do to them. The whole is turned and scaled to metres, +y up and +z out of the face, where it was not.
 *
 * @param document - The head's own file, as the mesh was read from it; it is changed.
 */
export function boundGltf(document: Document, mesh: HeadMesh, rig: HeadRig): void {
  const [buffer = document.createBuffer()] = document.getRoot().listBuffers();
  const bone = boneOfHead(document);
  const turn = bone ? null : new HeadTurn(document, buffer, rig.pivot, rig.eyes);
  const places = findPlaces(document, mesh);
  const inRig = targetsOfRig(mesh, rig.controls);
  const keptOf = new Map(places.map(({ node }) => [node, keptTargets(node, inRig)]));
  places.forEach(({ node, primitive }, p) => {
    const part = mesh.parts[p]!;
    const rigged = riggedPart(primitive, part, rig.parts[p]!, rig.controls, rig.report.insideOut);
    // Primitives of one mesh have the same targets, in glTF.
    const together = rig.parts.filter((_, other) => places[other]!.node === node);
    const kept = keptOf.get(node)!;
    const targets = extendedTargets(
      document,
      buffer,
      targetsAt(primitive, kept.indices),
      rigged.vertices,
      rig.parts[p]!.splits,
    );
    write(document, buffer, node, primitive, rigged, movingControls(rig.controls, together), {
      kept,
      targets,
    });
    if (turn && !node.getSkin())
      turn.hang(node, primitive, rig.parts[p]!.turnShares, part.localToHead ?? IDENTITY);
  });
  for (const [node, kept] of keptOf) {
    const names = (node.getMesh()?.getExtras().targetNames as string[] | undefined) ?? [];
    keepWeightTracks(document, buffer, node, kept, names.length - kept.names.length);
  }
  for (const added of rig.added) addPart(document, buffer, rig, added, bone, turn);
  addUprightNode(document, rig.report.toTemplate);
}

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

interface Place {
  readonly node: Node;
  readonly primitive: Primitive;
}

/** The primitive of each part, in the order in which the head's reader met them. Nodes that share a mesh get one each. */
function findPlaces(document: Document, mesh: HeadMesh): Place[] {
  const root = document.getRoot();
  const meshes = root.listMeshes();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  const nodes: Node[] = [];
  if (scene) scene.traverse((node) => nodes.push(node));
  else nodes.push(...root.listNodes());
  const places: Place[] = [];
  const used = new Set<unknown>();
  for (const node of nodes) {
    const own = node.getMesh();
    if (!own) continue;
    const index = meshes.indexOf(own);
    if (used.has(own)) {
      const copy = own.clone();
      for (const primitive of own.listPrimitives())
        copy.removePrimitive(primitive).addPrimitive(primitive.clone());
      node.setMesh(copy);
    }
    used.add(own);
    node
      .getMesh()!
      .listPrimitives()
      .forEach((primitive, i) => {
        const source = mesh.parts[places.length]?.source ?? { mesh: places.length, primitive: 0 };
        if (source.mesh === index && source.primitive === i) places.push({ node, primitive });
      });
  }
  if (places.length !== mesh.parts.length)
    throw new RangeError(`the document has ${places.length} of the head's ${mesh.parts.length} parts`);
  return places;
}

function write(
  document: Document,
  buffer: Buffer,
  node: Node,
  primitive: Primitive,
  { vertices, attributes, indices, targets }: RiggedPart,
  names: readonly string[],
  own?: { readonly kept: KeptTargets; readonly targets: readonly PrimitiveTarget[] },
): void {
  const accessor = () => document.createAccessor().setBuffer(buffer);
  for (const semantic of primitive.listSemantics()) primitive.setAttribute(semantic, null);
  for (const { semantic, type, array, normalized } of attributes)
    primitive.setAttribute(semantic, accessor().setType(type).setArray(array).setNormalized(normalized));
  primitive.setMode(TRIANGLES).setIndices(
    accessor()
      .setType('SCALAR')
      .setArray(vertices <= 0xffff ? Uint16Array.from(indices) : Uint32Array.from(indices)),
  );
  for (const target of primitive.listTargets()) primitive.removeTarget(target);
  const mesh = node.getMesh()!;
  for (const { name, moving, positions, normals } of targets) {
    if (!names.includes(name)) continue;
    const vectors = (array: Float32Array<ArrayBuffer>) =>
      accessor()
        .setType('VEC3')
        .setArray(array)
        .setSparse(moving < vertices * SPARSE_SHARE);
    primitive.addTarget(
      document
        .createPrimitiveTarget(name)
        .setAttribute('POSITION', vectors(positions))
        .setAttribute('NORMAL', vectors(normals)),
    );
  }
  for (const target of own?.targets ?? []) primitive.addTarget(target);
  const { targetNames: _, ...extras } = mesh.getExtras();
  const all = [...names, ...(own?.kept.names ?? [])];
  mesh.setExtras(all.length > 0 ? { ...extras, targetNames: all } : extras);
  mesh.setWeights([...names.map(() => 0), ...(own?.kept.weights ?? [])]);
  node.setWeights([]);
}

/** The controls that move any of these. */
function movingControls(
  controls: readonly string[],
  parts: readonly { readonly fields: readonly PackedField[] }[],
): string[] {
  return controls.filter((_, k) => parts.some(({ fields }) => fields[k]!.vertices.length > 0));
}

function addPart(
  document: Document,
  buffer: Buffer,
  rig: HeadRig,
  added: HeadRig['added'][number],
  bone: Node | null,
  turn: HeadTurn | null,
): void {
  const mesh = document.createMesh(added.name);
  const node = document.createNode(added.name).setMesh(mesh);
  const names = movingControls(rig.controls, [added]);
  for (const { first, count, rgb } of added.colours) {
    // A primitive for each colour, with vertices of its own.
    const indices = added.indices.subarray(first * 3, (first + count) * 3);
    const sources = [...new Set(indices)].sort((a, b) => a - b);
    const at = new Map(sources.map((v, i) => [v, i]));
    const part = {
      positions: Float32Array.from(
        { length: sources.length * 3 },
        (_, i) => added.positions[sources[Math.floor(i / 3)]! * 3 + (i % 3)]!,
      ),
      indices: Uint32Array.from(indices, (v) => at.get(v)!),
    };
    const fields = added.fields.map(({ vertices, offsets, scale }) => {
      const kept: number[] = [];
      const own: number[] = [];
      vertices.forEach((v, i) => {
        const to = at.get(v);
        if (to === undefined) return;
        kept.push(to);
        own.push(offsets[3 * i]!, offsets[3 * i + 1]!, offsets[3 * i + 2]!);
      });
      return { vertices: Uint32Array.from(kept), offsets: Int16Array.from(own), scale };
    });
    const turnShares = Uint8Array.from(sources, (v) => added.turnShares[v]!);
    const [r, g, b] = rgb.map((value) => value ** 2.2) as [number, number, number];
    const primitive = document
      .createPrimitive()
      .setMaterial(
        document
          .createMaterial(`${added.name}-${mesh.listPrimitives().length}`)
          .setBaseColorFactor([r, g, b, 1])
          .setMetallicFactor(0)
          .setRoughnessFactor(WET)
          .setDoubleSided(true),
      );
    mesh.addPrimitive(primitive);
    const rigged = riggedPart(
      null,
      part,
      { vertices: sources.length, splits: null, indices: null, fields, turnShares },
      rig.controls,
      false,
    );
    write(document, buffer, node, primitive, rigged, names);
    turn?.hang(node, primitive, turnShares, IDENTITY);
  }
  if (turn) return;
  hangOn(document, node, bone!);
}

/** Puts a node that is given in the scene's space below a bone, so that it stays where it is. */
function hangOn(document: Document, node: Node, bone: Node): void {
  const scene = document.getRoot().getDefaultScene() ?? document.getRoot().listScenes()[0];
  scene?.addChild(node);
  node.setMatrix(inverseAffine(bone.getWorldMatrix()) as Parameters<Node['setMatrix']>[0]);
  bone.addChild(node);
}
