import { Accessor, Document, WebIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS, EXTMeshoptCompression, KHRDracoMeshCompression } from '@gltf-transform/extensions';
// @ts-expect-error The package has no types.
import draco from 'draco3dgltf';
import { MeshoptEncoder } from 'meshoptimizer';
import { beforeAll, expect, test } from 'vitest';
import { readHead } from '../../src/bind/index.ts';

let io: WebIO;

beforeAll(async () => {
  await MeshoptEncoder.ready;
  io = new WebIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
    'draco3d.encoder': await draco.createEncoderModule(),
    'meshopt.encoder': MeshoptEncoder,
  });
});

const SQUARE = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0.5];
const failure = (bytes: Uint8Array, fileName = 'head.glb') =>
  readHead(bytes, { fileName }).then(
    () => 'read',
    (error) => `${error.name} ${error.code}`,
  );

/** A bent square under a node, with a material. */
function square(positions = SQUARE) {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (
    type: 'VEC2' | 'VEC3' | 'VEC4' | 'SCALAR' | 'MAT4',
    array:
      | Float32Array<ArrayBuffer>
      | Uint16Array<ArrayBuffer>
      | Uint8Array<ArrayBuffer>
      | Int16Array<ArrayBuffer>,
  ) => document.createAccessor().setType(Accessor.Type[type]).setArray(array).setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', Float32Array.from(positions)))
    .setIndices(accessor('SCALAR', Uint16Array.of(0, 1, 2, 0, 2, 3)))
    .setMaterial(document.createMaterial('skin').setBaseColorFactor([0.5, 0.25, 1, 1]));
  const mesh = document.createMesh('Face').addPrimitive(primitive);
  const node = document.createNode('FaceNode').setMesh(mesh);
  document.createScene().addChild(node);
  return { document, accessor, primitive, mesh, node };
}

test('nodes move, turn and mirror; triangles keep their front', async () => {
  const { document, node, primitive, accessor } = square();
  primitive.setAttribute('NORMAL', accessor('VEC3', Float32Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1)));
  node.setScale([-2, 2, 2]).setTranslation([0, 0, 10]);
  const head = await readHead(await io.writeBinary(document));
  const [part] = head.parts;
  expect([...part.positions]).toEqual([0, 0, 10, -2, 0, 10, -2, 2, 10, 0, 2, 11]);
  expect([...part.indices]).toEqual([0, 2, 1, 0, 3, 2]);
  expect([...part.normals!].map((x) => x + 0)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]);
  expect(part).toMatchObject({
    name: 'Face',
    node: 'FaceNode',
    material: 'skin',
    baseColour: [0.5, 0.25, 1],
  });
  expect(part.source).toEqual({ mesh: 0, primitive: 0 });
  expect([...part.localToHead!].map((x) => x + 0)).toEqual([
    -2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 10, 1,
  ]);
});

test('sparse, quantised, interleaved, strips, fans and no indices', async () => {
  const quantised = square();
  quantised.primitive.setAttribute(
    'POSITION',
    quantised
      .accessor(
        'VEC3',
        Int16Array.from(SQUARE, (x) => x * 32767),
      )
      .setNormalized(true),
  );
  const [part] = (await readHead(await io.writeBinary(quantised.document))).parts;
  part.positions.forEach((x, i) => {
    expect(x).toBeCloseTo(SQUARE[i], 4);
  });

  const sparse = square();
  sparse.primitive.getAttribute('POSITION')!.setSparse(true);
  expect([...(await readHead(await io.writeBinary(sparse.document))).parts[0].positions]).toEqual(SQUARE);

  for (const [mode, expected] of [
    [5, [0, 1, 2, 2, 1, 3]],
    [6, [0, 1, 2, 0, 2, 3]],
  ] as const) {
    const strip = square();
    strip.primitive.setMode(mode).setIndices(null);
    expect([...(await readHead(await io.writeBinary(strip.document))).parts[0].indices]).toEqual(expected);
  }

  // The library writes attributes interleaved; by hand, one view with a stride of 20.
  const values = new Float32Array(20);
  for (let i = 0; i < 4; i++) values.set([...SQUARE.slice(3 * i, 3 * i + 3), i / 4, 1], 5 * i);
  const head = await readHead(
    new TextEncoder().encode(
      JSON.stringify({
        asset: { version: '2.0' },
        buffers: [{ byteLength: 80, uri: 'head%201.bin' }],
        bufferViews: [{ buffer: 0, byteLength: 80, byteStride: 20, target: 34962 }],
        accessors: [
          { bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [1, 1, 0] },
          { bufferView: 0, byteOffset: 12, componentType: 5126, count: 3, type: 'VEC2' },
        ],
        meshes: [{ primitives: [{ attributes: { POSITION: 0, TEXCOORD_0: 1 } }] }],
        nodes: [{ mesh: 0 }],
        images: [{ uri: 'skin.png' }],
        scenes: [{ nodes: [0] }],
      }),
    ),
    { fileName: 'head.gltf', resources: { 'head 1.bin': new Uint8Array(values.buffer) } },
  );
  expect([...head.parts[0].positions]).toEqual(SQUARE.slice(0, 9));
  expect([...head.parts[0].uvs!]).toEqual([0, 1, 0.25, 1, 0.5, 1]);
});

