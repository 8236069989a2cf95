import { readFileSync } from 'node:fs';
import { Accessor, Document, type Primitive, WebIO } from '@gltf-transform/core';
import {
  ALL_EXTENSIONS,
  EXTMeshoptCompression,
  KHRDracoMeshCompression,
  KHRMeshQuantization,
  KHRTextureBasisu,
} from '@gltf-transform/extensions';
// @ts-expect-error The package has no types.
import draco from 'draco3dgltf';
import { MeshoptEncoder } from 'meshoptimizer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addPackedField,
  bindHead,
  type FaceNets,
  findFace,
  type HeadMesh,
  type HeadPart,
  readHead,
} from '../../src/bind/index.ts';
import { seededRandom } from '../seeded-random.ts';
import { clustered, clusteredBy, moved, randomTurn, soup, subdivided, withBody } from './make-heads.ts';
import { realTemplate as realLandmarks, realNets, templateHead } from './real-nets.ts';
import { realTemplate } from './real-template.ts';
import { makeStranger } from './strangers.ts';

const landmarks = realLandmarks();
/** A stranger that stands upright in metres: turned back from the pose that it is made in. */
const upright = (() => {
  const { mesh, turn, scale } = makeStranger(realTemplate(), { seed: 21 });
  const rows = [0, 1, 2].map((axis) => turn([axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0]));
  const centre = [0, 0, 0];
  const { positions } = mesh.parts[0];
  positions.forEach((value, i) => {
    centre[i % 3] += (3 * value) / positions.length;
  });
  return moved(mesh, (x, y, z) =>
    rows.map(
      (row) => ((x - centre[0]) * row[0] + (y - centre[1]) * row[1] + (z - centre[2]) * row[2]) / scale ** 2,
    ),
  );
})();

let io: WebIO;
let nets: FaceNets;
beforeAll(async () => {
  await MeshoptEncoder.ready;
  io = new WebIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
    'draco3d.encoder': await draco.createEncoderModule(),
    'meshopt.encoder': MeshoptEncoder,
  });
  nets = await realNets();
}, 60_000);
afterAll(() => nets?.close());

const trianglesOf = ({ parts }: HeadMesh) => parts.reduce((sum, { indices }) => sum + indices.length / 3, 0);

