import { expect, test } from 'vitest';
import { LipCrossing } from '../../../../../bench/heads/lip-crossing.ts';
import { ClosestPointTree } from '../../../src/bind/geometry/closest-point-tree.ts';
import { createEdgeGraph, geodesicDistances } from '../../../src/bind/geometry/edge-graph.ts';
import { solveSymmetric } from '../../../src/bind/geometry/solve-symmetric.ts';
import { triangleNormals } from '../../../src/bind/geometry/triangle-normals.ts';
import { keepLipsApart, TEMPLATE_RELEASE } from '../../../src/bind/transfer/keep-lips-apart.ts';
import { smoothFolds } from '../../../src/bind/transfer/smooth-folds.ts';
import { fitSimilarity } from '../../../src/head/fit-similarity.ts';
import { applySimilarity, composeSimilarities, invertSimilarity } from '../../../src/head/similarity.ts';
import { seededRandom } from '../../seeded-random.ts';

for (const seed of [1, 2, 3]) {
  test(`the nearest point of a triangle soup is that of a fine sampling (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const positions = Float64Array.from({ length: 3 * 90 }, () => random() * 2 - 1);
    const indices = Uint32Array.from({ length: 90 }, (_, i) => i);
    const tree = new ClosestPointTree(positions, indices);
    const steps = 60;
    for (let query = 0; query < 30; query++) {
      const p = [random() * 3 - 1.5, random() * 3 - 1.5, random() * 3 - 1.5];
      let least = Number.POSITIVE_INFINITY;
      for (let t = 0; t < indices.length; t += 3) {
        for (let i = 0; i <= steps; i++) {
          for (let j = 0; j <= steps - i; j++) {
            const w = [(steps - i - j) / steps, i / steps, j / steps];
            const q = [0, 1, 2].map((axis) =>
              w.reduce((sum, weight, c) => sum + weight * positions[indices[t + c] * 3 + axis], 0),
            );
            least = Math.min(least, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
          }
        }
      }
      const hit = tree.query(p[0], p[1], p[2]);
      expect(hit.distance).toBeLessThanOrEqual(least + 1e-9);
      expect(hit.distance).toBeGreaterThan(least - 0.05);
      const corners = [0, 1, 2].map((c) => indices[hit.triangle * 3 + c] * 3);
      const weights = [1 - hit.second - hit.third, hit.second, hit.third];
      for (const w of weights) expect(w).toBeGreaterThanOrEqual(-1e-9);
      const at = [hit.x, hit.y, hit.z];
      for (let axis = 0; axis < 3; axis++)
        expect(weights.reduce((sum, w, c) => sum + w * positions[corners[c] + axis], 0)).toBeCloseTo(
          at[axis],
          9,
        );
    }
    expect(tree.query(10, 10, 10, 1).triangle).toBe(-1);
    const banned = tree.query(0, 0, 0).triangle;
    expect(tree.query(0, 0, 0, Number.POSITIVE_INFINITY, (t) => t !== banned).triangle).not.toBe(banned);
  });

  test(`a similarity is found again, inverted and composed (seed ${seed})`, () => {
    const random = seededRandom(seed);
    const from = Float64Array.from({ length: 60 }, () => random() * 2 - 1);
    const [x, y, z, w] = [random(), random(), random(), random()].map((v, _, q) => v / Math.hypot(...q));
    const similarity = {
      scale: 0.1 + 5 * random(),
      rotation: Float64Array.of(
        1 - 2 * (y * y + z * z),
        2 * (x * y - z * w),
        2 * (x * z + y * w),
        2 * (x * y + z * w),
        1 - 2 * (x * x + z * z),
        2 * (y * z - x * w),
        2 * (x * z - y * w),
        2 * (y * z + x * w),
        1 - 2 * (x * x + y * y),
      ),
      translation: Float64Array.of(random(), random(), random()),
    };
    const to = applySimilarity(similarity, from);
    const found = fitSimilarity(from, to);
    expect(found.scale).toBeCloseTo(similarity.scale, 9);
    found.rotation.forEach((value, i) => {
      expect(value).toBeCloseTo(similarity.rotation[i], 9);
    });
    const back = applySimilarity(composeSimilarities(invertSimilarity(found), found), from);
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(from[i], 9);
    });
  });
}

test('ways along a strip of squares are those of its edges', () => {
  const positions = Float64Array.from(
    Array.from({ length: 12 }, (_, v) => [Math.floor(v / 2), v % 2, 0]).flat(),
  );
  const indices = Uint32Array.from(
    Array.from({ length: 5 }, (_, k) => [
      2 * k,
      2 * k + 2,
      2 * k + 1,
      2 * k + 1,
      2 * k + 2,
      2 * k + 3,
    ]).flat(),
  );
  const graph = createEdgeGraph(positions, indices);
  expect(Array.from(geodesicDistances(graph, [0])).filter((_, v) => v % 2 === 0)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(geodesicDistances(graph, [0], 2)[10]).toBe(Number.POSITIVE_INFINITY);
  const split = createEdgeGraph(positions, indices, (t) => t !== 4 && t !== 5);
  const reached = geodesicDistances(split, [0]);
  expect(Array.from(reached.keys()).filter((v) => reached[v] < Infinity)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a symmetric system is solved; one without a solution is refused', () => {
  const x = solveSymmetric(Float64Array.of(4, 2, 2, 3), Float64Array.of(2, 5));
  expect(x[0]).toBeCloseTo(-0.5, 12);
  expect(x[1]).toBeCloseTo(2, 12);
  expect(() => solveSymmetric(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1))).toThrow(RangeError);
});

/** A strip of squares in the plane of x and y, `columns` by `rows`. */
function grid(columns: number, rows: number, at: (x: number, y: number) => readonly number[]) {
  const positions: number[] = [];
  const indices: number[] = [];
  for (let y = 0; y <= rows; y++) {
    for (let x = 0; x <= columns; x++) {
      positions.push(...at(x, y));
      if (x === columns || y === rows) continue;
      const v = y * (columns + 1) + x;
      indices.push(v, v + 1, v + columns + 2, v, v + columns + 2, v + columns + 1);
    }
  }
  return { positions, indices };
}

test('a field that would fold a sheet is smoothed until it does not, and stays as it is elsewhere', () => {
  const { positions: list, indices } = grid(12, 12, (x, y) => [x, y, 0]);
  const positions = Float64Array.from(list);
  const triangles = Uint32Array.from(indices);
  const field = new Float32Array(positions.length);
  const middle = 6 * 13 + 6;
  field[middle * 3] = 2.5;
  smoothFolds(positions, triangles, createEdgeGraph(positions, triangles), field);
  const normals = triangleNormals(
    positions.map((value, i) => value + field[i]),
    triangles,
  );
  for (let t = 0; t < normals.length; t += 3) expect(normals[t + 2]).toBeGreaterThan(0.4);
  expect(field[middle * 3]).toBeGreaterThan(0.1);
  expect(Math.hypot(...field.subarray(0, 39))).toBe(0);
});

test('two sheets that touch are not driven through each other, except by what shall close them', () => {
  // metres: the upper sheet looks down, the lower one up, 0.2 mm between them
  const mm = 0.001;
  const upper = grid(10, 6, (x, y) => [x * mm, 0.0001, y * mm]);
  const lower = grid(10, 6, (x, y) => [x * mm, -0.0001, y * mm]);
  const count = upper.positions.length / 3;
  const positions = Float64Array.of(...upper.positions, ...lower.positions);
  const flipped = lower.indices.map((_, i, all) => all[i - (i % 3) + [0, 2, 1][i % 3]] + count);
  const indices = Uint32Array.of(...upper.indices, ...flipped);
  const sides = Uint8Array.from({ length: 2 * count }, (_, v) => (v < count ? 1 : 2));
  const closing = () =>
    Float32Array.from({ length: 6 * count }, (_, i) => {
      if (i % 3 === 0) return 0.003;
      return i % 3 === 1 && i >= 3 * count ? 0.002 : 0;
    });
  const fields = [closing(), closing(), closing()];
  const controls = ['mouthSmileLeft', 'mouthPucker', 'mouthClose'];
  keepLipsApart(positions, indices, sides, controls, fields, TEMPLATE_RELEASE);
  const meets = fields.map((field) => {
    const at = (count >> 1) * 3;
    return field[at + 3 * count + 1] - field[at + 1];
  });
  expect(meets[0]).toBeCloseTo(0, 5);
  expect(meets[1]).toBeCloseTo(0.001, 5);
  expect(meets[2]).toBeCloseTo(0.002, 6);
  // what runs along the sheets stays
  for (const field of fields)
    for (let i = 0; i < field.length; i += 3) expect(field[i]).toBeCloseTo(0.003, 6);

  // and the bench's measure sees the difference
  const crossing = new LipCrossing(positions, indices, sides);
  const depths = fields.map((field) => crossing.measure(positions.map((value, i) => value + field[i])));
  expect(depths[0]).toBe(0);
  expect(depths[2]).toBeCloseTo(0.0018, 4);
});
