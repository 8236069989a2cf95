import { expect, test } from 'vitest';
import { ICT, ictTemplate, readIctFaceKit } from '../../../../bench/heads/ict-face-kit.ts';
import { makeStranger } from '../../../../bench/heads/strangers.ts';
import { addPackedField, bindHead } from '../../src/bind/index.ts';

const kit = readIctFaceKit(process.env.PARLEY_ICT_DATA);
if (!kit) console.log('skipped: PARLEY_ICT_DATA does not name a folder with ict_facekit_f32.npz');

/** Expression, its controls, and the largest relative error of the fields that reach a stranger's face. */
const EXPRESSIONS = [
  ['jaw', ['jawOpen'], 0.1],
  ['smile', ['mouthSmileLeft', 'mouthSmileRight'], 0.09],
  ['pucker', ['mouthPucker'], 0.1],
  ['brow', ['browInnerUp'], 0.1],
  ['blink', ['eyeBlinkLeft', 'eyeBlinkRight'], 0.16],
] as const;

test.skipIf(!kit)(
  'a person of ICT-FaceKit gets the fields that ICT has for him',
  { timeout: 180_000 },
  async () => {
    if (!kit) return;
    const template = ictTemplate(kit);
    const { mesh, points, sources, turn } = makeStranger(kit, 2, 1.5);
    const rig = await bindHead(mesh, points, { template });
    expect(rig.report.distanceMm.mean).toBeLessThan(0.3);
    for (const [name, controls, limit] of EXPRESSIONS) {
      const difference = new Float64Array(sources.length * 3);
      let size = 0;
      for (const control of controls)
        addPackedField(rig.parts[0].fields[rig.controls.indexOf(control)], 1, difference);
      let error = 0;
      sources.forEach((source, v) => {
        if (source >= ICT.face) return;
        for (let row = 0; row < 3; row++) {
          let truth = 0;
          for (const control of controls) {
            const field = template.fields[template.controls.indexOf(control)];
            for (let column = 0; column < 3; column++)
              truth += turn[row * 3 + column] * field[source * 3 + column];
          }
          error += (difference[v * 3 + row] - truth) ** 2;
          size += truth ** 2;
        }
      });
      expect(Math.sqrt(error / size), name).toBeLessThan(limit);
    }
  },
);
