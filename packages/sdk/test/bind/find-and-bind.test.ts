import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  addPackedField,
  bindHead,
  type FaceNets,
  type FoundFace,
  findFace,
  type HeadMesh,
  type HeadRig,
  readHead,
  readRigFile,
  splitPositions,
  writeRigFile,
} from '../../src/bind/index.ts';
import { realNets, realTemplate as realTemplateLandmarks } from './real-nets.ts';
import { realTemplate } from './real-template.ts';
import { makeStranger } from './strangers.ts';

const template = realTemplate();
const landmarks = realTemplateLandmarks();
const heads = process.env.PARLEY_HEADS_DATA;
let nets: FaceNets;

beforeAll(async () => {
  nets = await realNets();
}, 60_000);
afterAll(() => nets?.close());

/** A point of the skin by its place among the landmarks, moved by controls; in the template's frame, metres. */
function landmarkMoved(
  mesh: HeadMesh,
  rig: HeadRig,
  face: FoundFace,
  landmark: number,
  weights: Record<string, number>,
): number[] {
  const part = face.landmarks.parts[landmark];
  const { positions, indices } = mesh.parts[part];
  const moved = new Float32Array(rig.parts[part].vertices * 3);
  for (const [name, weight] of Object.entries(weights))
    addPackedField(rig.parts[part].fields[rig.controls.indexOf(name)], weight, moved);
  const { rotation: r, scale } = rig.report.toTemplate;
  const offset = [0, 1, 2].map((axis) =>
    [0, 1, 2].reduce((sum, corner) => {
      const vertex = indices[3 * face.landmarks.triangles[landmark] + corner];
      return sum + face.landmarks.barycentrics[3 * landmark + corner] * moved[3 * vertex + axis];
    }, 0),
  );
  expect(positions.length).toBeLessThanOrEqual(moved.length);
  return [0, 1, 2].map((row) =>
    [0, 1, 2].reduce((sum, column) => sum + scale * r[3 * row + column] * offset[column], 0),
  );
}

/** What every bound face must do. */
function checkMotion(mesh: HeadMesh, rig: HeadRig, face: FoundFace): void {
  // MediaPipe's chin, corners of the mouth, bridge of the nose, and middle of the left upper lid
  const [CHIN, LEFT_CORNER, RIGHT_CORNER, BRIDGE, LEFT_LID] = [152, 291, 61, 6, 386];
  const jaw = landmarkMoved(mesh, rig, face, CHIN, { jawOpen: 1 });
  expect(jaw[1]).toBeLessThan(-0.015);
  expect(jaw[1]).toBeGreaterThan(-0.06);
  const smile = { mouthSmileLeft: 1, mouthSmileRight: 1 };
  expect(landmarkMoved(mesh, rig, face, LEFT_CORNER, smile)[0]).toBeGreaterThan(0.003);
  expect(landmarkMoved(mesh, rig, face, RIGHT_CORNER, smile)[0]).toBeLessThan(-0.003);
  expect(Math.hypot(...landmarkMoved(mesh, rig, face, BRIDGE, { jawOpen: 1, ...smile }))).toBeLessThan(0.002);
  if (rig.report.eyes.left !== 'covered')
    expect(landmarkMoved(mesh, rig, face, LEFT_LID, { eyeBlinkLeft: 1 })[1]).toBeLessThan(-0.003);
}

test('a stranger of unknown pose and size is found, bound, saved and loaded', {
  timeout: 180_000,
}, async () => {
  const stranger = makeStranger(template, { seed: 5, teeth: true });
  const face = await findFace(stranger.mesh, { nets, template: landmarks });
  expect(face).toMatchObject({ status: 'found', insideOut: false });
  expect(face.toTemplate.scale * stranger.scale).toBeCloseTo(1, 0);
  const rig = await bindHead(stranger.mesh, face, { template });
  expect(rig.report).toMatchObject({ mouth: 'own', eyes: { left: 'ball', right: 'ball' } });
  expect(rig.report.distanceMm.mean).toBeLessThan(0.4);
  checkMotion(stranger.mesh, rig, face);

  // against the fields that the head was made with, on the face
  const { vertices: places, weights } = stranger.places;
  for (const [controls, limit] of [
    [['jawOpen'], 0.15],
    [['mouthSmileLeft', 'mouthSmileRight'], 0.18],
    [['mouthPucker'], 0.2],
    [['browInnerUp'], 0.18],
  ] as const) {
    const reached = new Float32Array(rig.parts[0].vertices * 3);
    for (const name of controls) addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], 1, reached);
    let [error, size] = [0, 0];
    for (let v = 0; v < places.length / 3; v++) {
      if (![0, 1, 2].every((c) => template.registered[places[v * 3 + c]] > 0.5)) continue;
      const truth = [0, 0, 0];
      for (const name of controls) {
        const field = template.fields[template.controls.indexOf(name)];
        for (let i = 0; i < 9; i++)
          truth[i % 3] +=
            weights[v * 3 + Math.floor(i / 3)] * field[places[v * 3 + Math.floor(i / 3)] * 3 + (i % 3)];
      }
      stranger.turn(truth).forEach((value, axis) => {
        error += (reached[v * 3 + axis] - value) ** 2;
        size += value ** 2;
      });
    }
    expect(Math.sqrt(error / size), controls[0]).toBeLessThan(limit);
  }
  const hash = 'b'.repeat(64);
  expect(readRigFile(writeRigFile(rig, hash), hash)).toEqual(rig);
});

const NAMES = ['african_head.obj', 'brunette-t.glb'];
for (const name of NAMES) {
  const path = heads && join(heads, name);
  const isHere = path !== undefined && existsSync(path);
  if (!isHere) console.log(`skipped: PARLEY_HEADS_DATA does not name a folder with ${name}`);
  test.skipIf(!isHere)(`${name} is found and bound`, { timeout: 300_000 }, async () => {
    const mesh = await readHead(new Uint8Array(readFileSync(path as string)), { fileName: name });
    const face = await findFace(mesh, { nets, template: landmarks });
    expect(face.status).toBe('found');
    const rig = await bindHead(mesh, face, { template });
    expect(rig.report.distanceMm.mean).toBeLessThan(1.5);
    checkMotion(mesh, rig, face);
    for (const [p, part] of rig.parts.entries()) {
      const rest = splitPositions(mesh.parts[p].positions, part.splits);
      expect(part.vertices).toBe(rest.length / 3);
      for (const field of part.fields) expect(Number.isFinite(field.scale)).toBe(true);
    }
  });
}
