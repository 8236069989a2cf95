import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applySimilarity,
  type FaceNets,
  type FoundFace,
  findFace,
  type HeadMesh,
  type TemplateLandmarks,
} from '../../src/bind/index.ts';
import { seededRandom } from '../seeded-random.ts';
import { ball, clustered, moved, randomTurn, soup, subdivided, withBody } from './make-heads.ts';
import { realNets, realTemplate, templateHead } from './real-nets.ts';

let nets: FaceNets;
let template: TemplateLandmarks;
let head: HeadMesh;

beforeAll(async () => {
  nets = await realNets();
  template = realTemplate();
  head = await templateHead();
}, 60_000);
afterAll(() => nets?.close());

/** Weighted mean distance of found landmarks to the template's, in mm, when `back` leads to the template's frame. */
function errorMm(found: FoundFace, back: (xyz: Float32Array) => Float64Array | Float32Array): number {
  const points = back(found.landmarks.positions);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < 468; i++) {
    const off = Math.hypot(...[0, 1, 2].map((k) => points[3 * i + k] - template.positions[3 * i + k]));
    sum += template.weights[i] * off * 1000;
    total += template.weights[i];
  }
  return sum / total;
}

/** Each landmark must be where its triangle and weights say. */
function checkSurface(mesh: HeadMesh, { landmarks }: FoundFace): void {
  let worst = 0;
  let size = 0;
  for (let i = 0; i < landmarks.count; i++) {
    const { positions, indices } = mesh.parts[landmarks.parts[i]];
    for (let axis = 0; axis < 3; axis++) {
      let at = 0;
      for (let k = 0; k < 3; k++)
        at +=
          landmarks.barycentrics[3 * i + k] * positions[3 * indices[3 * landmarks.triangles[i] + k] + axis];
      worst = Math.max(worst, Math.abs(at - landmarks.positions[3 * i + axis]));
      size = Math.max(size, Math.abs(at));
    }
  }
  expect(worst).toBeLessThan(size * 1e-5);
}

const identity = (xyz: Float32Array) => xyz;
const unscaled = (scale: number) => (xyz: Float32Array) => xyz.map((x) => x / scale);

test('the template itself, its landmarks on its surface', { timeout: 900_000 }, async () => {
  const found = await findFace(head, { nets, template });
  expect(found).toMatchObject({ status: 'found', doubts: [], insideOut: false });
  expect(errorMm(found, identity)).toBeLessThan(2.5);
  expect(found.residualMm).toBeLessThan(1.5);
  expect(found.score).toBeGreaterThan(0.8);
  checkSurface(head, found);
  expect(found.ibug68).toHaveLength(68);
});

test.each([
  [1, 1e-3],
  [2, 1],
  [3, 1e3],
])('turned at random with seed %i, scaled by %f', { timeout: 900_000 }, async (seed, scale) => {
  const r = randomTurn(seededRandom(seed));
  const mesh = moved(head, (x, y, z) =>
    [0, 1, 2].map((a) => scale * (r[3 * a] * x + r[3 * a + 1] * y + r[3 * a + 2] * z + 0.7)),
  );
  const found = await findFace(mesh, { nets, template });
  expect(found.status).toBe('found');
  const back = (xyz: Float32Array) => {
    const rotation = Float64Array.of(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
    const centred = xyz.map((x) => x / scale - 0.7);
    return applySimilarity({ scale: 1, rotation, translation: new Float64Array(3) }, centred);
  };
  expect(errorMm(found, back)).toBeLessThan(2.5);
  expect(found.toTemplate.scale * scale).toBeCloseTo(1, 1);
  checkSurface(mesh, found);
});

test('z up, mirrored through a plane, so that triangles turn their backs', { timeout: 900_000 }, async () => {
  const mesh = moved(head, (x, y, z) => [x, -z, y]);
  const mirrored = moved(mesh, (x, y, z) => [-x, y, z]);
  const found = await findFace(mirrored, { nets, template });
  expect(found).toMatchObject({ status: 'found', insideOut: true });
  // The template is symmetric: its mirror image has the same face.
  const back = (xyz: Float32Array) => {
    const out = new Float32Array(xyz.length);
    for (let i = 0; i < xyz.length; i += 3) out.set([xyz[i], xyz[i + 2], -xyz[i + 1]], i);
    return out;
  };
  expect(errorMm(found, back)).toBeLessThan(2.5);
});

test('a fifth of the vertices', { timeout: 900_000 }, async () => {
  const mesh = clustered(head, 0.011);
  expect(mesh.parts.reduce((sum, { positions }) => sum + positions.length / 3, 0)).toBeLessThan(1600);
  const found = await findFace(mesh, { nets, template });
  expect(found.status).toBe('found');
  expect(errorMm(found, identity)).toBeLessThan(5);
});

test('four times the triangles, in pieces, without a shared vertex', { timeout: 900_000 }, async () => {
  const mesh = moved(soup(subdivided(head), 5000), (x, y, z) => [100 * x, 100 * y, 100 * z]);
  const found = await findFace(mesh, { nets, template });
  expect(found.status).toBe('found');
  expect(errorMm(found, unscaled(100))).toBeLessThan(2.5);
  checkSurface(mesh, found);
});

test('on a crude body with nothing named', { timeout: 900_000 }, async () => {
  const mesh = withBody(head);
  const found = await findFace(mesh, { nets, template });
  expect(found.status).toBe('found');
  expect(errorMm(found, identity)).toBeLessThan(2.5);
});

test('two heads: asks which', { timeout: 900_000 }, async () => {
  const other = moved(head, (x, y, z) => [x + 0.22, y, z]);
  const found = await findFace({ ...head, parts: [...head.parts, ...other.parts] }, { nets, template });
  expect(found.status).toBe('uncertain');
  expect(found.doubts).toContain('several-faces');
  expect(found.candidates.length).toBeGreaterThanOrEqual(2);
  const places = found.candidates.slice(0, 2).map(({ centre }) => centre[0]);
  expect(Math.abs(places[0] - places[1])).toBeCloseTo(0.22, 1);
});

test('an egg has no face', { timeout: 900_000 }, async () => {
  const mesh: HeadMesh = { ...head, parts: [ball('egg', [0, 0, 0], [0.08, 0.11, 0.09])] };
  const found = await findFace(mesh, { nets, template });
  expect(found.status).not.toBe('found');
  expect(found.doubts.length).toBeGreaterThan(0);
  expect(found.landmarks.positions.every(Number.isFinite)).toBe(true);
});

test('ends when told to', { timeout: 60_000 }, async () => {
  const signal = AbortSignal.abort(new Error('no longer wanted'));
  await expect(findFace(head, { nets, template, signal })).rejects.toThrow('no longer wanted');
});
