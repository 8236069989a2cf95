import { Accessor, Document, WebIO } from '@gltf-transform/core';
import { expect, test } from 'vitest';
import { findFaceBones, findOwnControls, readHead } from '../../../src/bind/index.ts';

const CONTROLS = ['jawOpen', 'eyeBlinkLeft', 'eyeBlinkRight', 'mouthPucker', 'tongueOut'];

/** A face with five unnamed morph targets on three bones, as VRM writes it: the extension is put into the JSON. */
async function vrm(extensions: object): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (type: 'VEC3' | 'VEC4', array: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>) =>
    document.createAccessor().setType(Accessor.Type[type]).setArray(array).setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0)))
    .setAttribute('JOINTS_0', accessor('VEC4', new Uint8Array(12)))
    .setAttribute('WEIGHTS_0', accessor('VEC4', Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)));
  for (let i = 1; i <= 5; i++)
    primitive.addTarget(
      document
        .createPrimitiveTarget()
        .setAttribute('POSITION', accessor('VEC3', new Float32Array(9).fill(i))),
    );
  const face = document.createNode('Face').setMesh(document.createMesh('Face').addPrimitive(primitive));
  const bones = ['Kopf', 'Auge.L', 'Auge.R'].map((name) => document.createNode(name));
  const skin = document.createSkin();
  for (const bone of bones) skin.addJoint(bone);
  face.setSkin(skin);
  const scene = document.createScene().addChild(face);
  for (const bone of bones) scene.addChild(bone);
  const { json, resources } = await new WebIO().writeJSON(document);
  const [data] = Object.values(resources);
  json.buffers![0].uri = `data:application/octet-stream;base64,${Buffer.from(data).toString('base64')}`;
  return new TextEncoder().encode(
    JSON.stringify({ ...json, extensions, extensionsUsed: Object.keys(extensions) }),
  );
}

const HUMANOID = { head: 'Kopf', leftEye: 'Auge.L', rightEye: 'Auge.R' };

test('VRM 0: blend shape groups and humanoid bones', async () => {
  const head = await readHead(
    await vrm({
      VRM: {
        humanoid: {
          humanBones: [
            { bone: 'head', node: 1 },
            { bone: 'leftEye', node: 2 },
            { bone: 'rightEye', node: 3 },
          ],
        },
        blendShapeMaster: {
          blendShapeGroups: [
            { name: 'A', presetName: 'a', binds: [{ mesh: 0, index: 0, weight: 100 }] },
            { name: 'Blink', presetName: 'blink', binds: [{ mesh: 0, index: 1, weight: 50 }] },
            { name: 'Joy', presetName: 'joy', binds: [{ mesh: 0, index: 9, weight: 100 }] },
            { name: 'TongueOut', presetName: 'unknown', binds: [{ mesh: 0, index: 4, weight: 100 }] },
            { name: 'Neutral', presetName: 'neutral' },
          ],
        },
      },
    }),
    { fileName: 'a.vrm' },
  );
  expect(head.warnings).toEqual([]);
  expect(head.humanoid).toEqual(HUMANOID);
  expect(findFaceBones(head)).toEqual({ head: 0, leftEye: 1, rightEye: 2 });
  expect(head.expressions).toEqual([
    { name: 'aa', binds: [{ part: 0, morph: 0, weight: 1 }] },
    { name: 'blink', binds: [{ part: 0, morph: 1, weight: 0.5 }] },
    { name: 'TongueOut', binds: [{ part: 0, morph: 4, weight: 1 }] },
  ]);
  const own = findOwnControls(head, CONTROLS);
  expect(own.visemes.aa?.morphs).toEqual([{ part: 0, morph: 0, weight: 1 }]);
  expect(own.controls.map(({ control, side }) => [control, side])).toEqual([
    ['eyeBlinkLeft', 'left'],
    ['eyeBlinkRight', 'right'],
    ['tongueOut', undefined],
  ]);
});

test('VRM 1: expressions, presets and the author’s own', async () => {
  const bind = (index: number, weight?: number) => ({ morphTargetBinds: [{ node: 0, index, weight }] });
  const head = await readHead(
    await vrm({
      VRMC_vrm: {
        specVersion: '1.0',
        humanoid: { humanBones: { head: { node: 1 }, leftEye: { node: 2 }, rightEye: { node: 3 } } },
        expressions: {
          preset: { ou: bind(2, 1), oh: bind(3), blinkLeft: bind(0, 1), blinkRight: bind(1, 1), happy: {} },
          custom: { JawOpen: bind(4, 0.8) },
        },
      },
    }),
  );
  expect(head.humanoid).toEqual(HUMANOID);
  const own = findOwnControls(head, CONTROLS);
  expect(Object.keys(own.visemes)).toEqual(['U', 'O']);
  expect(own.controls).toEqual([
    { control: 'jawOpen', shapes: [{ name: 'JawOpen', morphs: [{ part: 0, morph: 4, weight: 0.8 }] }] },
    { control: 'eyeBlinkLeft', shapes: [{ name: 'blinkLeft', morphs: [{ part: 0, morph: 0, weight: 1 }] }] },
    {
      control: 'eyeBlinkRight',
      shapes: [{ name: 'blinkRight', morphs: [{ part: 0, morph: 1, weight: 1 }] }],
    },
  ]);
});

test('a VRM that holds nonsense is read as glTF', async () => {
  const head = await readHead(
    await vrm({ VRM: { blendShapeMaster: { blendShapeGroups: 7 }, humanoid: { humanBones: {} } } }),
  );
  expect(head.expressions).toEqual([]);
  expect(head.parts).toHaveLength(1);
});
