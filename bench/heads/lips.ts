/**
 * How the template of this repository behaves on people of ICT-FaceKit: do lips that touch at rest stay apart or touching in the
 * poses of speech, or do they pass through each other?
 * `PARLEY_ICT_DATA=… npm run lips -w @parley/bench -- [--people 5]`.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readManifest, readVertexBasis } from '@parley/sdk';
import { addPackedField, bindHead, readBindTemplate, readTemplateLandmarks } from '@parley/sdk/bind';
import { LIP_PAIRS, readIctFaceKit } from './ict-face-kit.ts';
import { makeStranger } from './strangers.ts';

const POSES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  neutral: {},
  'P, half closed': { jawOpen: 0.3, mouthClose: 0.3 },
  'P, pressed': { mouthPressLeft: 0.5, mouthPressRight: 0.5, mouthRollLower: 0.2, mouthRollUpper: 0.2 },
  F: { jawOpen: 0.1, mouthRollLower: 0.6, mouthUpperUpLeft: 0.4, mouthUpperUpRight: 0.4 },
  O: { jawOpen: 0.4, mouthFunnel: 0.7, mouthPucker: 0.3 },
  U: { jawOpen: 0.15, mouthPucker: 0.9 },
  E: { jawOpen: 0.25, mouthStretchLeft: 0.4, mouthStretchRight: 0.4 },
  smile: { mouthSmileLeft: 0.8, mouthSmileRight: 0.8 },
};

const { values } = parseArgs({ options: { people: { type: 'string', default: '5' } } });
const kit = readIctFaceKit(process.env.PARLEY_ICT_DATA);
if (!kit) {
  console.log(
    'ICT-FaceKit is not here: set PARLEY_ICT_DATA to the folder of ict_facekit_f32.npz. Nothing was measured.',
  );
  process.exit(0);
}
const exportsUrl = new URL('../../models/exports/', import.meta.url);
const text = (name: string) => readFileSync(new URL(name, exportsUrl), 'utf8');
const manifest = readManifest(JSON.parse(text('manifest.json')));
const template = readBindTemplate({
  obj: text('template.obj'),
  info: JSON.parse(text('template.json')),
  basis: readVertexBasis(readFileSync(new URL('basis.bin', exportsUrl)), manifest),
  identity: JSON.parse(text('identity.json')),
  identityBytes: readFileSync(new URL('identity.bin', exportsUrl)),
  landmarks: readTemplateLandmarks(JSON.parse(text('landmarks/template.json'))),
});
const worst = new Map<string, number>();
const widest = new Map<string, number>();
for (let seed = 1; seed <= Number(values.people); seed++) {
  const { mesh, points, sources, scale, turn } = makeStranger(kit, seed, 1.5);
  const rig = await bindHead(mesh, points, { template });
  const at = new Map(Array.from(sources, (source, v) => [source, v]));
  const up = [turn[1], turn[4], turn[7]].map((value) => value / scale);
  const pairs = LIP_PAIRS.slice(1, -1).map((pair) => pair.map((vertex) => at.get(vertex) ?? 0));
  const rest = mesh.parts[0].positions;
  const gap = (p: Float32Array, [upper, lower]: number[]) =>
    (1000 / scale) * up.reduce((sum, u, axis) => sum + u * (p[upper * 3 + axis] - p[lower * 3 + axis]), 0);
  for (const [name, weights] of Object.entries(POSES)) {
    const moved = rest.slice();
    for (const [control, weight] of Object.entries(weights))
      addPackedField(rig.parts[0].fields[rig.controls.indexOf(control)], weight, moved);
    for (const pair of pairs) {
      const change = gap(moved, pair) - Math.min(0, gap(rest, pair));
      worst.set(name, Math.max(worst.get(name) ?? 0, -change));
      widest.set(name, Math.max(widest.get(name) ?? 0, change));
    }
  }
}
console.log(`${values.people} people; lips pass through each other by at most (and open by at most), mm:`);
for (const [name, crossing] of worst)
  console.log(`  ${name.padEnd(15)} ${crossing.toFixed(2)} (${(widest.get(name) ?? 0).toFixed(1)})`);