test.each(['draco', 'meshopt'])('%s', async (kind) => {
  const { document } = square();
  if (kind === 'draco') document.createExtension(KHRDracoMeshCompression).setRequired(true);
  else document.createExtension(EXTMeshoptCompression).setRequired(true);
  const head = await readHead(await io.writeBinary(document));
  const places = new Set<string>();
  for (let i = 0; i < 4; i++)
    places.add(
      [...head.parts[0].positions.subarray(3 * i, 3 * i + 3)].map((x) => Math.round(x * 100) / 100).join(),
    );
  expect(places).toEqual(new Set(['0,0,0', '1,0,0', '1,1,0', '0,1,0.5']));
  expect(head.parts[0].indices).toHaveLength(6);
});

test('skins stand in their bind pose where the head joint is; morphs turn along', async () => {
  const { document, accessor, primitive, node } = square();
  const root = document.createNode('Hips').setTranslation([0, 5, 0]);
  const headJoint = document.createNode('mixamorig:Head').setScale([2, 2, 2]);
  const between = document.createNode('between').addChild(headJoint);
  root.addChild(between);
  document.getRoot().listScenes()[0].addChild(root);
  const skin = document.createSkin().addJoint(root).addJoint(headJoint);
  skin.setInverseBindMatrices(
    accessor(
      'MAT4',
      // The hips were bound elsewhere: the resting pose is not the bind pose.
      Float32Array.of(
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        -4,
        0,
        1,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
      ),
    ),
  );
  node.setSkin(skin).setTranslation([100, 0, 0]);
  primitive.setAttribute(
    'JOINTS_0',
    accessor('VEC4', Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)),
  );
  primitive.setAttribute(
    'WEIGHTS_0',
    accessor('VEC4', Float32Array.of(1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 0)),
  );
  primitive.addTarget(
    document
      .createPrimitiveTarget('jawOpen')
      .setAttribute('POSITION', accessor('VEC3', Float32Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0))),
  );
  const head = await readHead(await io.writeBinary(document));
  const [part] = head.parts;
  expect([...part.positions]).toEqual(SQUARE.map((x, i) => 2 * x + (i % 3 === 1 ? 5 : 0)));
  expect(part.morphs).toHaveLength(1);
  expect(part.morphs[0].name).toBe('jawOpen');
  expect([...part.morphs[0].offsets.subarray(3, 6)]).toEqual([0, 0, 2]);
  expect(part.skin!.joints).toEqual(['Hips', 'mixamorig:Head']);
  expect([...part.skin!.jointWeights]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 0]);
  expect(head.joints).toEqual([
    { name: 'Hips', parent: -1, position: [0, 5, 0] },
    { name: 'mixamorig:Head', parent: 0, position: [0, 5, 0] },
  ]);
});

test('a file cut anywhere is truncated, and never anything else', async () => {
  const bytes = await io.writeBinary(square().document);
  expect(await failure(bytes)).toBe('read');
  for (const length of [1, 3, 4, 11, 12, 19, 20, 60, bytes.length >> 1, bytes.length - 1])
    expect(await failure(bytes.subarray(0, length))).toBe('ParleyError truncated-mesh');
});

test('vertices that are nowhere, nothing to draw, indices out of range', async () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { document } = square(SQUARE.map((x, i) => (i === 4 ? bad : x)));
    expect(await failure(await io.writeBinary(document))).toBe('ParleyError non-finite-mesh');
  }
  const empty = new Document();
  empty.createScene();
  expect(await failure(await io.writeBinary(empty))).toBe('ParleyError empty-mesh');
  const { document, primitive, accessor } = square();
  primitive.setIndices(accessor('SCALAR', Uint16Array.of(0, 1, 9)));
  expect(await failure(await io.writeBinary(document))).toBe('ParleyError malformed-mesh');
});

test.each([
  ['no glTF', '{"a": 1}', 'not-a-mesh'],
  ['glTF 1', '{"asset": {"version": "1.0"}}', 'unsupported-mesh'],
  ['broken JSON', '{"asset": {"version": 2.0}, }', 'malformed-mesh'],
  ['half a JSON', '{"asset": {"version": "2.0"}, "nodes": [{"mesh"', 'truncated-mesh'],
  [
    'no .bin',
    '{"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4, "uri": "head.bin"}]}',
    'missing-resource',
  ],
  [
    'an extension',
    '{"asset": {"version": "2.0"}, "extensionsRequired": ["ACME_voxels"]}',
    'unsupported-mesh',
  ],
  [
    'an accessor past its buffer',
    JSON.stringify({
      asset: { version: '2.0' },
      buffers: [{ byteLength: 4, uri: 'data:application/octet-stream;base64,AAAAAA==' }],
      bufferViews: [{ buffer: 0, byteLength: 4 }],
      accessors: [{ bufferView: 0, componentType: 5126, count: 3000, type: 'VEC3' }],
      meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
      nodes: [{ mesh: 0 }],
      scenes: [{ nodes: [0] }],
    }),
    'malformed-mesh',
  ],
])('%s', async (_, json, code) => {
  expect(await failure(new TextEncoder().encode(json), 'head.gltf')).toBe(`ParleyError ${code}`);
});
