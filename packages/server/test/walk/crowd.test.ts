import { expect, test } from 'vitest';
import { clearance } from '../../src/walk/clearance.ts';
import { findPath } from '../../src/walk/find-path.ts';
import type { FloorPlan, FloorPoint } from '../../src/walk/floor-plan.ts';
import { Leading } from '../../src/walk/leading.ts';
import { headingTo, NEAREST_PERSON_M, Walker } from '../../src/walk/walker.ts';

const STEP_S = 0.05;
/** A hall of 12 by 12 with a wall across it, which has two doors, and two columns. */
const HALL: FloorPlan = {
  bounds: { minX: -6, maxX: 6, minZ: -6, maxZ: 6 },
  solids: [
    { x: -4, z: 0, widthM: 4, depthM: 0.4 },
    { x: 0.75, z: 0, widthM: 2.5, depthM: 0.4 },
    { x: 5, z: 0, widthM: 2, depthM: 0.4 },
    { x: -2, z: 3, radiusM: 0.5 },
    { x: 2, z: -3, radiusM: 0.5 },
  ],
  places: {},
};

function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Walks until the end, a minute and a half at most, and looks at every step. */
function walk(
  others: FloorPoint[],
  move: (seconds: number, body: FloorPoint) => void,
  to: FloorPoint = { x: -1, z: 5 },
) {
  const body = { x: 1, z: -5, yaw: 0 };
  const walker = new Walker(body, HALL, () => others);
  walker.begin({ to: () => to, stopM: 1 });
  /** Least distance that a step of its own has led to. */
  let nearestM = Number.POSITIVE_INFINITY;
  let wallM = Number.POSITIVE_INFINITY;
  for (let i = 1; i < 1800; i++) {
    move(i * STEP_S, body);
    const before = { ...body };
    const ended = walker.tick(i * STEP_S * 1000, STEP_S);
    for (const other of others) {
      const apartM = Math.hypot(other.x - body.x, other.z - body.z);
      if (apartM < Math.hypot(other.x - before.x, other.z - before.z) - 1e-6)
        nearestM = Math.min(nearestM, apartM);
    }
    wallM = Math.min(wallM, clearance(HALL, body));
    if (ended)
      return { seconds: i * STEP_S, leftM: Math.hypot(body.x - to.x, body.z - to.z), nearestM, wallM };
  }
  return { seconds: Number.POSITIVE_INFINITY, leftM: Number.NaN, nearestM, wallM };
}

// Seeds 1 to 30.
const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);

test.each(SEEDS)('among people who stand about she gets there and touches nobody (seed %i)', (seed) => {
  const random = randomNumbers(seed);
  const others: FloorPoint[] = [];
  while (others.length < 12) {
    const place = { x: random() * 10 - 5, z: random() * 10 - 5 };
    const free = clearance(HALL, place) > 0.3 && Math.hypot(place.x - 1, place.z + 5) > 0.9;
    if (free && Math.hypot(place.x + 1, place.z - 5) > 2) others.push(place);
  }
  const end = findPath(HALL, { x: 1, z: -5 }, { x: -1, z: 5 }, 1, others).at(-1);
  const isOpen = end !== undefined && Math.hypot(end.x + 1, end.z - 5) <= 1.1;
  const { seconds, leftM, nearestM, wallM } = walk(others, () => {});
  expect(seconds).toBeLessThan(40);
  if (isOpen) expect(leftM).toBeLessThan(1.2);
  expect(nearestM).toBeGreaterThan(NEAREST_PERSON_M - 0.01);
  expect(wallM).toBeGreaterThan(0.09);
});

test.each(SEEDS)(
  'among people who walk about she never steps into one, nor into a wall (seed %i)',
  (seed) => {
    const random = randomNumbers(seed);
    const others: { x: number; z: number }[] = [];
    const goals: FloorPoint[] = [];
    const anywhere = () => ({ x: random() * 10 - 5, z: random() * 10 - 5 });
    while (others.length < 6) others.push(anywhere());
    const { seconds, leftM, nearestM, wallM } = walk(others, (_, body) => {
      for (const [i, other] of others.entries()) {
        // The first walks straight at her, again and again; walls and people are nothing to visitors here.
        goals[i] ??= anywhere();
        const goal = i === 0 ? body : goals[i];
        const apartM = Math.hypot(goal.x - other.x, goal.z - other.z);
        if (apartM < (i === 0 ? 0.5 : 0.2)) goals[i] = anywhere();
        else {
          other.x += ((goal.x - other.x) / apartM) * 1.4 * STEP_S;
          other.z += ((goal.z - other.z) / apartM) * 1.4 * STEP_S;
        }
      }
    });
    expect(seconds).toBeLessThan(90);
    expect(leftM).toBeLessThan(1.2);
    expect(nearestM).toBeGreaterThan(NEAREST_PERSON_M - 0.01);
    expect(wallM).toBeGreaterThan(0.09);
  },
);

test('she waits a moment at a door where somebody stands, and goes on when they have gone', () => {
  // Both doors: one is shut by three who stay, one by somebody who leaves after eight seconds.
  const door = { x: 3, z: 0 };
  const others = [{ x: -1.6, z: 0 }, { x: -1, z: 0 }, { x: -1.3, z: -0.4 }, door];
  const { seconds, leftM } = walk(others, (at) => {
    if (at > 8) door.z = -40;
  });
  expect(leftM).toBeLessThan(1.2);
  expect(seconds).toBeGreaterThan(8);
  expect(seconds).toBeLessThan(35);
});

