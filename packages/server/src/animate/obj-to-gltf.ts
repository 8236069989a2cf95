import { Document, Logger, type Node, type Primitive } from '@gltf-transform/core';
import {
  type FaceManifest,
  linearizeFields,
  type SparseField,
  templateTurn,
  type VertexBasis,
  vertexNormals,
} from '@parley/sdk';
import { AnimationTrack } from './animation-track.ts';
import type { FittedObj } from './fitted-obj.ts';
import type { ObjMaterial, ObjPart } from './obj-parts.ts';
import type { TakeCurves } from './take-curves.ts';

/** Roughness of materials by what their names say; a wet eye mirrors the lamps, skin does not. */
const ROUGHNESS: readonly (readonly [name: RegExp, roughness: number])[] = [
  [/^(eyeWhite|iris|pupil|cornea)$/, 0.15],
  [/^(teeth|tongue)$/, 0.35],
  [/^lips$/, 0.45],
];
const PLAIN_ROUGHNESS = 0.62;
/** Where fewer than this part of the vertices move, only those are written. */
const SPARSE_SHARE = 0.5;

/**
 * A fitted .obj head as glTF: a mesh for each material, with the shapes that move it as (sparse) morph targets, bound to two
 * joints so that the head turns and the neck stays; and the take as its animation.
 */
export function objToGltf(
  fit: FittedObj,
  parts: readonly ObjPart[],
  basis: VertexBasis,
  curves: TakeCurves,
  manifest: FaceManifest,
): Document {
  const document = new Document().setLogger(new Logger(Logger.Verbosity.SILENT));
  const buffer = document.createBuffer();
  const scene = document.createScene('head');
  document.getRoot().setDefaultScene(scene);
  const { positions, indices } = fit.surface;
  const turn = templateTurn(positions, fit.similarity);
  const normals = new Float32Array(positions.length);
  vertexNormals(positions, indices, normals);
  const fields = linearizeFields(positions, indices, fit.deltas);

  const base = document.createNode('neck');
  const joint = document.createNode('headTurn').setTranslation(turn.pivot);
  scene.addChild(base.addChild(joint));
  const inverse = new Float32Array(32);
  for (const start of [0, 16]) for (const diagonal of [0, 5, 10, 15]) inverse[start + diagonal] = 1;
  turn.pivot.forEach((value, axis) => {
    inverse[16 + 12 + axis] = -value;
  });
  const skin = document
    .createSkin()
    .addJoint(base)
    .addJoint(joint)
    .setSkeleton(base)
    .setInverseBindMatrices(document.createAccessor().setType('MAT4').setArray(inverse).setBuffer(buffer));

  const track = new AnimationTrack(document, buffer, curves);
  for (const part of parts) {
    const name = part.material.name;
    const primitive = makePrimitive(document, part, positions, normals, turn.weights);
    const shapes = addTargets(document, primitive, part, fields, basis);
    const mesh = document.createMesh(name).addPrimitive(primitive);
    const node: Node = document.createNode(name).setMesh(mesh).setSkin(skin);
    scene.addChild(node);
    if (shapes.length === 0) continue;
    mesh.setExtras({ targetNames: shapes.map((shape) => basis.names[shape]) });
    mesh.setWeights(shapes.map(() => 0));
    const values = new Float32Array(curves.frames * shapes.length);
    for (let frame = 0; frame < curves.frames; frame++)
      shapes.forEach((shape, i) => {
        values[frame * shapes.length + i] = curves.at(frame, basis.controlIndices[shape]!);
      });
    track.add(node, 'weights', values);
  }
  track.add(joint, 'rotation', turnedWith(fit.similarity.rotation, curves.headTurns()));
  document.getRoot().getAsset().generator = `Parley (${manifest.name})`;
  return document;
}

