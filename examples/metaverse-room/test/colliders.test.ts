import { describe, expect, it } from 'vitest';
import { Walker } from '../src/avatar/walker.ts';
import { Colliders } from '../src/world/colliders.ts';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

interface Solid {
  readonly x: number;
  readonly z: number;
  /** Radius of a circle; NaN for a box. */
  readonly radius: number;
  readonly width: number;
  readonly depth: number;
  readonly height: number;
}

function distanceTo(solid: Solid, x: number, z: number): number {
  if (!Number.isNaN(solid.radius)) return Math.hypot(x - solid.x, z - solid.z) - solid.radius;
  const dx = Math.max(0, Math.abs(x - solid.x) - solid.width / 2);
  const dz = Math.max(0, Math.abs(z - solid.z) - solid.depth / 2);
  return Math.hypot(dx, dz);
}

describe('Colliders', () => {
  it('pushes a walker out of a column and out of a bench', () => {
    const colliders = new Colliders();
    colliders.addCircle(0, 0, 0.5, 3);
    colliders.addBox(5, 0, 2, 1, 0.5);
    const byColumn = { x: 0.3, z: 0 };
    colliders.resolve(byColumn, 0.3);
    expect(byColumn.x).toBeCloseTo(0.8);
    expect(byColumn.z).toBeCloseTo(0);
    const inBench = { x: 5, z: 0.4 };
    colliders.resolve(inBench, 0.3);
    expect(inBench).toEqual({ x: 5, z: 0.8 });
  });

  it('lets nobody through the guide, lets them slide along her, and puts nobody into a wall', () => {
    const colliders = new Colliders();
    colliders.addBox(0, 3, 10, 0.4, 3);
    const guide = { x: 0, z: 0 };
    colliders.figures = [guide];
    const visitor = new Walker(0.05, -3, 0);
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 180; i++) {
      visitor.step(1 / 60, { forward: 1, right: 0 }, 0, Number.NaN, colliders);
      nearest = Math.min(nearest, Math.hypot(visitor.x - guide.x, visitor.z - guide.z));
    }
    expect(nearest).toBeGreaterThan(0.59);
    // Past her, up to the wall.
    expect(visitor.z).toBeCloseTo(2.8 - 0.32, 2);
    // She walks at them while they stand there.
    Object.assign(guide, { x: visitor.x, z: visitor.z - 0.4 });
    for (let i = 0; i < 60; i++) visitor.step(1 / 60, { forward: 0, right: 0 }, 0, Number.NaN, colliders);
    expect(visitor.z).toBeLessThan(2.8 - 0.31);
    colliders.figures = [];
    visitor.step(1 / 60, { forward: -1, right: 0 }, 0, Number.NaN, colliders);
    expect(colliders.freeShare(0, 1.6, -3, 0, 1.6, 2, 0.1)).toBe(1);
    colliders.figures = [{ x: 0, z: 0 }];
    expect(colliders.freeShare(0, 1.6, -3, 0, 1.6, 2, 0.1)).toBeCloseTo((3 - 0.38) / 5);
  });

  it('sees over what is low and not through what is high', () => {
    const colliders = new Colliders();
    colliders.addBox(0, 5, 10, 1, 1);
    expect(colliders.freeShare(0, 1.6, 0, 0, 1.6, 10, 0.1)).toBe(1);
    expect(colliders.freeShare(0, 0.5, 0, 0, 0.5, 10, 0.1)).toBeCloseTo(0.44);
  });

  for (const seed of [1, 2, 3]) {
    it(`agrees with marching along the ray (seed ${seed})`, () => {
      const next = random(seed);
      const margin = 0.1;
      for (let round = 0; round < 60; round++) {
        const colliders = new Colliders();
        const solids: Solid[] = [];
        for (let i = 0; i < 6; i++) {
          const x = next() * 20 - 10;
          const z = next() * 20 - 10;
          const isCircle = next() < 0.5;
          const solid = {
            x,
            z,
            radius: isCircle ? 0.2 + next() : Number.NaN,
            width: 0.5 + next() * 3,
            depth: 0.5 + next() * 3,
            height: 10,
          };
          solids.push(solid);
          if (isCircle) colliders.addCircle(x, z, solid.radius, 10);
          else colliders.addBox(x, z, solid.width, solid.depth, 10);
        }
        const [fromX, fromZ, toX, toZ] = [
          next() * 20 - 10,
          next() * 20 - 10,
          next() * 20 - 10,
          next() * 20 - 10,
        ];
        if (solids.some((solid) => distanceTo(solid, fromX, fromZ) < margin * 2)) continue;
        const share = colliders.freeShare(fromX, 1, fromZ, toX, 1, toZ, margin);
        // The margin of a box has square corners here and round ones there: allow for the difference.
        const corner = margin * (Math.SQRT2 - 1);
        let nearest = Number.POSITIVE_INFINITY;
        for (let step = 0; step < share * 400 - 1; step++) {
          const x = fromX + ((toX - fromX) * step) / 400;
          const z = fromZ + ((toZ - fromZ) * step) / 400;
          for (const solid of solids) nearest = Math.min(nearest, distanceTo(solid, x, z));
        }
        expect(nearest).toBeGreaterThan(margin * 0.9 - 1e-3);
        if (share < 1) {
          const x = fromX + (toX - fromX) * share;
          const z = fromZ + (toZ - fromZ) * share;
          expect(Math.min(...solids.map((solid) => distanceTo(solid, x, z)))).toBeLessThan(
            margin + corner + 1e-3,
          );
        }
      }
    });
  }
});