test('she gives up where the doors stay shut, and near somebody she does not leave through a wall', () => {
  const others = [
    { x: -1.6, z: 0 },
    { x: -1, z: 0 },
    { x: 2.7, z: 0 },
    { x: 3.3, z: 0 },
  ];
  const { seconds, wallM, nearestM } = walk(others, () => {});
  expect(seconds).toBeLessThan(40);
  expect(wallM).toBeGreaterThan(0.09);
  expect(nearestM).toBeGreaterThan(NEAREST_PERSON_M - 0.01);
  // The wall lies between them and the goal, and the disc of somebody else reaches through it.
  const way = findPath(HALL, { x: -4, z: -0.6 }, { x: -4, z: 4 }, 0.5, [{ x: -4, z: -0.9 }]);
  for (const corner of way) expect(clearance(HALL, corner)).toBeGreaterThan(0.3);
});

test('clearance is told from circles, boxes and edges', () => {
  const plan = {
    bounds: { minX: -10, maxX: 10, minZ: -10, maxZ: 10 },
    solids: [
      { x: 0, z: 0, radiusM: 1 },
      { x: 5, z: 0, widthM: 2, depthM: 4 },
    ],
  };
  expect(clearance(plan, { x: 0, z: 3 })).toBeCloseTo(2);
  expect(clearance(plan, { x: 0.5, z: 0 })).toBeCloseTo(-0.5);
  expect(clearance(plan, { x: 3, z: 0 })).toBeCloseTo(1);
  expect(clearance(plan, { x: 5.5, z: 0 })).toBeCloseTo(-0.5);
  expect(clearance(plan, { x: 7, z: 3 })).toBeCloseTo(Math.SQRT2);
  expect(clearance(plan, { x: 9.5, z: -9 })).toBeCloseTo(0.5);
});

/** Leads somebody from the origin along +z; they are where `follow` puts them. */
function lead(follow: (seconds: number, led: { x: number; z: number }, body: FloorPoint) => void) {
  const body = { x: 0, z: 0, yaw: 0 };
  const led = { x: 0, z: -1.4 };
  const to = { x: 0, z: 16 };
  const leading = new Leading(body, () => led, to);
  const walker = new Walker(body, { solids: [], places: {} }, () => [led]);
  walker.begin({
    to: () => to,
    stopM: 1.5,
    face: () => led,
    waitsFor: (nowMs) => leading.behind(nowMs),
  });
  const seen: {
    readonly at: number;
    readonly z: number;
    readonly apartM: number;
    readonly waits: boolean;
    readonly turned: boolean;
  }[] = [];
  for (let i = 1; i < 1200; i++) {
    const at = i * STEP_S;
    follow(at, led, body);
    const ended = walker.tick(at * 1000, STEP_S);
    const turned = Math.abs(headingTo(body, led) - body.yaw) % (2 * Math.PI) < 0.2;
    seen.push({
      at,
      z: body.z,
      apartM: Math.hypot(led.x - body.x, led.z - body.z),
      waits: walker.waiting,
      turned,
    });
    if (ended) return { seen, seconds: at };
  }
  return { seen, seconds: Number.POSITIVE_INFINITY };
}

test('who leads walks on while they follow', () => {
  const { seen, seconds } = lead((_, led, body) => {
    led.z = Math.max(led.z, body.z - 2);
  });
  expect(seen.some(({ waits }) => waits)).toBe(false);
  expect(seconds).toBeLessThan(16);
});

test('who leads waits, turned to them, for those who fall behind, and goes on when they have caught up', () => {
  const { seen, seconds } = lead((at, led, body) => {
    if (at > 10) led.z = Math.min(led.z + 2 * STEP_S, body.z - 1.5);
  });
  const waiting = seen.filter(({ waits }) => waits);
  expect(waiting[0].apartM).toBeGreaterThan(3.9);
  expect(Math.max(...waiting.map(({ apartM }) => apartM))).toBeLessThan(5);
  expect(waiting.filter(({ at }) => at > waiting[0].at + 2 && at < 10).every(({ turned }) => turned)).toBe(
    true,
  );
  const goesOn = seen.find(({ at, waits }) => at > 10 && !waits);
  expect(goesOn?.apartM).toBeLessThan(3);
  expect(seconds).toBeGreaterThan(14);
  expect(seconds).toBeLessThan(30);
});

test('who leads waits for nobody for ever, and not for those who ran ahead', () => {
  const left = lead(() => {});
  expect(left.seconds).toBeGreaterThan(20);
  expect(left.seconds).toBeLessThan(35);
  // It stopped once.
  const stops = left.seen.filter(({ waits }, i) => waits && !left.seen[i - 1]?.waits);
  expect(stops).toHaveLength(1);
  const ahead = lead((at, led) => {
    led.x = 1;
    led.z = Math.min(14, led.z + 3 * STEP_S * (at > 1 ? 1 : 0));
  });
  expect(ahead.seen.some(({ waits }) => waits)).toBe(false);
  expect(ahead.seconds).toBeLessThan(20);
});
