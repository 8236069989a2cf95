import type { FreeCamera } from '@babylonjs/core/Cameras/freeCamera.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { afterEach, describe, expect, it } from 'vitest';
import { FaceLevel, type FaceTask } from '../src/behavior/face-level.ts';
import { nullScene } from './support/null-scene.ts';

let scene: Scene;
afterEach(() => scene.getEngine().dispose());

/** What a face does in eight frames, the camera at the origin and looking along +z. */
function tasksAt(position: Vector3, scale = 1): FaceTask[] {
  scene = nullScene();
  const camera = scene.activeCamera as FreeCamera;
  camera.position.setAll(0);
  camera.setTarget(new Vector3(0, 0, 1));
  const head = new TransformNode('head', scene);
  head.scaling.setAll(scale);
  head.position.copyFrom(position);
  head.computeWorldMatrix(true);
  const level = new FaceLevel(head, head);
  scene.render();
  return Array.from({ length: 8 }, () => {
    scene.render();
    return level.task();
  });
}

const shown = (tasks: readonly FaceTask[]): number => tasks.filter((task) => task === 'show').length;

describe('a face', () => {
  it('moves in every frame when it is near', () => {
    expect(shown(tasksAt(new Vector3(0, 0, 2)))).toBe(8);
  });
  it('moves less often further away', () => {
    expect(shown(tasksAt(new Vector3(0, 0, 8)))).toBe(4);
    scene.getEngine().dispose();
    expect(shown(tasksAt(new Vector3(0, 0, 20)))).toBe(2);
  });
  it('rests far away, unless it is a giant', () => {
    expect(new Set(tasksAt(new Vector3(0, 0, 60)))).toEqual(new Set(['rest']));
    scene.getEngine().dispose();
    expect(shown(tasksAt(new Vector3(0, 0, 60), 20))).toBe(8);
  });
  it('stays as it is behind the camera and beside the view', () => {
    expect(new Set(tasksAt(new Vector3(0, 0, -3)))).toEqual(new Set(['keep']));
    scene.getEngine().dispose();
    expect(new Set(tasksAt(new Vector3(-9, 0, 4)))).toEqual(new Set(['keep']));
  });
});
