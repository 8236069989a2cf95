import { describe, expect, test } from 'vitest';
import {
  angleWeightedNormals,
  boundsOf,
  connectedComponents,
  neighboursOfVertices,
  trianglesOfVertices,
  weld,
  weldTriangles,
} from '../../src/bind/index.ts';
import { seededRandom } from '../seeded-random.ts';

describe.each([1, 2])('random points and triangles, seed %i', (seed) => {
  const random = seededRandom(seed);
  const count = 120;
  // Clusters of points that lie within the tolerance, or well apart.
  const positions = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    const copyOf = i > 10 && random() < 0.6 ? Math.floor(random() * i) : -1;
    for (let axis = 0; axis < 3; axis++)
      positions[3 * i + axis] =
        copyOf < 0 ? random() : positions[3 * copyOf + axis] + (random() - 0.5) * 4e-8;
  }
  const triangles = Uint32Array.from({ length: 3 * 70 }, () => Math.floor(random() * count));

  test('weld joins what lies together, as brute force does', () => {
    const tolerance = 1e-5;
    const { count: places, places: ofVertex, vertices } = weld(positions, tolerance);
    const expected: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = expected.findIndex(
        (j) =>
          Math.hypot(...[0, 1, 2].map((axis) => positions[3 * i + axis] - positions[3 * j + axis])) <=
          tolerance,
      );
      expect(ofVertex[i]).toBe(at < 0 ? expected.length : at);
      if (at < 0) expected.push(i);
    }
    expect([...vertices]).toEqual(expected);
    expect(places).toBe(expected.length);
  });

  test('components are what flooding reaches', () => {
    const { count: pieces, ofVertex } = connectedComponents(count, triangles);
    const expected = new Int32Array(count).fill(-1);
    let next = 0;
    for (let start = 0; start < count; start++) {
      if (expected[start] >= 0) continue;
      expected[start] = next;
      for (let grown = true; grown; ) {
        grown = false;
        for (let t = 0; t < triangles.length; t += 3) {
          const corners = [...triangles.subarray(t, t + 3)];
          if (!corners.some((v) => expected[v] === next)) continue;
          for (const v of corners)
            if (expected[v] < 0) {
              expected[v] = next;
              grown = true;
            }
        }
      }
      next++;
    }
    expect([...ofVertex]).toEqual([...expected]);
    expect(pieces).toBe(next);
  });

  test('neighbours and triangles of every vertex', () => {
    const neighbours = neighboursOfVertices(count, triangles);
    const uses = trianglesOfVertices(count, triangles);
    for (let v = 0; v < count; v++) {
      const around = new Set<number>();
      const used: number[] = [];
      for (let t = 0; t < triangles.length; t += 3) {
        const corners = [...triangles.subarray(t, t + 3)];
        for (const corner of corners) {
          if (corner !== v) continue;
          used.push(t / 3);
        }
        if (corners.includes(v)) for (const corner of corners) if (corner !== v) around.add(corner);
      }
      expect(new Set(neighbours.items.subarray(neighbours.starts[v], neighbours.starts[v + 1]))).toEqual(
        around,
      );
      expect([...uses.items.subarray(uses.starts[v], uses.starts[v + 1])]).toEqual(used);
    }
  });
});

test('normals of a welded cube point out of its corners, however its squares are cut', () => {
  const corners = [...Array(8).keys()].flatMap((i) => [i & 1, (i >> 1) & 1, i >> 2].map((x) => x - 0.5));
  const squares = [
    [0, 2, 3, 1],
    [4, 5, 7, 6],
    [0, 1, 5, 4],
    [2, 6, 7, 3],
    [0, 4, 6, 2],
    [1, 3, 7, 5],
  ];
  // Every square has corners of its own, as exporters with flat normals write them.
  const positions = Float32Array.from(squares.flat().flatMap((v) => corners.slice(3 * v, 3 * v + 3)));
  const triangles = Uint32Array.from(
    squares.flatMap((_, i) => [4 * i, 4 * i + 1, 4 * i + 2, 4 * i, 4 * i + 2, 4 * i + 3]),
  );
  const welded = weld(positions);
  expect(welded.count).toBe(8);
  const places = Float32Array.from(
    [...welded.vertices].flatMap((v) => [...positions.subarray(3 * v, 3 * v + 3)]),
  );
  const normals = angleWeightedNormals(places, weldTriangles(triangles, welded));
  for (let i = 0; i < normals.length; i++) expect(normals[i]).toBeCloseTo(places[i] / Math.sqrt(0.75), 6);
});

test('bounds count what is used', () => {
  const positions = Float32Array.of(0, 0, 0, 1, 2, 2, 1e6, 0, 0);
  expect(boundsOf(positions, Uint32Array.of(0, 1, 1))).toMatchObject({ centre: [0.5, 1, 1], diagonal: 3 });
  expect(() => boundsOf(new Float32Array(0))).toThrow(RangeError);
});