/** An .obj's bytes: positions and faces alone. */
function obj(head: HeadMesh, options: { colours?: boolean; names?: boolean } = {}): Uint8Array {
  const lines: string[] = [];
  let first = 1;
  for (const { positions, indices, name } of head.parts) {
    if (options.names) lines.push(`g ${name}`);
    for (let i = 0; i < positions.length; i += 3)
      lines.push(
        `v ${[...positions.subarray(i, i + 3), ...(options.colours ? [0.8, 0.6, 0.5] : [])].join(' ')}`,
      );
    for (let i = 0; i < indices.length; i += 3)
      lines.push(`f ${[...indices.subarray(i, i + 3)].map((v) => v + first).join(' ')}`);
    first += positions.length / 3;
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** A document with a mesh and a material for each part; `change` may alter what becomes of each. */
function gltf(head: HeadMesh, change: (made: Made) => void = () => {}): Document {
  const document = new Document();
  const buffer = document.createBuffer();
  const scene = document.createScene();
  const accessor: Made['accessor'] = (type, array) =>
    document
      .createAccessor()
      .setType(Accessor.Type[type])
      .setArray(array as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  for (const part of head.parts) {
    const material = document.createMaterial(part.name);
    const primitive = document
      .createPrimitive()
      .setAttribute('POSITION', accessor('VEC3', Float32Array.from(part.positions)))
      .setIndices(accessor('SCALAR', Uint32Array.from(part.indices)))
      .setMaterial(material);
    const node = document
      .createNode(part.name)
      .setMesh(document.createMesh(part.name).addPrimitive(primitive));
    scene.addChild(node);
    change({ document, accessor, primitive, part, node, material });
  }
  return document;
}

interface Made {
  readonly document: Document;
  readonly accessor: (
    type: 'SCALAR' | 'VEC3' | 'VEC4' | 'MAT4',
    array: Float32Array | Uint32Array | Uint8Array | Int16Array,
  ) => Accessor;
  readonly primitive: Primitive;
  readonly part: HeadPart;
  readonly node: ReturnType<Document['createNode']>;
  readonly material: ReturnType<Document['createMaterial']>;
}

const REACH = 0.5;
const quantised = ({ document, accessor, primitive, part, node }: Made) => {
  document.createExtension(KHRMeshQuantization).setRequired(true);
  const steps = Int16Array.from(part.positions, (value) => Math.round((value / REACH) * 32767));
  primitive.setAttribute('POSITION', accessor('VEC3', steps).setNormalized(true));
  node.setScale([REACH, REACH, REACH]);
};

/** Every kind of file that people have; what is read must be the head that was written. */
const KINDS: readonly (readonly [kind: string, make: () => Uint8Array | Promise<Uint8Array>])[] = [
  ['.obj without normals and UVs', () => obj(upright)],
  ['.obj of several groups', () => obj(upright, { names: true })],
  ['.obj scan with colours of vertices', () => obj(upright, { colours: true })],
  ['.obj in units of a kilometre', () => obj(moved(upright, (x, y, z) => [x / 1000, y / 1000, z / 1000]))],
  [
    '.obj in units of a hundredth of a millimetre',
    () => obj(moved(upright, (x, y, z) => [1e5 * x, 1e5 * y, 1e5 * z])),
  ],
  ['.obj far from the origin', () => obj(moved(upright, (x, y, z) => [x + 30, y - 20, z + 50]))],
  ['.obj with Z up', () => obj(moved(upright, (x, y, z) => [x, -z, y]))],
  ['.obj mirrored, its triangles turning their backs', () => obj(moved(upright, (x, y, z) => [-x, y, z]))],
  ['.obj unwelded, each triangle for itself', () => obj(soup(upright, 1e9))],
  ['.obj of 700 vertices, not manifold', () => obj(clustered(upright, 0.011))],
  ['.glb', () => io.writeBinary(gltf(upright))],
  [
    '.glb with Draco',
    () => {
      const document = gltf(upright);
      document.createExtension(KHRDracoMeshCompression).setRequired(true);
      return io.writeBinary(document);
    },
  ],
  [
    '.glb with meshopt',
    () => {
      const document = gltf(upright);
      document.createExtension(EXTMeshoptCompression).setRequired(true);
      return io.writeBinary(document);
    },
  ],
  ['.glb quantised', () => io.writeBinary(gltf(upright, quantised))],
  [
    '.glb quantised with meshopt',
    () => {
      const document = gltf(upright, quantised);
      document.createExtension(EXTMeshoptCompression).setRequired(true);
      return io.writeBinary(document);
    },
  ],
  [
    '.glb with KTX2 textures, which nobody decodes',
    () => {
      const document = gltf(upright, ({ document: own, material }) => {
        own.createExtension(KHRTextureBasisu).setRequired(true);
        material.setBaseColorTexture(
          own
            .createTexture('skin')
            .setMimeType('image/ktx2')
            .setImage(Uint8Array.of(0xab, 0x4b, 0x54, 0x58)),
        );
      });
      return io.writeBinary(document);
    },
  ],
  [
    '.glb with colours of vertices',
    () =>
      io.writeBinary(
        gltf(upright, ({ accessor, primitive, part }) => {
          primitive.setAttribute(
            'COLOR_0',
            accessor(
              'VEC3',
              part.positions.map(() => 0.6),
            ),
          );
        }),
      ),
  ],
  [
    '.glb under a mirroring, turning node',
    () =>
      io.writeBinary(
        gltf(upright, ({ node }) => {
          node.setScale([-3, 3, 3]).setRotation([0, Math.SQRT1_2, 0, Math.SQRT1_2]).setTranslation([5, 0, 0]);
        }),
      ),
  ],
  [
    '.glb skinned and morphed, bound elsewhere',
    () =>
      io.writeBinary(
        gltf(upright, ({ document, accessor, primitive, part, node }) => {
          const count = part.positions.length / 3;
          const [scene] = document.getRoot().listScenes();
          const joint = document.createNode('mixamorig:Head').setTranslation([0, 1.6, 0]);
          scene.addChild(joint);
          const inverse = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
          node.setSkin(
            document.createSkin().addJoint(joint).setInverseBindMatrices(accessor('MAT4', inverse)),
          );
          primitive
            .setAttribute('JOINTS_0', accessor('VEC4', new Uint8Array(count * 4)))
            .setAttribute(
              'WEIGHTS_0',
              accessor(
                'VEC4',
                Float32Array.from({ length: count * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
              ),
            )
            .addTarget(
              document
                .createPrimitiveTarget('belly')
                .setAttribute('POSITION', accessor('VEC3', new Float32Array(count * 3))),
            );
        }),
      ),
  ],
];

describe('a head is read, and its face found, from', () => {
  test.each(KINDS)('%s', { timeout: 120_000 }, async (kind, make) => {
    const head = await readHead(await make());
    expect(head.warnings).toEqual([]);
    const triangles = trianglesOf(head);
    if (!kind.includes('700')) expect(triangles).toBe(trianglesOf(upright));
    const face = await findFace(head, { nets, template: landmarks });
    expect(face.doubts).toEqual([]);
    expect(face.insideOut).toBe(kind.includes('backs'));
    expect(face.residualMm).toBeLessThan(4);
  });
});

describe('and bound:', () => {
  test('whole, in a body of bones and limbs', { timeout: 240_000 }, async () => {
    const head = await readHead(await io.writeBinary(gltf(withBody(upright))));
    const face = await findFace(head, { nets, template: landmarks });
    expect(face.doubts).toEqual([]);
    const rig = await bindHead(head, face, { template: realTemplate() });
    expect(rig.report.distanceMm.mean).toBeLessThan(0.6);
    // What is no face does not move: limbs have no fields.
    for (const part of rig.parts.slice(upright.parts.length))
      for (const field of part.fields) expect(field.vertices.length).toBe(0);
  });

  test('with 700 vertices', { timeout: 240_000 }, async () => {
    const head = await readHead(obj(clustered(upright, 0.011)));
    expect(head.parts.reduce((sum, { positions }) => sum + positions.length / 3, 0)).toBeLessThan(1200);
    const face = await findFace(head, { nets, template: landmarks });
    const rig = await bindHead(head, face, { template: realTemplate() });
    expect(rig.report.distanceMm.mean).toBeLessThan(1.5);
  });

  test('with 300 vertices, most of them in the face: its mouth opens', { timeout: 240_000 }, async () => {
    const inFace = (x: number, y: number, z: number) =>
      z > 0.05 && Math.abs(x) < 0.05 && Math.abs(y) < 0.06 ? 0.0115 : 0.06;
    const whole = await templateHead();
    const head = clusteredBy({ ...whole, parts: whole.parts.filter(({ name }) => name === 'skin') }, inFace);
    const vertices = head.parts.reduce((sum, { positions }) => sum + positions.length / 3, 0);
    expect(vertices).toBeGreaterThan(200);
    expect(vertices).toBeLessThan(400);
    const face = await findFace(head, { nets, template: landmarks });
    expect(face.status).toBe('found');
    const rig = await bindHead(head, face, { template: realTemplate() });
    expect(rig.report.distanceMm.mean).toBeLessThan(1.5);
    const jaw = rig.parts.map(({ vertices: count, fields }) => {
      const moved = new Float32Array(count * 3);
      addPackedField(fields[rig.controls.indexOf('jawOpen')], 1, moved);
      return Math.min(...moved);
    });
    expect(Math.min(...jaw)).toBeLessThan(-0.015);
  });

  test('with a quarter of a million triangles, lying somehow', { timeout: 400_000 }, async () => {
    const random = seededRandom(4);
    const r = randomTurn(random);
    const turn = (head: HeadMesh) =>
      moved(head, (x, y, z) =>
        [0, 1, 2].map((row) => r[3 * row] * x + r[3 * row + 1] * y + r[3 * row + 2] * z),
      );
    const fine = turn(subdivided(subdivided({ ...upright, parts: upright.parts.slice(0, 1) })));
    expect(trianglesOf(fine)).toBeGreaterThan(120_000);
    const face = await findFace(fine, { nets, template: landmarks });
    expect(face.doubts).toEqual([]);
    const rig = await bindHead(fine, face, { template: realTemplate() });
    expect(rig.report.distanceMm.mean).toBeLessThan(0.6);
  });
});

test('every way to break a file is one clear error', async () => {
  const bytes = await io.writeBinary(gltf(upright));
  const text = new TextDecoder().decode(obj(upright));
  const code = async (broken: Uint8Array | string, fileName = 'head') =>
    readHead(typeof broken === 'string' ? new TextEncoder().encode(broken) : broken, { fileName }).then(
      () => 'read',
      (error) => {
        expect(error.message).toMatch(/;|:/);
        return error.code;
      },
    );
  expect(await code(new Uint8Array(0))).toBe('empty-mesh');
  expect(await code('v 0 0 0\nv 1 0 0\nv 0 1 0\n')).toBe('empty-mesh');
  expect(await code('v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n')).toBe('empty-mesh');
  expect(await code(bytes.subarray(0, bytes.length / 2))).toBe('truncated-mesh');
  expect(await code(text.slice(0, text.lastIndexOf('f ') + 4))).toBe('truncated-mesh');
  expect(await code(text.replace(/^v \S+/m, 'v NaN'))).toBe('non-finite-mesh');
  expect(await code(text.replace(/^v \S+/m, 'v 1e39'))).toBe('non-finite-mesh');
  expect(await code(text.replace(/^f \S+/m, 'f 999999'))).toBe('truncated-mesh');
  expect(await code('How are you?')).toBe('not-a-mesh');
  expect(await code(readFileSync(new URL(import.meta.url)).subarray(0, 900))).toBe('not-a-mesh');
  expect(await code('Kaydara FBX Binary  \0')).toBe('unsupported-mesh');
  expect(await code('solid head\n')).toBe('unsupported-mesh');
});
