import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addPackedField,
  BINDING_POINTS,
  bindHead,
  drawContactSheet,
  type FaceNets,
  findFace,
  landmarkPositions,
  proposePoints,
  readHead,
} from '../../src/bind/index.ts';
import { animeHead, ogreHead } from './cartoon-heads.ts';
import { realTemplate as realLandmarks, realNets } from './real-nets.ts';
import { realTemplate } from './real-template.ts';

const template = realTemplate();
let nets: FaceNets;
beforeAll(async () => {
  nets = await realNets();
}, 60_000);
afterAll(() => nets?.close());

test('the points that are asked for are ones that a binding trusts', () => {
  for (const { name, landmark } of BINDING_POINTS)
    expect(template.landmarks.trust[landmark], name).toBeGreaterThan(0.4);
  expect(new Set(BINDING_POINTS.map(({ landmark }) => landmark)).size).toBe(BINDING_POINTS.length);
});

describe.each([
  ['an anime head', animeHead(template)],
  ['an ogre', ogreHead(template)],
])('%s', (_what, { mesh, points, place }) => {
  test('comes out right with the points of a person', { timeout: 240_000 }, async () => {
    const rig = await bindHead(mesh, points, { template });
    expect(rig.report.distanceMm.mean).toBeLessThan(2);
    // The mouth opens where the head has it: the lower lip goes down, the upper stays, the chin goes along.
    const jaw = new Float32Array(rig.parts[0].vertices * 3);
    addPackedField(rig.parts[0].fields[rig.controls.indexOf('jawOpen')], 1, jaw);
    const at = landmarkPositions(template.landmarks, template.positions);
    const motion = (landmark: number): number => {
      const p = place([at[3 * landmark], at[3 * landmark + 1], at[3 * landmark + 2]]);
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      const { positions } = mesh.parts[0];
      for (let v = 0; v < positions.length / 3; v++) {
        const away = Math.hypot(...p.map((value, axis) => value - positions[3 * v + axis]));
        if (away < least) [least, best] = [away, v];
      }
      return jaw[3 * best + 1] * 1000;
    };
    expect(motion(199), 'chin').toBeLessThan(-12);
    expect(motion(17), 'lower lip').toBeLessThan(-12);
    expect(Math.abs(motion(0)), 'upper lip').toBeLessThan(3);
    expect(Math.abs(motion(4)), 'nose').toBeLessThan(2);
    const sheet = drawContactSheet(mesh, rig, { cellPx: 64 });
    expect(sheet.rgb).toHaveLength(8 * 64 * 2 * 64 * 3);
  });

  test('proposals lie on it', { timeout: 120_000 }, async () => {
    const face = await findFace(mesh, { nets, template: realLandmarks() });
    const [{ points: proposed }] = proposePoints(mesh, face, realLandmarks());
    expect(proposed.map(({ name }) => name)).toEqual(BINDING_POINTS.map(({ name }) => name));
    const { positions } = mesh.parts[0];
    for (const { position } of proposed) {
      let least = Number.POSITIVE_INFINITY;
      for (let v = 0; v < positions.length / 3; v++)
        least = Math.min(
          least,
          Math.hypot(...position.map((value, axis) => value - positions[3 * v + axis])),
        );
      expect(least).toBeLessThan(0.006);
    }
  });
});

/** Set by hand on Suzanne, in its file's frame; see `parley bind`. */
const SUZANNE: Readonly<Record<string, readonly [number, number, number]>> = {
  mouthRight: [-2.6, 0.44, 4.8],
  mouthLeft: [-2.39, 0.44, 4.8],
  upperLip: [-2.494, 0.57, 4.84],
  lips: [-2.494, 0.44, 4.8],
  lowerLip: [-2.494, 0.36, 4.79],
  chin: [-2.494, 0.31, 4.74],
  noseTip: [-2.494, 1.05, 4.93],
  noseBase: [-2.494, 0.93, 4.87],
  noseRight: [-2.61, 1.07, 4.88],
  noseLeft: [-2.37, 1.07, 4.88],
  noseBridge: [-2.494, 1.55, 4.88],
  rightEyeOuter: [-3.08, 1.54, 4.79],
  rightEyeInner: [-2.7, 1.55, 4.885],
  rightUpperLid: [-2.88, 1.67, 4.86],
  rightLowerLid: [-2.869, 1.314, 4.846],
  leftEyeOuter: [-1.908, 1.54, 4.79],
  leftEyeInner: [-2.288, 1.55, 4.885],
  leftUpperLid: [-2.108, 1.67, 4.86],
  leftLowerLid: [-2.119, 1.314, 4.846],
  rightBrow: [-2.84, 1.86, 4.85],
  leftBrow: [-2.148, 1.86, 4.85],
  forehead: [-2.494, 1.8, 4.68],
};

const suzanne = process.env.PARLEY_HEADS_DATA && join(process.env.PARLEY_HEADS_DATA, 'suzanne.obj');
const isHere = suzanne !== undefined && suzanne !== '' && existsSync(suzanne);
if (!isHere) console.log('skipped: PARLEY_HEADS_DATA does not name a folder with suzanne.obj');
test.skipIf(!isHere)(
  'Suzanne is refused with words, not bound wrong: no human face fits it',
  {
    timeout: 240_000,
  },
  async () => {
    const mesh = await readHead(new Uint8Array(readFileSync(suzanne as string)), { fileName: 'suzanne.obj' });
    const points = BINDING_POINTS.map(({ name, landmark }) => ({ landmark, position: SUZANNE[name] }));
    await expect(bindHead(mesh, { points }, { template })).rejects.toMatchObject({
      code: 'binding-refused',
      message: expect.stringContaining('move them by hand'),
    });
  },
);
