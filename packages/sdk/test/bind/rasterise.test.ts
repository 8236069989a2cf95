import { describe, expect, test } from 'vitest';
import { barycentricsAt, type Camera, createRaster, project, rasterise } from '../../src/bind/index.ts';
import { unproject } from '../../src/bind/render/camera.ts';
import { seededRandom } from '../seeded-random.ts';

const SIZE = 32;
const CAMERAS: readonly (readonly [string, Camera])[] = [
  ['perspective', { rotation: [0, 0, -1, 0, 1, 0, 1, 0, 0], target: [0.1, 0, 0.2], half: 1.2, fovDeg: 50 }],
  ['orthographic', { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], target: [0, 0.1, 0], half: 1, fovDeg: 0 }],
];

describe.each(CAMERAS)('%s', (_, camera) => {
  test.each([1, 2])('triangle soup against rays, seed %i', (seed) => {
    const random = seededRandom(seed);
    const vertices = 60;
    const positions = Float32Array.from({ length: 3 * vertices }, () => random() * 2 - 1);
    const triangles = Uint32Array.from({ length: 3 * 40 }, () => Math.floor(random() * vertices));
    const screen = project(camera, positions, SIZE, SIZE, new Float32Array(positions.length));
    const raster = rasterise(screen, triangles, createRaster(SIZE, SIZE));
    const weights = new Float64Array(3);
    let differing = 0;
    let worst = 0;
    let seen = 0;
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++) {
        // The line of sight through the pixel's centre, in space.
        const near = camera.fovDeg > 0 ? [2, 0.5] : [5, -5];
        const from = unproject(camera, x + 0.5, y + 0.5, near[0], SIZE, SIZE);
        const to = unproject(camera, x + 0.5, y + 0.5, near[1], SIZE, SIZE);
        const hit = castRay(from, to, positions, triangles);
        const triangle = raster.triangle[y * SIZE + x];
        if (hit?.triangle !== (triangle < 0 ? undefined : triangle)) {
          // Borders may fall on either side; nothing else.
          differing++;
          continue;
        }
        if (!hit) continue;
        seen++;
        barycentricsAt(screen, triangles, triangle, x + 0.5, y + 0.5, camera.fovDeg > 0, weights);
        for (let axis = 0; axis < 3; axis++) {
          let at = 0;
          for (let k = 0; k < 3; k++) at += weights[k] * positions[3 * triangles[3 * triangle + k] + axis];
          worst = Math.max(worst, Math.abs(at - hit.point[axis]));
        }
      }
    expect(worst).toBeLessThan(1e-4);
    expect(seen).toBeGreaterThan(200);
    expect(differing).toBeLessThan(SIZE * SIZE * 0.002);
  });
});

test('neighbouring triangles leave no gap and NaN corners are not drawn', () => {
  const random = seededRandom(5);
  // A square of 20 x 20 cells whose inner corners are shaken.
  const side = 21;
  const screen = new Float32Array(side * side * 3 + 3);
  for (let i = 0; i < side * side; i++) {
    const [column, row] = [i % side, Math.floor(i / side)];
    const inner = column > 0 && row > 0 && column < side - 1 && row < side - 1;
    screen[3 * i] = (column / 20) * SIZE + (inner ? random() - 0.5 : 0);
    screen[3 * i + 1] = (row / 20) * SIZE + (inner ? random() - 0.5 : 0);
  }
  screen.fill(Number.NaN, side * side * 3);
  const triangles: number[] = [0, 1, side * side];
  for (let row = 0; row < side - 1; row++)
    for (let column = 0; column < side - 1; column++) {
      const a = row * side + column;
      triangles.push(a, a + 1, a + side, a + side, a + 1, a + side + 1);
    }
  const { triangle } = rasterise(screen, Uint32Array.from(triangles), createRaster(SIZE, SIZE));
  expect(Math.min(...triangle)).toBeGreaterThan(0);
});

test('what lies before the near plane or behind the viewer is NaN', () => {
  const camera: Camera = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], target: [0, 0, 0], half: 1, fovDeg: 90 };
  const screen = project(
    camera,
    Float32Array.of(0, 0, 0, 0, 0, 0.95, 0, 0, 3),
    SIZE,
    SIZE,
    new Float32Array(9),
  );
  expect([...screen.subarray(0, 3)]).toEqual([SIZE / 2, SIZE / 2, 1]);
  expect(screen.subarray(3).every(Number.isNaN)).toBe(true);
});

/** Möller and Trumbore 1997. */
function castRay(
  from: readonly number[],
  to: readonly number[],
  p: Float32Array,
  triangles: Uint32Array,
): { triangle: number; point: number[] } | undefined {
  const d = [0, 1, 2].map((k) => to[k] - from[k]);
  const cross = (a: number[], b: number[]) => [
    a[1] * b[2] - a[2] * b[1],
    a[2] * b[0] - a[0] * b[2],
    a[0] * b[1] - a[1] * b[0],
  ];
  const dot = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  let best = 2;
  let triangle = -1;
  for (let t = 0; t < triangles.length / 3; t++) {
    const [a, b, c] = [0, 1, 2].map((k) => [
      ...p.subarray(3 * triangles[3 * t + k], 3 * triangles[3 * t + k] + 3),
    ]);
    const ab = b.map((x, k) => x - a[k]);
    const ac = c.map((x, k) => x - a[k]);
    const h = cross(d, ac);
    const area = dot(ab, h);
    if (Math.abs(area) < 1e-12) continue;
    const s = from.map((x, k) => x - a[k]);
    const u = dot(s, h) / area;
    const q = cross(s, ab);
    const v = dot(d, q) / area;
    const along = dot(ac, q) / area;
    if (u < 0 || v < 0 || u + v > 1 || along < 0 || along >= best - 1e-9) continue;
    best = along;
    triangle = t;
  }
  return triangle < 0 ? undefined : { triangle, point: from.map((x, k) => x + best * d[k]) };
}