function makePrimitive(
  document: Document,
  part: ObjPart,
  positions: Float32Array,
  normals: Float32Array,
  turnWeights: Float32Array,
): Primitive {
  const buffer = document.getRoot().listBuffers()[0]!;
  const { sources, indices, uvs } = part;
  const gather = (values: Float32Array) =>
    Float32Array.from(
      { length: sources.length * 3 },
      (_, i) => values[sources[Math.floor(i / 3)]! * 3 + (i % 3)]!,
    );
  const small = sources.length <= 0xffff;
  const joints = new Uint8Array(sources.length * 4);
  const weights = new Uint8Array(sources.length * 4);
  sources.forEach((source, i) => {
    const share = Math.round(turnWeights[source]! * 255);
    // A joint of weight 0 must be joint 0.
    joints[i * 4 + 1] = share > 0 ? 1 : 0;
    weights[i * 4] = 255 - share;
    weights[i * 4 + 1] = share;
  });
  const accessor = () => document.createAccessor().setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setMaterial(makeMaterial(document, part.material))
    .setIndices(
      accessor()
        .setType('SCALAR')
        .setArray(small ? Uint16Array.from(indices) : Uint32Array.from(indices)),
    )
    .setAttribute('POSITION', accessor().setType('VEC3').setArray(gather(positions)))
    .setAttribute('NORMAL', accessor().setType('VEC3').setArray(gather(normals)))
    .setAttribute('JOINTS_0', accessor().setType('VEC4').setArray(joints))
    .setAttribute('WEIGHTS_0', accessor().setType('VEC4').setArray(weights).setNormalized(true));
  if (uvs) primitive.setAttribute('TEXCOORD_0', accessor().setType('VEC2').setArray(Float32Array.from(uvs)));
  return primitive;
}

/** A material as glTF has them, its roughness by its name. */
export function makeMaterial(document: Document, { name, colour, opacity, texture }: ObjMaterial) {
  // glTF wants light, .mtl files mean what monitors show.
  const [r, g, b] = colour.map((value) => value ** 2.2) as [number, number, number];
  const material = document
    .createMaterial(name)
    .setBaseColorFactor([r, g, b, opacity])
    .setMetallicFactor(0)
    .setRoughnessFactor(ROUGHNESS.find(([pattern]) => pattern.test(name))?.[1] ?? PLAIN_ROUGHNESS)
    .setDoubleSided(true);
  if (opacity < 1) material.setAlphaMode('BLEND');
  if (texture)
    material.setBaseColorTexture(
      document.createTexture(name).setImage(Uint8Array.from(texture.bytes)).setMimeType(texture.mimeType),
    );
  return material;
}

/** @returns The shapes that move the part, in the order of its targets. */
function addTargets(
  document: Document,
  primitive: Primitive,
  { sources }: ObjPart,
  fields: readonly SparseField[],
  basis: VertexBasis,
): number[] {
  const buffer = document.getRoot().listBuffers()[0]!;
  const shapes: number[] = [];
  fields.forEach((field, shape) => {
    const place = new Map(Array.from(field.vertices, (vertex, i) => [vertex, i]));
    const moved = new Float32Array(sources.length * 3);
    const turned = new Float32Array(sources.length * 3);
    let moving = 0;
    sources.forEach((source, i) => {
      const at = place.get(source);
      if (at === undefined) return;
      moving++;
      moved.set(field.positions.subarray(at * 3, at * 3 + 3), i * 3);
      turned.set(field.normals.subarray(at * 3, at * 3 + 3), i * 3);
    });
    if (moving === 0) return;
    const isSparse = moving < sources.length * SPARSE_SHARE;
    const accessor = (array: Float32Array<ArrayBuffer>) =>
      document.createAccessor().setType('VEC3').setArray(array).setSparse(isSparse).setBuffer(buffer);
    const target = document
      .createPrimitiveTarget(basis.names[shape])
      .setAttribute('POSITION', accessor(moved))
      .setAttribute('NORMAL', accessor(turned));
    primitive.addTarget(target);
    shapes.push(shape);
  });
  return shapes;
}

/** Turns given in the template's axes, in those of a head that leans. */
function turnedWith(r: Float64Array, turns: Float32Array): Float32Array {
  const out = turns.slice();
  for (let i = 0; i < out.length; i += 4)
    for (let row = 0; row < 3; row++)
      out[i + row] =
        r[row * 3]! * turns[i]! + r[row * 3 + 1]! * turns[i + 1]! + r[row * 3 + 2]! * turns[i + 2]!;
  return out;
}
