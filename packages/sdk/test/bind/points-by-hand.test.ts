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
  type HandPoints,
  type HeadMesh,
  type HeadRig,
  landmarkPositions,
  proposePoints,
  readHead,
  splitPositions,
} from '../../src/bind/index.ts';
import { animeHead, type CartoonHead, dollHead, frogHead, ogreHead } from './cartoon-heads.ts';
import { realTemplate as realLandmarks, realNets } from './real-nets.ts';
import { realTemplate } from './real-template.ts';
import { makeStranger } from './strangers.ts';

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

/** How far the vertex nearest to a landmark goes, in the head's unit. */
function motionsAt(
  mesh: HeadMesh,
  rig: HeadRig,
  weights: Readonly<Record<string, number>>,
  placeOf: (landmark: number) => readonly number[],
): (landmark: number) => readonly [number, number, number] {
  const { positions } = mesh.parts[0];
  const moved = new Float32Array(rig.parts[0].vertices * 3);
  for (const [name, weight] of Object.entries(weights))
    addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], weight, moved);
  return (landmark) => {
    const p = placeOf(landmark);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let v = 0; v < positions.length / 3; v++) {
      const away = Math.hypot(...p.map((value, axis) => value - positions[3 * v + axis]));
      if (away < least) [least, best] = [away, v];
    }
    return [moved[3 * best], moved[3 * best + 1], moved[3 * best + 2]];
  };
}

describe.each([
  ['an anime head', animeHead(template)],
  ['an ogre', ogreHead(template)],
  ['a frog', frogHead(template)],
  ['a doll without a nose', dollHead(template)],
])('%s', (_what, { mesh, points, place }) => {
  test('comes out right with the points of a person', { timeout: 240_000 }, async () => {
    const rig = await bindHead(mesh, points, { template });
    expect(rig.report.distanceMm.mean).toBeLessThan(2);
    // The mouth opens where the head has it: the lower lip goes down, the upper stays, the chin goes along; lids close.
    const at = landmarkPositions(template.landmarks, template.positions);
    const placeOf = (id: number) => place([at[3 * id], at[3 * id + 1], at[3 * id + 2]]);
    const motion = motionsAt(mesh, rig, { jawOpen: 1 }, placeOf);
    expect(motion(199)[1] * 1000, 'chin').toBeLessThan(-12);
    expect(motion(17)[1] * 1000, 'lower lip').toBeLessThan(-12);
    expect(Math.abs(motion(0)[1]) * 1000, 'upper lip').toBeLessThan(3);
    expect(Math.abs(motion(4)[1]) * 1000, 'nose').toBeLessThan(2);
    const closing = motionsAt(mesh, rig, { eyeBlinkLeft: 1, eyeBlinkRight: 1 }, placeOf);
    for (const [upper, lower] of [
      [159, 145],
      [386, 374],
    ]) {
      const opening = placeOf(upper)[1] - placeOf(lower)[1];
      expect((closing(lower)[1] - closing(upper)[1]) / opening, 'closed part of the eye').toBeGreaterThan(
        0.75,
      );
    }
    const smile = motionsAt(mesh, rig, { mouthSmileLeft: 1, mouthSmileRight: 1 }, placeOf);
    expect(smile(61)[0], 'right corner').toBeLessThan(-0.002);
    expect(smile(291)[0], 'left corner').toBeGreaterThan(0.002);
    const sheet = drawContactSheet(mesh, rig, { cellPx: 64 });
    expect(sheet.rgb).toHaveLength(8 * 64 * 2 * 64 * 3);
  });
});

