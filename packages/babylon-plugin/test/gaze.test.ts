import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { afterEach, describe, expect, it } from 'vitest';
import { BodyTurn } from '../src/npc/body-turn.ts';
import { Gaze } from '../src/npc/gaze.ts';
import { exportedModel } from './support/exported-model.ts';
import { nullScene } from './support/null-scene.ts';

const { manifest } = exportedModel();
const at = (name: string): number => manifest.controls.findIndex((control) => control.name === name);

let scene: Scene;
afterEach(() => scene.getEngine().dispose());

describe.each([{ rightHanded: false }, { rightHanded: true }])(
  'right-handed: $rightHanded',
  ({ rightHanded }) => {
    /** Looks at a point for a while, from 1.6 m above the floor, turned about the vertical by `yaw`. */
    function look(target: Vector3 | null, yaw = 0, ms = 3000): Float32Array {
      scene = nullScene({ rightHanded });
      const root = new TransformNode('root', scene);
      root.rotation.y = yaw;
      const face = new TransformNode('face', scene);
      face.parent = root;
      face.position.y = 1.6;
      const gaze = new Gaze(root, face, manifest);
      const controls = new Float32Array(manifest.controls.length);
      for (let i = 0; i < ms / 16; i++) {
        controls.fill(0);
        gaze.apply(controls, target, 16);
      }
      return controls;
    }
    const ownLeft = rightHanded ? 1 : -1;

    it('turns head and eyes to its own left', () => {
      const controls = look(new Vector3(2 * ownLeft, 1.6, 2));
      expect(controls[at('headYaw')]).toBeCloseTo(0.7 * (Math.PI / 4), 2);
      expect(controls[at('eyeLookOutLeft')]).toBeGreaterThan(0.4);
      expect(controls[at('eyeLookInRight')]).toBeGreaterThan(0.4);
      expect(controls[at('eyeLookInLeft')]).toBe(0);
    });

    it('looks down at somebody small', () => {
      const controls = look(new Vector3(0, 0.9, 1.5));
      expect(controls[at('headPitch')]).toBeGreaterThan(0.2);
      expect(controls[at('eyeLookDownLeft')]).toBeGreaterThan(0.2);
      expect(controls[at('eyeLookUpLeft')]).toBe(0);
    });

    it('takes its own turn into account', () => {
      expect(Math.abs(look(new Vector3(2, 1.6, 0), Math.PI / 2)[at('headYaw')])).toBeLessThan(0.01);
    });

    it('does not follow somebody behind it', () => {
      expect(Math.abs(look(new Vector3(0.3, 1.6, -2))[at('headYaw')])).toBeLessThan(0.01);
    });

    it('never bends the neck further than it goes', () => {
      const controls = look(new Vector3(5 * ownLeft, 6, 0.5));
      expect(controls[at('headYaw')]).toBeLessThanOrEqual((40 * Math.PI) / 180 + 1e-6);
      expect(controls[at('headPitch')]).toBeGreaterThanOrEqual((-18 * Math.PI) / 180 - 1e-6);
      for (const value of controls.subarray(0, at('headPitch'))) expect(value).toBeLessThanOrEqual(1);
    });
  },
);

describe('the body', () => {
  it('turns to its partner with a limited speed, and home again', () => {
    scene = nullScene();
    const root = new TransformNode('root', scene);
    const body = new BodyTurn(root);
    body.update(2, 100);
    expect(root.rotation.y).toBeLessThan(0.2);
    for (let i = 0; i < 100; i++) body.update(2 - root.rotation.y, 50);
    expect(root.rotation.y).toBeGreaterThan(1.9);
    for (let i = 0; i < 100; i++) body.update(null, 50);
    expect(Math.abs(root.rotation.y)).toBeLessThan(0.06);
  });

  it('leaves small angles to the head', () => {
    scene = nullScene();
    const root = new TransformNode('root', scene);
    const body = new BodyTurn(root);
    for (let i = 0; i < 100; i++) body.update(0.3, 50);
    expect(root.rotation.y).toBe(0);
  });
});
