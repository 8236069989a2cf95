import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, type Material, WebIO } from '@gltf-transform/core';
import {
  ALL_EXTENSIONS,
  EXTMeshoptCompression,
  KHRDracoMeshCompression,
  KHRTextureBasisu,
} from '@gltf-transform/extensions';
import {
  applySimilarity,
  bindHead,
  type HandPoints,
  type HeadMesh,
  type HeadRig,
  writeRigFile,
} from '@parley/sdk/bind';
// @ts-expect-error The package has no types.
import draco from 'draco3dgltf';
import { MeshoptEncoder } from 'meshoptimizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realTemplate } from '../../../sdk/test/bind/real-template.ts';
import { makeStranger } from '../../../sdk/test/bind/strangers.ts';
import { hasBrowser, type OpenPage, openPage, WEBGL, WEBGPU } from './open-page.ts';
import type { PlainHead } from './page/materials.ts';

let head: PlainHead;

/** A sealed stranger put upright and into metres, with its rig. */
beforeAll(async () => {
  if (!hasBrowser) return;
  const template = realTemplate();
  const { mesh, face } = makeStranger(template, { seed: 3, sealed: true, eyes: false });
  const { toTemplate } = (await bindHead(mesh, face, { template })).report;
  const [skin] = mesh.parts;
  const upright = {
    ...mesh,
    parts: [{ ...skin, positions: Float32Array.from(applySimilarity(toTemplate, skin.positions)) }],
  };
  const points: HandPoints = {
    points: face.points.map(({ landmark, position }) => ({
      landmark,
      position: [...applySimilarity(toTemplate, position)] as [number, number, number],
    })),
  };
  const rig = await bindHead(upright, points, { template });
  const two = await bindHead(inTwo(upright), points, { template });
  const base64 = (each: HeadRig): string =>
    Buffer.from(writeRigFile(each, '0'.repeat(64))).toString('base64');
  head = {
    positions: Array.from(upright.parts[0].positions),
    indices: Array.from(skin.indices),
    rig: base64(rig),
    rigOfTwo: base64(two),
  };
}, 240_000);

/** The skin's triangles in two halves, each a part with the vertices that it uses: as a mesh with two materials is read. */
function inTwo({ parts: [skin], ...rest }: HeadMesh): HeadMesh {
  const half = Math.floor(skin.indices.length / 6) * 3;
  const parts = [skin.indices.subarray(0, half), skin.indices.subarray(half)].map((indices) => {
    const used = Uint32Array.from(new Set(indices)).sort();
    const numberOf = new Map(Array.from(used, (v, i) => [v, i]));
    return {
      ...skin,
      positions: Float32Array.from(
        { length: used.length * 3 },
        (_, i) => skin.positions[used[Math.floor(i / 3)] * 3 + (i % 3)],
      ),
      indices: indices.map((v) => numberOf.get(v) as number),
      normals: undefined,
      uvs: undefined,
      colours: undefined,
      sourceVertices: used,
    };
  });
  return { ...rest, parts };
}

/** Set PICTURES to a folder to look at what was rendered. */
function keepPictures(prefix: string, pictures: Record<string, string>): void {
  const folder = process.env.PICTURES;
  if (!folder) return;
  for (const [name, url] of Object.entries(pictures))
    writeFileSync(`${folder}/${prefix}-${name}.png`, Buffer.from(url.split(',')[1], 'base64'));
}

describe.skipIf(!hasBrowser).each([
  { kind: 'webgl2' as const, flags: WEBGL, looks: ['standard', 'pbr', 'node', 'multi', 'skinned'] as const },
  { kind: 'webgpu' as const, flags: WEBGPU, looks: ['pbr', 'node'] as const },
])('a bound head on $kind', ({ kind, flags, looks }) => {
  let open: OpenPage;
  beforeAll(async () => {
    open = await openPage(flags);
  });
  afterAll(() => open?.close());

  it.each(looks)(
    'opens its mouth and its shadow’s in %s, and leaves nothing behind',
    { timeout: 120_000 },
    async (look) => {
      const { pictures, ...result } = await open.page.evaluate(
        ([k, l, h]) => window.parleyTest.boundLook(k, l, h),
        [kind, look, head] as const,
      );
      keepPictures(`${kind}-${look}`, pictures);
      console.log(kind, look, JSON.stringify(result));
      expect(result.moved).toBeGreaterThan(1000);
      expect(result.shadowMoved).toBeGreaterThan(500);
      expect(result.gpuToCpu).toBeLessThan(result.moved / 8);
      for (let i = 0; i < result.counts.length; i += 2)
        expect(result.counts[i + 1]).toEqual(result.counts[i]);
    },
  );

  it('moves instances and clones along, with one basis', { timeout: 120_000 }, async () => {
    const { picture, ...result } = await open.page.evaluate(
      ([k, h]) => window.parleyTest.copiesOfBound(k, h),
      [kind, head] as const,
    );
    keepPictures(`${kind}-copies`, { open: picture });
    console.log(kind, JSON.stringify(result));
    for (const moved of result.moved) expect(moved).toBeGreaterThan(300);
    // the skin's and the mouth's
    expect(result.textures).toBe(2);
  });
});

