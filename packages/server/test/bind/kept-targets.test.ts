import { Document, NodeIO } from '@gltf-transform/core';
import { type HeadRig, packField, readHead } from '@parley/sdk/bind';
import { validateBytes } from 'gltf-validator';
import { expect, test } from 'vitest';
import { boundGltf } from '../../src/bind/bound-gltf.ts';

test('a .glb keeps the morph targets that are no controls, cut vertices and animations included', async () => {
  const document = new Document();
  const buffer = document.createBuffer();
  const vec3 = (...values: number[]) =>
    document.createAccessor().setType('VEC3').setArray(Float32Array.from(values)).setBuffer(buffer);
  const scalar = (array: Float32Array | Uint16Array) =>
    document
      .createAccessor()
      .setType('SCALAR')
      .setArray(array as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  const target = (name: string, ...values: number[]) =>
    document.createPrimitiveTarget(name).setAttribute('POSITION', vec3(...values));
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', vec3(0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0))
    .setIndices(scalar(Uint16Array.of(0, 1, 2, 0, 2, 3)))
    .addTarget(target('belly', 0, 0, 0, 0, 0, 0.2, 0, 0, 0, 0, 0, 0))
    .addTarget(target('jaw_open', 0, -0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    .addTarget(target('mouthSmile_L', 0, 0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0, 0));
  const mesh = document.createMesh('body').setWeights([0.25, 0, 0]).addPrimitive(primitive);
  const node = document.createNode('body').setMesh(mesh);
  document.createScene().addChild(node);
  const sampler = document
    .createAnimationSampler()
    .setInput(scalar(Float32Array.of(0, 1)))
    .setOutput(scalar(Float32Array.of(0.5, 1, 0, 0.75, 0, 1)));
  document
    .createAnimation('breath')
    .addSampler(sampler)
    .addChannel(
      document.createAnimationChannel().setTargetNode(node).setTargetPath('weights').setSampler(sampler),
    );
  const io = new NodeIO();
  const head = await readHead(await io.writeBinary(document), { fileName: 'body.glb' });

  const moved = new Float32Array(15);
  moved[1] = -0.1;
  const still = packField(new Float32Array(15));
  const rig: HeadRig = {
    controls: ['jawOpen', 'mouthSmileLeft', 'browInnerUp'],
    parts: [
      {
        vertices: 5,
        splits: { ends: Uint32Array.of(0, 1), ratios: Float32Array.of(0.5) },
        indices: Uint32Array.of(0, 4, 2, 4, 1, 2, 0, 2, 3),
        fields: [packField(moved), packField(moved), still],
        turnShares: new Uint8Array(5).fill(255),
      },
    ],
    added: [],
    pivot: [0, 0, 0],
    eyes: { left: { centre: [0, 0, 0], radius: 0.01 }, right: { centre: [0, 0, 0], radius: 0.01 } },
    report: {
      toTemplate: {
        scale: 1,
        rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
        translation: new Float64Array(3),
      },
      insideOut: false,
      landmarkResidualMm: 0,
      distanceMm: { mean: 0, p95: 0 },
      mouth: 'own',
      lipShiftMm: 0,
      lipDepthMm: 1,
      roles: {},
      eyes: { left: 'open', right: 'open' },
      warnings: [],
      timingsMs: {},
    },
  };
  boundGltf(document, head, rig);
  const bytes = await io.writeBinary(document);
  expect(((await validateBytes(bytes)) as { issues: { numErrors: number } }).issues.numErrors).toBe(0);
  const read = (await io.readBinary(bytes)).getRoot();
  const [made] = read.listMeshes();
  expect(made.getExtras().targetNames).toEqual(['jawOpen', 'mouthSmileLeft', 'belly']);
  expect(made.getWeights()).toEqual([0, 0, 0.25]);
  const belly = made.listPrimitives()[0].listTargets()[2].getAttribute('POSITION')!;
  expect(belly.getElement(1, [])[2]).toBeCloseTo(0.2, 6);
  expect(belly.getElement(4, [])[2]).toBeCloseTo(0.1, 6);
  const [animation] = read.listAnimations();
  const [channel] = animation.listChannels().filter((each) => each.getTargetPath() === 'weights');
  expect([...channel.getSampler()!.getOutput()!.getArray()!]).toEqual([0, 0, 0.5, 0, 0, 0.75]);
});
