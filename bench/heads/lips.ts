/**
 * How the template of this repository behaves on people of ICT-FaceKit: do lips pass through each other while they say fixed
 * sentences (`sentences.json`), and in strong poses?
 * `PARLEY_ICT_DATA=… npm run lips -w @parley/bench -- [--people 20] [--stride 4]`.
 */
import { parseArgs } from 'node:util';
import { addPackedField, applySimilarity, bindHead } from '@parley/sdk/bind';
import { ictLips, readIctFaceKit } from './ict-face-kit.ts';
import { LipCrossing } from './lip-crossing.ts';
import { loadBindTemplate } from './load-bind-template.ts';
import { readSentences } from './read-sentences.ts';
import { makeStranger } from './strangers.ts';

const both = (name: string, weight: number) => ({ [`${name}Left`]: weight, [`${name}Right`]: weight });
const POSES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'P, half closed': { jawOpen: 0.3, mouthClose: 0.3 },
  'P, pressed': { ...both('mouthPress', 0.5), mouthRollLower: 0.2, mouthRollUpper: 0.2 },
  F: { jawOpen: 0.1, mouthRollLower: 0.6, ...both('mouthUpperUp', 0.4) },
  O: { jawOpen: 0.4, mouthFunnel: 0.7, mouthPucker: 0.3 },
  U: { jawOpen: 0.15, mouthPucker: 0.9 },
  E: { jawOpen: 0.25, ...both('mouthStretch', 0.4) },
  smile: both('mouthSmile', 0.8),
};

const { values } = parseArgs({
  options: { people: { type: 'string', default: '20' }, stride: { type: 'string', default: '4' } },
});
const kit = readIctFaceKit(process.env.PARLEY_ICT_DATA);
if (!kit) {
  console.log(
    'ICT-FaceKit is not here: set PARLEY_ICT_DATA to the folder of ict_facekit_f32.npz. Nothing was measured.',
  );
  process.exit(0);
}
const template = loadBindTemplate();
const frames = readSentences().filter((_, i) => i % Number(values.stride) === 0);
const lips = ictLips(kit);
const inPoses = new Map<string, number[]>(Object.keys(POSES).map((name) => [name, []]));
const inSentences: number[] = [];
const share: number[] = [];
for (let seed = 1; seed <= Number(values.people); seed++) {
  const { mesh, points, sources } = makeStranger(kit, seed, 1.5);
  const rig = await bindHead(mesh, points, { template });
  const [part] = mesh.parts;
  const sides = Uint8Array.from(sources, (source) => lips[source]);
  const place = (p: Float32Array) => applySimilarity(rig.report.toTemplate, p);
  const crossing = new LipCrossing(place(part.positions), part.indices, sides);
  const depth = (weights: Readonly<Record<string, number>>) => {
    const moved = part.positions.slice();
    for (const [control, weight] of Object.entries(weights)) {
      const k = rig.controls.indexOf(control);
      if (k >= 0 && weight > 0) addPackedField(rig.parts[0].fields[k], weight, moved);
    }
    return crossing.measure(place(moved)) * 1000;
  };
  for (const [name, weights] of Object.entries(POSES)) inPoses.get(name)?.push(depth(weights));
  const depths = frames.map(depth);
  inSentences.push(Math.max(...depths));
  share.push(depths.filter((mm) => mm > 0.3).length / depths.length);
  console.log(
    `person ${seed}: at rest ${(crossing.atRest * 1000).toFixed(2)} mm, sentences ${Math.max(...depths).toFixed(2)} mm more`,
  );
}
const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
console.log(
  `${values.people} people; lips pass through each other beyond their rest by at most, mm: worst (mean) person`,
);
console.log(
  `  ${frames.length} frames of sentences: ${Math.max(...inSentences).toFixed(2)} (${mean(inSentences).toFixed(2)}); more than 0.3 mm in ${(100 * mean(share)).toFixed(1)} % of the frames`,
);
for (const [name, list] of inPoses)
  console.log(`  ${name.padEnd(15)} ${Math.max(...list).toFixed(2)} (${mean(list).toFixed(2)})`);