interface HeapNode {
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

const sizeOf = ({ selfSize, children }: HeapNode): number =>
  children.reduce((sum, child) => sum + sizeOf(child), selfSize);

describe.skipIf(!hasBrowser)('posing a bound head', () => {
  it('allocates nothing', { timeout: 120_000 }, async () => {
    const open = await openPage(WEBGL);
    try {
      await open.page.evaluate((h) => window.parleyTest.bindForPosing(h), head);
      const session = await open.page.context().newCDPSession(open.page);
      const bytesAPose = async (makesArrays: boolean): Promise<number> => {
        const run = (times: number): Promise<number> =>
          open.page.evaluate(([n, m]) => window.parleyTest.poseAgain(n, m), [times, makesArrays] as const);
        // compiled first, which takes memory of its own
        await run(20_000);
        await session.send('HeapProfiler.startSampling', {
          samplingInterval: 1024,
          includeObjectsCollectedByMajorGC: true,
          includeObjectsCollectedByMinorGC: true,
        });
        const times = await run(20_000);
        const { profile } = await session.send('HeapProfiler.stopSampling');
        return sizeOf(profile.head) / times;
      };
      const [alone, withArrays] = [await bytesAPose(false), await bytesAPose(true)];
      console.log(`${alone.toFixed(2)} bytes a pose, ${withArrays.toFixed(2)} with an array`);
      expect(withArrays).toBeGreaterThan(60);
      expect(alone).toBeLessThan(8);
    } finally {
      await open.close();
    }
  });
});

const headsFolder = process.env.PARLEY_HEADS_DATA;
const perry = headsFolder && join(headsFolder, 'LeePerrySmith.glb');
const hasPerry = perry !== undefined && existsSync(perry);
if (!hasPerry) console.log('skipped: PARLEY_HEADS_DATA does not name a folder with LeePerrySmith.glb');

describe.skipIf(!hasBrowser)('a compressed file', () => {
  let open: OpenPage;
  let io: WebIO;
  beforeAll(async () => {
    await MeshoptEncoder.ready;
    io = new WebIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
      'draco3d.encoder': await draco.createEncoderModule(),
      'meshopt.encoder': MeshoptEncoder,
    });
    open = await openPage(WEBGL);
  }, 60_000);
  afterAll(() => open?.close());

  /** The upright head as a document, its texture undecodable where there is one. */
  function document(change: (own: Document, material: Material) => void): Document {
    const own = new Document();
    const buffer = own.createBuffer();
    const primitive = own
      .createPrimitive()
      .setAttribute(
        'POSITION',
        own.createAccessor().setType('VEC3').setArray(Float32Array.from(head.positions)).setBuffer(buffer),
      )
      .setIndices(
        own.createAccessor().setType('SCALAR').setArray(Uint32Array.from(head.indices)).setBuffer(buffer),
      );
    const material = own
      .createMaterial('skin')
      .setBaseColorFactor([0.8, 0.62, 0.52, 1])
      .setRoughnessFactor(0.8)
      .setMetallicFactor(0);
    primitive.setMaterial(material);
    own
      .createScene()
      .addChild(own.createNode('head').setMesh(own.createMesh('head').addPrimitive(primitive)));
    change(own, material);
    return own;
  }

  const bound = async (name: string, bytes: Uint8Array) => {
    const { picture, ...result } = await open.page.evaluate(
      ([n, b]) => window.parleyTest.bindFile('webgl2', n, b),
      [name, Buffer.from(bytes).toString('base64')] as const,
    );
    keepPictures('file', { [name]: picture });
    console.log(name, JSON.stringify(result));
    return result;
  };

  it('with Draco is bound', { timeout: 200_000 }, async () => {
    const bytes = await io.writeBinary(
      document((own) => own.createExtension(KHRDracoMeshCompression).setRequired(true)),
    );
    expect(await bound('draco.glb', bytes)).toMatchObject({ kind: 'bound', from: 'bound' });
  });

  it('with meshopt is bound', { timeout: 200_000 }, async () => {
    const bytes = await io.writeBinary(
      document((own) => own.createExtension(EXTMeshoptCompression).setRequired(true)),
    );
    const result = await bound('meshopt.glb', bytes);
    expect(result).toMatchObject({ kind: 'bound', from: 'bound' });
    expect(result.moved).toBeGreaterThan(2000);
  });

  it('with a KTX2 texture that nothing here decodes is bound without its materials', {
    timeout: 200_000,
  }, async () => {
    const bytes = await io.writeBinary(
      document((own, material) => {
        own.createExtension(KHRTextureBasisu).setRequired(true);
        material.setBaseColorTexture(
          own
            .createTexture('skin')
            .setMimeType('image/ktx2')
            .setImage(Uint8Array.of(0xab, 0x4b, 0x54, 0x58)),
        );
      }),
    );
    const result = await bound('ktx2.glb', bytes);
    expect(result).toMatchObject({ kind: 'bound', from: 'bound' });
    expect(result.moved).toBeGreaterThan(2000);
  });

  it.skipIf(!hasPerry)(
    'that somebody else made with Draco is bound: LeePerrySmith',
    { timeout: 200_000 },
    async () => {
      const result = await bound('LeePerrySmith.glb', readFileSync(perry as string));
      expect(result).toMatchObject({ kind: 'bound', from: 'bound' });
      expect(result.moved).toBeGreaterThan(2000);
    },
  );
});
