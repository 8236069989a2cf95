import { expect, test } from 'vitest';
import { SmoothMap } from '../../../src/bind/geometry/smooth-map.ts';
import { solveLinear } from '../../../src/bind/geometry/solve-linear.ts';
import { seededRandom } from '../../seeded-random.ts';

const random = seededRandom(11);
const cloud = (count: number, size: number) =>
  Float64Array.from({ length: count * 3 }, () => size * (random() - 0.5));

test('solves what is not symmetric, with pivots of 0 (seed 11)', () => {
  const n = 12;
  const a = Float64Array.from({ length: n * n }, () => random() - 0.5);
  a[0] = 0;
  const x = Float64Array.from({ length: n * 2 }, random);
  const b = new Float64Array(n * 2);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < 2; k++) for (let j = 0; j < n; j++) b[i * 2 + k] += a[i * n + j] * x[j * 2 + k];
  solveLinear(a, b, 2).forEach((value, i) => {
    expect(value).toBeCloseTo(x[i], 9);
  });
  expect(() => solveLinear(new Float64Array(4), new Float64Array(2), 1)).toThrow(RangeError);
});

test('takes points where they should go, bends space smoothly and finds the way back (seed 11)', () => {
  const from = cloud(20, 0.2);
  const shift = cloud(20, 0.01);
  const to = from.map((value, i) => 1.2 * value + shift[i] + 0.03);
  const map = new SmoothMap(from, to, new Float64Array(20), 0.01);
  map.apply(from).forEach((value, i) => {
    expect(value).toBeCloseTo(to[i], 9);
  });
  const anywhere = cloud(50, 0.3);
  const there = map.apply(anywhere);
  map.invert(there, there).forEach((value, i) => {
    expect(value).toBeCloseTo(anywhere[i], 5);
  });
  for (let i = 0; i < anywhere.length; i += 3)
    expect(map.growthAt(anywhere[i], anywhere[i + 1], anywhere[i + 2])).toBeGreaterThan(0);
});

test('soft points are missed, and a mirrored one folds space', () => {
  const from = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.3, 0.3, 0.3);
  const to = from.slice();
  to[12] = 0.4;
  const soft = new SmoothMap(from, to, Float64Array.of(0, 0, 0, 0, 5), 0.01).apply(from);
  expect(soft[12]).toBeGreaterThan(0.3);
  expect(soft[12]).toBeLessThan(0.35);
  const swapped = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.4, 0.3, 0.3, 0.2, 0.3, 0.3);
  const there = swapped.slice();
  [there[12], there[15]] = [there[15], there[12]];
  const map = new SmoothMap(swapped, there, new Float64Array(6), 0.01);
  expect(map.growthAt(0.3, 0.3, 0.3)).toBeLessThan(0);
});
