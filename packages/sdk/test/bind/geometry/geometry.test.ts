import { expect, test } from 'vitest';
import { ClosestPointTree } from '../../../src/bind/geometry/closest-point-tree.ts';
import { createEdgeGraph, geodesicDistances } from '../../../src/bind/geometry/edge-graph.ts';
import { solveSymmetric } from '../../../src/bind/geometry/solve-symmetric.ts';
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
