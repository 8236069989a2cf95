import { expect, test } from 'vitest';
import { BODY_M, findPath, PERSON_APART_M } from '../../src/walk/find-path.ts';
import type { FloorPoint } from '../../src/walk/floor-plan.ts';

/** Least distance of a way from a point, metres. */
function clearance(way: readonly FloorPoint[], point: FloorPoint): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < way.length; i++)
    for (let share = 0; share <= 1; share += 0.02) {
      const x = way[i - 1].x + (way[i].x - way[i - 1].x) * share;
      const z = way[i - 1].z + (way[i].z - way[i - 1].z) * share;
      least = Math.min(least, Math.hypot(x - point.x, z - point.z));
    }
  return least;
}

const from = { x: 0, z: 0 };
const to = { x: 0, z: 6 };

test('an empty floor is crossed straight, up to the distance asked for', () => {
  const way = findPath({ solids: [] }, from, to, 1.5);
  expect(way).toHaveLength(1);
  expect(Math.hypot(way[0].x - to.x, way[0].z - to.z)).toBeLessThanOrEqual(1.5);
  expect(Math.abs(way[0].x)).toBeLessThan(0.3);
});

test('who is there already stays', () => {
  expect(findPath({ solids: [] }, from, { x: 0.5, z: 1 }, 1.5)).toEqual([]);
});

test('it goes around a column, a box and a person, each with room to spare', () => {
  const column = { x: 0, z: 2, radiusM: 0.5 };
  const person = { x: 0.6, z: 4 };
  const way = [from, ...findPath({ solids: [column] }, from, to, 0.5, [person])];
  expect(clearance(way, column)).toBeGreaterThan(column.radiusM + BODY_M - 0.15);
  expect(clearance(way, person)).toBeGreaterThan(PERSON_APART_M - 0.15);
  const wall = { x: 0, z: 3, widthM: 6, depthM: 0.4 };
  const around = [from, ...findPath({ solids: [wall] }, from, to, 0.5)];
  expect(Math.max(...around.map(({ x }) => Math.abs(x)))).toBeGreaterThan(3);
});

test('what cannot be reached is neared', () => {
  const plinth = { x: 0, z: 6, radiusM: 2 };
  const way = findPath({ solids: [plinth] }, from, to, 0.5);
  const end = way[way.length - 1];
  expect(Math.hypot(end.x - to.x, end.z - to.z)).toBeLessThan(2.7);
  const bounds = { minX: -2, maxX: 2, minZ: -1, maxZ: 3 };
  const last = findPath({ solids: [], bounds }, from, to, 0.5).at(-1);
  expect(last?.z).toBeCloseTo(2.875, 2);
});

test('who was walked into a corner by others gets out', () => {
  const around = [
    { x: 0.3, z: 0 },
    { x: -0.3, z: 0 },
  ];
  expect(findPath({ solids: [] }, from, to, 0.5, around).length).toBeGreaterThan(0);
});

// Seeds 1 to 40.
test.each(Array.from({ length: 40 }, (_, i) => i + 1))(
  'among random columns no corner lies within one (seed %i)',
  (seed) => {
    let state = seed;
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const solids = Array.from({ length: 25 }, () => ({
      x: random() * 16 - 8,
      z: 1.5 + random() * 9,
      radiusM: 0.2 + random() * 0.5,
    }));
    const way = [from, ...findPath({ solids }, from, { x: 0, z: 12 }, 0.5)];
    for (const solid of solids) expect(clearance(way, solid)).toBeGreaterThan(solid.radiusM + BODY_M - 0.26);
  },
);
