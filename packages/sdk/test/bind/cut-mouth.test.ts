import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addPackedField,
  applySimilarity,
  bindHead,
  findFace,
  type HeadMesh,
  type HeadRig,
  readHead,
  splitPositions,
} from '../../src/bind/index.ts';
import { connectedComponents } from '../../src/bind/mesh/components.ts';
import { cutLips } from '../../src/bind/transfer/cut-lips.ts';
import { realNets, realTemplate as realTemplateLandmarks } from './real-nets.ts';
import { realTemplate } from './real-template.ts';
import { makeStranger } from './strangers.ts';

/** The skin of a bound head and what was added to it, in the template's frame. */
function posed(mesh: HeadMesh, rig: HeadRig, weights: Readonly<Record<string, number>>) {
  const at = (rest: Float32Array, fields: HeadRig['parts'][number]['fields']): Float64Array => {
    for (const [name, weight] of Object.entries(weights))
      addPackedField(fields[rig.controls.indexOf(name)], weight, rest);
    return applySimilarity(rig.report.toTemplate, rest);
  };
  return {
    skin: at(splitPositions(mesh.parts[0].positions, rig.parts[0].splits), rig.parts[0].fields),
    mouth: at(rig.added[0].positions.slice(), rig.added[0].fields),
  };
}

/** Vertices of a surface's borders: of edges that only one triangle has. */
function borderVertices(indices: Uint32Array): Set<number> {
  const once = new Map<string, [number, number]>();
  for (let i = 0; i < indices.length; i++) {
    const [a, b] = [indices[i], indices[i - (i % 3) + ((i + 1) % 3)]];
    const key = [Math.min(a, b), Math.max(a, b)].join();
    if (!once.delete(key)) once.set(key, [a, b]);
  }
  return new Set([...once.values()].flat());
}

test('a crease between sealed lips is cut once, though it crosses the height of the line three times', () => {
  // from the side: down the upper lip, back into the crease, out over a lower lip that stands higher, down
  const profile = [
    [10, 0],
    [4, 1],
    [0.4, 0.5],
    [-0.9, -2.5],
    [-0.2, -1.5],
    [0.3, 0.2],
    [-2, 1.2],
    [-8, 0.5],
  ];
  const columns = 21;
  const positions = new Float64Array(
    profile.flatMap(([y, z]) => Array.from({ length: columns }, (_, i) => [(i - 10) * 3, y, z]).flat()),
  ).map((mm) => mm / 1000);
  const indices: number[] = [];
  for (let row = 0; row + 1 < profile.length; row++)
    for (let i = 0; i + 1 < columns; i++) {
      const a = row * columns + i;
      indices.push(a, a + columns, a + 1, a + 1, a + columns, a + columns + 1);
    }
  const xs = Float64Array.from({ length: 41 }, (_, i) => (i - 20) / 1000);
  const line = { x: xs, y: xs.map(() => 0), z: xs.map(() => 0.0005), shift: 0, depth: 0.002 };
  const cut = cutLips({ positions, indices: Uint32Array.from(indices) }, line, () => true);
  const between = cut.indices.filter((_, i) =>
    [0, 1, 2].every((c) => Math.abs(cut.positions[cut.indices[i - (i % 3) + c] * 3]) < 0.0161),
  );
  const { ofVertex } = connectedComponents(cut.positions.length / 3, between);
  expect(new Set(Array.from(between, (v) => ofVertex[v])).size).toBe(2);
  const at = (row: number) => ofVertex[row * columns + 10];
  expect(at(5)).toBe(at(7));
  expect(at(2)).toBe(at(0));
});

test('cut lips roll inwards from the cut, wherever they go', { timeout: 180_000 }, async () => {
  const { mesh, face } = makeStranger(realTemplate(), { seed: 3, sealed: true, eyes: false, noiseMm: 1 });
  const rig = await bindHead(mesh, face, { template: realTemplate() });
  expect(rig.report.mouth).toBe('sealed');
  const before = borderVertices(mesh.parts[0].indices);
  const cut = [...borderVertices(rig.parts[0].indices as Uint32Array)].filter((v) => !before.has(v));
  expect(cut.length).toBeGreaterThan(30);
  const poses: Record<string, number>[] = [
    {},
    { jawOpen: 1 },
    { mouthSmileLeft: 1 },
    { jawOpen: 0.4, mouthFunnel: 0.7 },
  ];
  for (const pose of poses) {
    const { skin, mouth } = posed(mesh, rig, pose);
    const held = cut.filter((v) => {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < mouth.length; i += 3)
        least = Math.min(
          least,
          Math.hypot(mouth[i] - skin[v * 3], mouth[i + 1] - skin[v * 3 + 1], mouth[i + 2] - skin[v * 3 + 2]),
        );
      return least < 2e-5;
    });
    // where a vertex of the skin lies almost on the line, slivers have borders of their own
    expect(held.length / cut.length).toBeGreaterThan(0.6);
  }
});

describe('real heads with a mouth of no depth', () => {
  const folder = process.env.PARLEY_HEADS_DATA;
  // what an open jaw may draw a triangle of the skin out by, metres: their edges are that coarse
  for (const [name, most] of [
    ['male02.obj', 0.013],
    ['max-planck.obj', 0.0095],
    ['LeePerrySmith.glb', 0.0095],
  ] as const) {
    const path = folder && join(folder, name);
    const isHere = path !== undefined && existsSync(path);
    if (!isHere) console.log(`skipped: PARLEY_HEADS_DATA does not name a folder with ${name}`);
    test.skipIf(!isHere)(`${name}: no skin hangs in the open mouth`, { timeout: 180_000 }, async () => {
      const mesh = await readHead(readFileSync(path as string), { fileName: name });
      const face = await findFace(mesh, { nets: await realNets(), template: realTemplateLandmarks() });
      const rig = await bindHead(mesh, face, { template: realTemplate() });
      let worst = 0;
      rig.parts.forEach((part, p) => {
        const rest = splitPositions(mesh.parts[p].positions, part.splits);
        const open = rest.slice();
        addPackedField(part.fields[rig.controls.indexOf('jawOpen')], 1, open);
        const indices = part.indices ?? mesh.parts[p].indices;
        const [before, after] = [rest, open].map((xyz) => applySimilarity(rig.report.toTemplate, xyz));
        for (let i = 0; i < indices.length; i++) {
          const [a, b] = [indices[i] * 3, indices[i - (i % 3) + ((i + 1) % 3)] * 3];
          const [was, is] = [before, after].map((q) =>
            Math.hypot(q[a] - q[b], q[a + 1] - q[b + 1], q[a + 2] - q[b + 2]),
          );
          // around the lips
          if (Math.abs(before[a + 1] + 0.027) < 0.006 && before[a + 2] > 0.08)
            worst = Math.max(worst, is - was);
        }
      });
      console.log(`${name}: drawn out by ${(worst * 1000).toFixed(1)} mm at most`);
      expect(worst).toBeLessThan(most);
    });
  }
});
