/**
 * Binds people of ICT-FaceKit as strangers and compares the fields that reach them with ICT's own:
 * `PARLEY_ICT_DATA=… npm run bind -w @parley/bench -- [--people 20] [--noise-mm 1.5]`.
 * The template is ICT's neutral head with 40 of the 60 identity modes that the strangers have, as in the sketch it is measured
 * against, because only on one topology there is a ground truth for every vertex.
 */
import { parseArgs } from 'node:util';
import { bindHead, registerTemplate } from '@parley/sdk/bind';
import { ICT, ictTemplate, readIctFaceKit } from './ict-face-kit.ts';
import { makeStranger } from './strangers.ts';

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '20' },
    'noise-mm': { type: 'string', default: '1.5' },
    modes: { type: 'string', default: '40' },
  },
});
const kit = readIctFaceKit(process.env.PARLEY_ICT_DATA);
if (!kit) {
  console.log(
    'ICT-FaceKit is not here: set PARLEY_ICT_DATA to the folder of ict_facekit_f32.npz. Nothing was measured.',
  );
  process.exit(0);
}

/** ICT's vertices below this are those between brows, ears and chin. */
const NARROW_FACE = 6706;

/** Expression, its controls, the target and the sketch's figure in percent. */
const EXPRESSIONS = [
  ['jaw', ['jawOpen'], 8, 10],
  ['smile', ['mouthSmileLeft', 'mouthSmileRight'], 8, 9],
  ['pucker', ['mouthPucker'], 8, 10],
  ['brow', ['browInnerUp'], 10, 12],
  ['blink', ['eyeBlinkLeft', 'eyeBlinkRight'], 12, 20],
] as const;

const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
const template = ictTemplate(kit, Number(values.modes));
const errors = new Map<string, number[]>(EXPRESSIONS.map(([name]) => [name, []]));
const registration: number[] = [];
const p95: number[] = [];
/** Millimetres between where the template's vertices came to lie and where they should, mean of each person. */
const misplaced: number[] = [];
const milliseconds: number[] = [];
const timings: Record<string, number> = {};
for (let seed = 1; seed <= Number(values.people); seed++) {
  const { mesh, points, sources, turn, scale } = makeStranger(kit, seed, Number(values['noise-mm']));
  const start = performance.now();
  const rig = await bindHead(mesh, points, { template });
  milliseconds.push(performance.now() - start);
  registration.push(rig.report.distanceMm.mean);
  p95.push(rig.report.distanceMm.p95);
  for (const [name, ms] of Object.entries(rig.report.timingsMs)) timings[name] = (timings[name] ?? 0) + ms;
  const landmarks = Float64Array.from(points.points.flatMap(({ position }) => position));
  const trust = new Float64Array(points.points.length).fill(1);
  const { positions, indices } = mesh.parts[0];
  const laid = registerTemplate(template, {
    positions: Float64Array.from(positions),
    indices,
    landmarks,
    trust,
  });
  const metre = scale * laid.toTemplate.scale;
  const away: number[] = [];
  sources.forEach((source, v) => {
    if (source >= NARROW_FACE) return;
    const p = laid.surface.positions.subarray(v * 3, v * 3 + 3);
    away.push(
      (1000 / metre) * Math.hypot(...[0, 1, 2].map((axis) => p[axis] - laid.positions[source * 3 + axis])),
    );
  });
  misplaced.push(mean(away));
  const { fields } = rig.parts[0];
  const row: string[] = [];
  for (const [name, controls] of EXPRESSIONS) {
    const predicted = new Float64Array(sources.length * 3);
    const truth = new Float64Array(sources.length * 3);
    for (const control of controls) {
      const k = rig.controls.indexOf(control);
      const { vertices, offsets, scale: unit } = fields[k];
      vertices.forEach((v, i) => {
        for (let axis = 0; axis < 3; axis++) predicted[v * 3 + axis] += offsets[i * 3 + axis] * unit;
      });
      sources.forEach((source, v) => {
        for (let row = 0; row < 3; row++) {
          for (let column = 0; column < 3; column++)
            truth[v * 3 + row] += turn[row * 3 + column] * template.fields[k][source * 3 + column];
        }
      });
    }
    let error = 0;
    let size = 0;
    sources.forEach((source, v) => {
      if (source >= ICT.face) return;
      for (let axis = 0; axis < 3; axis++) {
        error += (predicted[v * 3 + axis] - truth[v * 3 + axis]) ** 2;
        size += truth[v * 3 + axis] ** 2;
      }
    });
    errors.get(name)?.push(Math.sqrt(error / size));
    row.push(`${name} ${(100 * Math.sqrt(error / size)).toFixed(1)}`);
  }
  console.log(`person ${seed}: ${row.join(', ')} %; face misplaced ${misplaced[seed - 1].toFixed(2)} mm`);
}
console.log(
  `${values.people} people, landmark noise ${values['noise-mm']} mm, ${template.modes.length} modes`,
);
console.log(
  `distance to the surface: mean ${mean(registration).toFixed(2)} mm, p95 ${mean(p95).toFixed(2)} mm`,
);
console.log(
  `vertices of the face misplaced: mean ${mean(misplaced).toFixed(2)} mm, worst person ${Math.max(...misplaced).toFixed(2)} mm (target 1.0 mm)`,
);
for (const [name, , target, sketch] of EXPRESSIONS) {
  const list = errors.get(name) ?? [];
  console.log(
    `${name.padEnd(7)} ${(100 * mean(list)).toFixed(1).padStart(5)} % of the field (worst ${(100 * Math.max(...list)).toFixed(1)} %; target ${target} %, sketch ${sketch} %)`,
  );
}
console.log(
  `${mean(milliseconds).toFixed(0)} ms a head:`,
  Object.fromEntries(Object.entries(timings).map(([k, v]) => [k, Math.round(v / milliseconds.length)])),
);
