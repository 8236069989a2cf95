import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { NpcView } from '@parley/sdk';
import { afterEach, expect, it } from 'vitest';
import { BodyWalk } from '../src/npc/body-walk.ts';
import { Limbs } from '../src/npc/limbs.ts';
import { nullScene } from './support/null-scene.ts';

let scene: Scene;
afterEach(() => scene.getEngine().dispose());

const FRAME_MS = 16;
const view = (values: Partial<NpcView>): NpcView => ({ x: 0, y: 0, z: 0, yaw: 0, ...values }) as NpcView;

/** The room's places twenty times a second at 1.2 m/s along +z, frames between them. */
function walkAhead(body: BodyWalk, seconds: number, each: (nowMs: number) => void): void {
  let nextMs = 0;
  for (let now = 0; now < seconds * 1000; now += FRAME_MS) {
    if (now >= nextMs) {
      body.push(now, view({ z: (1.2 * now) / 1000, walking: true }));
      nextMs += 50;
    }
    body.update(now, FRAME_MS, true);
    each(now);
  }
}

it('goes smoothly between the places that the room tells, a little later', () => {
  scene = nullScene({});
  const root = new TransformNode('root', scene);
  const body = new BodyWalk(root);
  let before = 0;
  walkAhead(body, 2, (now) => {
    const step = root.position.z - before;
    before = root.position.z;
    if (now > 300) expect(step / (FRAME_MS / 1000)).toBeCloseTo(1.2, 1);
  });
  expect(root.position.z).toBeCloseTo(1.2 * 1.87, 1);
  expect(body.speedMPerS).toBeCloseTo(1.2, 1);
  expect(body.walkedM).toBeCloseTo(root.position.z, 3);
});

it('keeps the distance at which the host put it, and is where it is when it appears', () => {
  scene = nullScene({});
  const root = new TransformNode('root', scene);
  root.position.set(10, 1, 5);
  const body = new BodyWalk(root);
  body.push(0, view({ x: 2, z: 3 }));
  body.update(16, 16, true);
  expect(root.position.asArray()).toEqual([10, 1, 5]);
  body.push(1000, view({ x: 2.5, z: 3, walking: true }));
  for (let now = 1000; now < 1400; now += FRAME_MS) body.update(now, FRAME_MS, true);
  expect(root.position.x).toBeCloseTo(10.5, 5);
  expect(root.position.y).toBe(1);
});

it('turns with the room while it walks, and never while it stands', () => {
  scene = nullScene({});
  const root = new TransformNode('root', scene);
  const body = new BodyWalk(root);
  body.push(0, view({ yaw: 0 }));
  body.push(500, view({ yaw: 2, walking: true }));
  for (let now = 500; now < 1500; now += FRAME_MS) body.update(now, FRAME_MS, true);
  expect(root.rotation.y).toBeCloseTo(2, 1);
  body.push(2000, view({ yaw: -1, walking: false }));
  for (let now = 2000; now < 3000; now += FRAME_MS) body.update(now, FRAME_MS, true);
  expect(root.rotation.y).toBeCloseTo(2, 1);
  expect(body.homeYaw).toBeCloseTo(-1, 5);
});

/** A body of bones that hang straight down, named as in Unreal. */
function skeleton(): { root: TransformNode; bone(name: string): TransformNode } {
  const root = new TransformNode('root', scene);
  const bones = new Map<string, TransformNode>();
  const add = (name: string, parent: TransformNode, at: readonly [number, number, number]) => {
    const node = new TransformNode(name, scene);
    node.parent = parent;
    node.position.set(...at);
    bones.set(name, node);
    return node;
  };
  for (const [side, x] of [
    ['l', 0.1],
    ['r', -0.1],
  ] as const) {
    const calf = add(`calf_${side}`, add(`thigh_${side}`, root, [x, 0.86, 0]), [0, -0.42, 0]);
    add(`foot_${side}`, calf, [0, -0.42, 0]);
    const lower = add(`lowerarm_${side}`, add(`upperarm_${side}`, root, [2 * x, 1.4, 0]), [0, -0.28, 0]);
    add(`hand_${side}`, lower, [0, -0.26, 0]);
  }
  const bone = (name: string) => bones.get(name) as TransformNode;
  return { root, bone };
}

it('walks in steps: feet stand while the body passes over them, and the soles stay on the floor', () => {
  scene = nullScene({});
  const { root, bone } = skeleton();
  const body = new BodyWalk(root);
  const limbs = new Limbs(root);
  let standing = 0;
  let slips = 0;
  const last = { l: new Vector3(), r: new Vector3() };
  let lowest = 1;
  walkAhead(body, 4, (now) => {
    limbs.update(body, view({}), FRAME_MS);
    limbs.apply();
    const feet = (['l', 'r'] as const).map((side) => {
      bone(`foot_${side}`).computeWorldMatrix(true);
      return { side, at: bone(`foot_${side}`).getAbsolutePosition().clone() };
    });
    if (now > 1000) {
      const stands = feet.reduce((a, b) => (a.at.y <= b.at.y ? a : b));
      const moved = Math.abs(stands.at.z - last[stands.side].z) / (FRAME_MS / 1000);
      standing++;
      if (moved > 0.6) slips++;
      lowest = Math.min(lowest, stands.at.y);
    }
    for (const { side, at } of feet) last[side].copyFrom(at);
  });
  // The body goes at 1.2 m/s; the foot that stands hardly does.
  expect(slips / standing).toBeLessThan(0.15);
  expect(lowest).toBeGreaterThan(-0.02);
});

it('raises the nearer arm to what it points at, looks there first, and lowers it again', () => {
  scene = nullScene({});
  const { root, bone } = skeleton();
  const body = new BodyWalk(root);
  const limbs = new Limbs(root);
  const run = (ms: number, pointing: boolean) => {
    for (let t = 0; t < ms; t += FRAME_MS) {
      limbs.update(body, view({ pointing, aimX: 4, aimY: 1.4, aimZ: 3 }), FRAME_MS);
      limbs.apply();
    }
  };
  run(900, true);
  expect(limbs.looksAtAim).toBe(true);
  const shoulder = bone('upperarm_l').getAbsolutePosition().clone();
  bone('hand_l').computeWorldMatrix(true);
  const arm = bone('hand_l').getAbsolutePosition().subtract(shoulder).normalize();
  const wanted = new Vector3(4, 1.4, 3).subtract(shoulder).normalize();
  expect(Vector3.Dot(arm, wanted)).toBeGreaterThan(0.97);
  run(1200, true);
  expect(limbs.looksAtAim).toBe(false);
  run(2500, false);
  bone('hand_l').computeWorldMatrix(true);
  expect(bone('hand_l').getAbsolutePosition().y).toBeCloseTo(0.86, 1);
});