test.each([
  ['an anime head', animeHead(template)],
  ['an ogre', ogreHead(template)],
])('proposals lie on %s', { timeout: 400_000 }, async (_what, { mesh }) => {
  const face = await findFace(mesh, { nets, template: realLandmarks() });
  const [{ points: proposed }] = proposePoints(mesh, face, realLandmarks());
  expect(proposed.map(({ name }) => name)).toEqual(BINDING_POINTS.map(({ name }) => name));
  const { positions } = mesh.parts[0];
  for (const { position } of proposed) {
    let least = Number.POSITIVE_INFINITY;
    for (let v = 0; v < positions.length / 3; v++)
      least = Math.min(least, Math.hypot(...position.map((value, axis) => value - positions[3 * v + axis])));
    expect(least).toBeLessThan(0.006);
  }
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
test.skipIf(!isHere)('Suzanne speaks with its points', { timeout: 240_000 }, async () => {
  const mesh = await readHead(new Uint8Array(readFileSync(suzanne as string)), { fileName: 'suzanne.obj' });
  const points = BINDING_POINTS.map(({ name, landmark }) => ({ landmark, position: SUZANNE[name] }));
  const rig = await bindHead(mesh, { points }, { template });
  expect(rig.report).toMatchObject({ mouth: 'sealed', eyes: { left: 'ball', right: 'ball' } });
  // Its eyeballs touch the sockets at one vertex each and are found all the same.
  expect(rig.report.roles).toMatchObject({ leftEye: 33, rightEye: 33 });
  const mm = (rig.report.toTemplate.scale as number) * 1000;
  const { splits, vertices } = rig.parts[0];
  const rest = splitPositions(mesh.parts[0].positions, splits);
  const posed = (weights: Readonly<Record<string, number>>): Float32Array => {
    const moved = rest.slice();
    for (const [name, weight] of Object.entries(weights))
      addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], weight, moved);
    return moved;
  };
  // The lips are the pairs of vertices that the cut made: they touch at rest and part around the point set between them.
  const first = mesh.parts[0].positions.length / 3;
  const pairs: [number, number][] = [];
  for (let a = first; a < vertices; a++)
    for (let b = a + 1; b < vertices; b++)
      if ([0, 1, 2].every((axis) => rest[3 * a + axis] === rest[3 * b + axis])) pairs.push([a, b]);
  expect(pairs.length).toBeGreaterThan(3);
  const gaps = (p: Float32Array) =>
    pairs.map(([a, b]) => mm * Math.hypot(...[0, 1, 2].map((k) => p[3 * a + k] - p[3 * b + k])));
  const open = gaps(posed({ jawOpen: 1 }));
  expect(Math.max(...open)).toBeGreaterThan(8);
  const weight = open.reduce((sum, gap) => sum + gap, 0);
  const middle = [0, 1, 2].map((k) =>
    pairs.reduce((sum, [a], i) => sum + (open[i] / weight) * rest[3 * a + k], 0),
  );
  expect(mm * Math.hypot(...middle.map((value, k) => value - SUZANNE.lips[k]))).toBeLessThan(4);
  // P shuts them again.
  const shut = gaps(posed({ jawOpen: 0.25, mouthClose: 0.26, mouthPressLeft: 0.3, mouthPressRight: 0.3 }));
  expect(Math.max(...shut)).toBeLessThan(1.5);
  // Chin and muzzle go along with the jaw, the nose does not.
  const placeOf = (landmark: number) =>
    SUZANNE[BINDING_POINTS.find((point) => point.landmark === landmark)?.name as string];
  const jaw = motionsAt(mesh, rig, { jawOpen: 1 }, placeOf);
  expect(mm * jaw(199)[1], 'chin').toBeLessThan(-8);
  expect(Math.abs(mm * jaw(4)[1]), 'nose').toBeLessThan(2);
  const smile = motionsAt(mesh, rig, { mouthSmileLeft: 1, mouthSmileRight: 1 }, placeOf);
  expect(mm * smile(61)[1]).toBeGreaterThan(2);
  expect(mm * smile(291)[1]).toBeGreaterThan(2);
  const blink = motionsAt(mesh, rig, { eyeBlinkLeft: 1, eyeBlinkRight: 1 }, placeOf);
  for (const [upper, lower] of [
    [159, 145],
    [386, 374],
  ]) {
    expect(mm * blink(upper)[1], 'upper lid').toBeLessThan(-10);
    const opening = placeOf(upper)[1] - placeOf(lower)[1];
    expect((blink(lower)[1] - blink(upper)[1]) / opening, 'closed part of the eye').toBeGreaterThan(0.85);
  }
  // Nothing turns inside out but where the crude lids roll in.
  const { indices } = rig.parts[0];
  const poses: Record<string, number>[] = [{ jawOpen: 0.8 }, { mouthSmileLeft: 0.9, mouthSmileRight: 0.9 }];
  for (const weights of poses)
    expect(turnedArea(rest, posed(weights), indices ?? mesh.parts[0].indices)).toBeLessThan(0.002);
});

