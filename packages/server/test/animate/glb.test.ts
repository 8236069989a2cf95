import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, type Node, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { validateBytes } from 'gltf-validator';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { animate } from '../../src/animate/animate.ts';
import { type FaceEngine, loadFaceEngine } from '../../src/animate/face-engine.ts';
import { OWN_EXPORTS } from '../../src/animate/face-model-files.ts';
import { writeWav } from '../../src/audio/write-wav.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const HEADS = join(import.meta.dirname, '../../../../examples/metaverse-room/public/heads');
const FRAMES = 12;
let folder: string;
let engine: FaceEngine;
let audio: string;
/** Weight curves of the same take, by name. */
let curves: Map<string, number[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-glb-'));
  engine = await loadFaceEngine({ encoder: 'small' });
  const fixture = JSON.parse(await readFile(join(OWN_EXPORTS, 'fixtures/encoder-small.json'), 'utf8'));
  audio = join(folder, 'speech.wav');
  const speech = Float32Array.from((fixture.audio.data as number[]).slice(2400, 2400 + FRAMES * 800));
  await writeFile(audio, writeWav(speech, 24_000));
  const out = join(folder, 'take.json');
  await animate({ audio, out, engine });
  const { arkit } = JSON.parse(await readFile(out, 'utf8'));
  curves = new Map(
    arkit.names.map((name: string, i: number) => [name, arkit.frames.map((row: number[]) => row[i])]),
  );
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

interface Issues {
  readonly numErrors: number;
  readonly messages: readonly { readonly code: string }[];
}

/** The written document, which the validator has no quarrel with. */
async function glb(head?: string): Promise<{ document: Document; sizeBytes: number; issues: Issues }> {
  const out = join(folder, 'head.glb');
  await animate({ audio, out, engine, head });
  const bytes = new Uint8Array(await readFile(out));
  const { issues } = (await validateBytes(bytes)) as { issues: Issues };
  expect(issues.messages.filter(({ code }) => code.includes('ERROR'))).toEqual([]);
  expect(issues.numErrors).toBe(0);
  const io = new NodeIO().registerExtensions(ALL_EXTENSIONS);
  return { document: await io.readBinary(bytes), sizeBytes: bytes.length, issues };
}

function channels(document: Document) {
  const animations = document.getRoot().listAnimations();
  expect(animations).toHaveLength(1);
  return animations[0].listChannels().map((channel) => ({
    node: channel.getTargetNode() as Node,
    path: channel.getTargetPath(),
    times: [...(channel.getSampler()?.getInput()?.getArray() ?? [])],
    values: [...(channel.getSampler()?.getOutput()?.getArray() ?? [])],
  }));
}

/** Every animated morph target follows the curve of its name. */
function checkWeights(document: Document): Set<string> {
  const seen = new Set<string>();
  for (const { node, path, times, values } of channels(document)) {
    expect(times).toHaveLength(FRAMES);
    expect(times[FRAMES - 1]).toBeCloseTo((FRAMES - 1) / 30, 5);
    if (path !== 'weights') continue;
    const names = node.getMesh()?.getExtras().targetNames as string[];
    expect(values).toHaveLength(FRAMES * names.length);
    names.forEach((name, i) => {
      const curve = curves.get(name);
      if (!curve) return;
      seen.add(name);
      curve.forEach((value, frame) => {
        expect(Math.abs(values[frame * names.length + i] - value)).toBeLessThan(1e-4);
      });
    });
  }
  return seen;
}

describe('a .glb file', () => {
  test('of the template: eyes, teeth, tongue and materials, the 52 shapes, a head that turns on its neck', async () => {
    const { document, sizeBytes, issues } = await glb();
    expect(issues.messages).toEqual([]);
    expect(sizeBytes).toBeLessThan(4e6);
    const names = document
      .getRoot()
      .listMaterials()
      .map((material) => material.getName());
    for (const name of ['skin', 'lips', 'iris', 'eyeWhite', 'teeth', 'tongue', 'lashes', 'brows'])
      expect(names).toContain(name);
    expect([...checkWeights(document)].sort()).toEqual([...curves.keys()].sort());
    const [turn] = channels(document).filter(({ path }) => path === 'rotation');
    expect(turn.node.getName()).toBe('headTurn');
    for (let i = 0; i < turn.values.length; i += 4)
      expect(Math.hypot(...turn.values.slice(i, i + 4))).toBeCloseTo(1, 5);
  });

  test('moves the template’s vertices as the basis does', async () => {
    const { document } = await glb();
    const { basis, surface } = engine.model.template;
    const jaw = basis.names.indexOf('jawOpen');
    const mesh = document
      .getRoot()
      .listMeshes()
      .find((found) => found.getName() === 'lips');
    const primitive = mesh?.listPrimitives()[0];
    const rest = primitive?.getAttribute('POSITION');
    const names = mesh?.getExtras().targetNames as string[];
    const moved = primitive?.listTargets()[names.indexOf('jawOpen')].getAttribute('POSITION');
    const at = new Map<string, number>();
    for (let v = 0; v < basis.vertices; v++)
      at.set([...surface.positions.subarray(v * 3, v * 3 + 3)].join(), v);
    for (let v = 0; v < (rest?.getCount() ?? 0); v++) {
      const source = at.get((rest?.getElement(v, []) ?? []).join());
      expect(source).toBeDefined();
      const delta = moved?.getElement(v, []) ?? [];
      for (let axis = 0; axis < 3; axis++) {
        const offset = basis.offsets[(jaw * basis.vertices + (source ?? 0)) * 3 + axis] * basis.scale[jaw];
        expect(Math.abs(delta[axis] - offset)).toBeLessThan(1e-5);
      }
    }
  });

  test('of an .obj head', async () => {
    const { document, issues } = await glb(join(HEADS, 'bust.obj'));
    expect(issues.messages).toEqual([]);
    expect(checkWeights(document).size).toBe(52);
  });

  test('of a glTF head: its own shapes and bones, its own animations gone', async () => {
    const { document } = await glb(join(HEADS, 'guide.glb'));
    expect(checkWeights(document).size).toBe(52);
    const turned = channels(document).filter(({ path }) => path === 'rotation');
    expect(turned.map(({ node }) => node.getName()).sort()).toEqual(['head', 'neck_01']);
    // The rest of the skeleton stands still, and the turn is small and about the bones' own rest.
    for (const { node, values } of turned) {
      const rest = node.getRotation();
      const [x, y, z, w] = values;
      expect(Math.abs(x * rest[0] + y * rest[1] + z * rest[2] + w * rest[3])).toBeGreaterThan(0.97);
    }
  });
});
