import { expect, test } from 'vitest';
import type { FloorPlan, FloorPoint } from '../../src/walk/floor-plan.ts';
import { headingTo, Walker } from '../../src/walk/walker.ts';

const STEP_S = 0.05;
const OPEN: FloorPlan = { solids: [], places: {} };

/** Walks to the end, at most a minute; tells every place on the way. */
function run(
  body: { x: number; z: number; yaw: number },
  walk: Parameters<Walker['begin']>[0],
  others: () => FloorPoint[] = () => [],
  each: (seconds: number) => void = () => {},
) {
  const walker = new Walker(body, OPEN, others);
  walker.begin(walk);
  const way = [{ ...body }];
  for (let i = 1; i < 1200; i++) {
    each(i * STEP_S);
    const ended = walker.tick(i * STEP_S * 1000, STEP_S);
    way.push({ ...body });
    if (ended) return { way, seconds: i * STEP_S };
  }
  return { way, seconds: Number.POSITIVE_INFINITY };
}

test('turns first, then walks at the pace of a person and stops at talking distance', () => {
  const body = { x: 0, z: 0, yaw: 0 };
  const to = { x: 0, z: -6 };
  const { way, seconds } = run(body, { to: () => to, stopM: 1.4 });
  const stillTurning = way.filter(({ yaw }) => Math.abs(yaw) < 2);
  for (const { x, z } of stillTurning) expect(Math.hypot(x, z)).toBeLessThan(0.02);
  for (let i = 1; i < way.length; i++) {
    const metresPerSecond = Math.hypot(way[i].x - way[i - 1].x, way[i].z - way[i - 1].z) / STEP_S;
    expect(metresPerSecond).toBeLessThan(1.3);
  }
  const apart = Math.hypot(body.x - to.x, body.z - to.z);
  expect(apart).toBeGreaterThan(1.1);
  expect(apart).toBeLessThan(1.5);
  expect(seconds).toBeGreaterThan(4);
  expect(seconds).toBeLessThan(9);
});

test('goes around somebody who steps into the way', () => {
  const body = { x: 0, z: 0, yaw: 0 };
  const other = { x: 3, z: 3 };
  const { way, seconds } = run(
    body,
    { to: () => ({ x: 0, z: 7 }), stopM: 0.5 },
    () => [other],
    (at) => {
      if (at > 1) other.x = Math.max(0, other.x - 2 * STEP_S);
    },
  );
  expect(seconds).toBeLessThan(15);
  expect(Math.min(...way.map(({ x, z }) => Math.hypot(x - other.x, z - other.z)))).toBeGreaterThan(0.5);
});

test('comes to whom it was called by, though they move, and faces them', () => {
  const body = { x: 0, z: 0, yaw: 0 };
  const caller = { x: 5, z: 0 };
  const { seconds } = run(
    body,
    { to: () => caller, stopM: 1.4, face: () => caller },
    () => [caller],
    (at) => {
      if (at < 3) caller.z += 0.8 * STEP_S;
    },
  );
  expect(seconds).toBeLessThan(12);
  expect(Math.hypot(body.x - caller.x, body.z - caller.z)).toBeLessThan(1.5);
  expect(Math.abs(headingTo(body, caller) - body.yaw)).toBeLessThan(0.15);
});

test('gives up where there is no way, and where the goal is gone', () => {
  const ring = Array.from({ length: 12 }, (_, i) => ({
    x: 0.8 * Math.cos((i * Math.PI) / 6),
    z: 0.8 * Math.sin((i * Math.PI) / 6),
  }));
  const body = { x: 0, z: 0, yaw: 0 };
  const { seconds } = run(body, { to: () => ({ x: 0, z: 6 }), stopM: 1 }, () => ring);
  expect(seconds).toBeLessThan(20);
  expect(run({ x: 0, z: 0, yaw: 0 }, { to: () => null, stopM: 1 }).seconds).toBeLessThan(1);
});