/** Part of a surface whose normal turns by more than a right angle. */
function turnedArea(rest: Float32Array, moved: Float32Array, indices: Uint32Array): number {
  let turned = 0;
  let all = 0;
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b] = [rest, moved].map((p) => {
      const [i, j, k] = [indices[t] * 3, indices[t + 1] * 3, indices[t + 2] * 3];
      const u = [0, 1, 2].map((axis) => p[j + axis] - p[i + axis]);
      const v = [0, 1, 2].map((axis) => p[k + axis] - p[i + axis]);
      return [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    });
    all += Math.hypot(...a);
    if (a[0] * b[0] + a[1] * b[1] + a[2] * b[2] < 0) turned += Math.hypot(...a);
  }
  return turned / all;
}

test('sloppy points on a person are noise, not a shape of their own', { timeout: 240_000 }, async () => {
  const { mesh, face, places, turn } = makeStranger(template, { seed: 3, noiseMm: 4, teeth: true });
  const asked = new Set(BINDING_POINTS.map(({ landmark }) => landmark));
  const points = face.points.filter(({ landmark }) => asked.has(landmark));
  const rig = await bindHead(mesh, { ...face, points }, { template });
  expect(rig.report.landmarkResidualMm).toBeGreaterThan(4);
  const jaw = new Float32Array(rig.parts[0].vertices * 3);
  addPackedField(rig.parts[0].fields[rig.controls.indexOf('jawOpen')], 1, jaw);
  const field = template.fields[template.controls.indexOf('jawOpen')];
  let [error, size] = [0, 0];
  for (let v = 0; v < places.vertices.length / 3; v++) {
    const truth = [0, 1, 2].map((axis) =>
      [0, 1, 2].reduce(
        (sum, c) => sum + places.weights[v * 3 + c] * field[places.vertices[v * 3 + c] * 3 + axis],
        0,
      ),
    );
    if (!places.vertices.slice(v * 3, v * 3 + 3).every((at) => template.registered[at] > 0.5)) continue;
    turn(truth).forEach((value, axis) => {
      error += (jaw[v * 3 + axis] - value) ** 2;
      size += value ** 2;
    });
  }
  expect(Math.sqrt(error / size)).toBeLessThan(0.08);
});

describe('points that are nonsense are refused with words', () => {
  const { mesh, points }: CartoonHead = ogreHead(template);
  const at = (name: string) => {
    const landmark = BINDING_POINTS.find((point) => point.name === name)?.landmark;
    return points.points.findIndex((point) => point.landmark === landmark);
  };
  const changed = (
    names: readonly string[],
    to: (name: string) => readonly [number, number, number],
  ): HandPoints => {
    const list = [...points.points];
    for (const name of names) list[at(name)] = { ...list[at(name)], position: to(name) };
    return { points: list };
  };
  const position = (name: string) => points.points[at(name)].position;
  const other: Record<string, string> = {
    mouthLeft: 'mouthRight',
    mouthRight: 'mouthLeft',
    noseTip: 'lips',
    lips: 'noseTip',
  };
  const onForehead: Record<string, string> = {
    mouthLeft: 'leftBrow',
    mouthRight: 'rightBrow',
    upperLip: 'forehead',
    lips: 'forehead',
    lowerLip: 'noseBridge',
  };
  test.each([
    [
      'corners of the mouth swapped',
      changed(['mouthLeft', 'mouthRight'], (name) => position(other[name])),
      /(mouthRight, mouthLeft|mouthLeft, mouthRight) lie .* swapped/,
    ],
    [
      'nose and lips swapped',
      changed(['noseTip', 'lips'], (name) => position(other[name])),
      /lips, noseTip lie .* swapped/,
    ],
    [
      'a mouth on the forehead',
      changed(['mouthLeft', 'mouthRight', 'upperLip', 'lips', 'lowerLip'], (name) =>
        position(onForehead[name]),
      ),
      /contradict each other|lie more than|from where any face/,
    ],
    [
      'a point in the air',
      changed(['lips'], (name) => [position(name)[0], position(name)[1], position(name)[2] + 0.03]),
      /off the face \(lips\)/,
    ],
  ])('%s', { timeout: 120_000 }, async (_what, wrong, words) => {
    await expect(bindHead(mesh, wrong, { template })).rejects.toMatchObject({
      code: 'binding-refused',
      message: expect.stringMatching(words),
    });
  });
});
