import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import { MorphTarget } from '@babylonjs/core/Morph/morphTarget.js';
import { MorphTargetManager } from '@babylonjs/core/Morph/morphTargetManager.js';
import type { Scene } from '@babylonjs/core/scene.js';
import type { FaceDecoder } from '@parley/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyFaceBehavior } from '../src/behavior/parley-face-behavior.ts';
import { exportedModel } from './support/exported-model.ts';
import { nullScene } from './support/null-scene.ts';

const model = exportedModel();
const { manifest, template } = model;

let scene: Scene;
beforeEach(() => {
  scene = nullScene();
});
afterEach(() => scene.getEngine().dispose());

function frame(values: Record<string, number>): Float32Array {
  return Float32Array.from(manifest.controls, ({ name }) => values[name] ?? 0);
}

/** A triangle with morph targets. */
function morphHead(names: string[]): Mesh {
  const mesh = new Mesh('head', scene);
  const data = new VertexData();
  data.positions = [0, 0, 0, 1, 0, 0, 0, 1, 0];
  data.indices = [0, 1, 2];
  data.applyToMesh(mesh);
  mesh.morphTargetManager = new MorphTargetManager(scene);
  for (const name of names) {
    const target = new MorphTarget(name, 0, scene);
    target.setPositions(new Float32Array(9).fill(0.1));
    mesh.morphTargetManager.addTarget(target);
  }
  return mesh;
}

function influences(mesh: Mesh): Record<string, number> {
  const morphs = mesh.morphTargetManager!;
  return Object.fromEntries(
    Array.from({ length: morphs.numTargets }, (_, i) => [
      morphs.getTarget(i).name,
      morphs.getTarget(i).influence,
    ]),
  );
}

describe('on a head with ARKit morph targets', () => {
  it('drives them by name, over all meshes, and lists what is missing', () => {
    const head = new TransformNode('root', scene);
    const skin = morphHead(['jawOpen', 'eyeBlink_L', 'mySmile']);
    const teeth = morphHead(['Teeth.jawOpen']);
    skin.parent = head;
    teeth.parent = head;
    const face = new ParleyFaceBehavior(model);
    head.addBehavior(face);
    face.setControls(frame({ jawOpen: 0.5, eyeBlinkLeft: 0.25, tongueUp: 1 }));
    scene.render();
    expect(influences(skin)).toEqual({ jawOpen: 0.5, eyeBlink_L: 0.25, mySmile: 0 });
    expect(influences(teeth)).toEqual({ 'Teeth.jawOpen': 0.5 });
    expect(face.missing).toContain('mouthClose');
    expect(face.missing).not.toContain('jawOpen');
    expect(face.missing).not.toContain('tongueUp');
    head.removeBehavior(face);
    expect(influences(skin).jawOpen).toBe(0);
    expect(
      scene.onBeforeRenderObservable.observers.filter((observer) => !observer._willBeUnregistered),
    ).toEqual([]);
  });

  it('turns a head without bones as a whole: down, to its own left, tilted to its own left', () => {
    const head = new TransformNode('root', scene);
    const mesh = morphHead(['jawOpen']);
    mesh.parent = head;
    const face = new ParleyFaceBehavior(model);
    head.addBehavior(face);
    const forward = (): number[] => {
      scene.render();
      return mesh.computeWorldMatrix(true).getRow(2)!.asArray();
    };
    face.setControls(frame({ headPitch: 0.3 }));
    expect(forward()[1]).toBeCloseTo(-Math.sin(0.3), 5);
    face.setControls(frame({ headYaw: 0.3 }));
    // In a left-handed scene the own left of a head that faces +z is -x.
    expect(forward()[0]).toBeCloseTo(-Math.sin(0.3), 5);
    head.removeBehavior(face);
    expect(mesh.parent).toBe(head);
  });

  it('refuses a head that speech cannot move, and says what to do', () => {
    const head = morphHead(['big', 'small']);
    const face = new ParleyFaceBehavior(model);
    expect(() => head.addBehavior(face)).toThrow(/only the morph targets big, small.*52 ARKit blendshapes/);
  });
});

describe('on bones', () => {
  it('adds the turn to whatever animation writes, without piling up', () => {
    const head = new TransformNode('root', scene);
    const neck = new TransformNode('neck_01', scene);
    const skull = new TransformNode('mixamorig:Head', scene);
    neck.parent = head;
    skull.parent = neck;
    // A bone whose own axes point elsewhere.
    neck.rotation.set(0.4, 1.2, -0.3);
    const mesh = morphHead(['jawOpen', 'eyeLookOutLeft']);
    mesh.parent = skull;
    scene.render();
    const rest = mesh.computeWorldMatrix(true).getRotationMatrix();
    const face = new ParleyFaceBehavior(model);
    head.addBehavior(face);
    face.setControls(frame({ headYaw: 0.2 }));
    for (let i = 0; i < 5; i++) scene.render();
    const turned = mesh.computeWorldMatrix(true).getRotationMatrix();
    // Whatever the bones' axes, the head turns by 0.2 about the vertical of the file.
    const difference = rest.clone().invert().multiply(turned);
    expect(difference.m[0]).toBeCloseTo(Math.cos(0.2), 3);
    expect(difference.m[8]).toBeCloseTo(Math.sin(0.2), 3);
    expect(difference.m[5]).toBeCloseTo(1, 3);
    face.setControls(frame({}));
    scene.render();
    const back = rest.clone().invert().multiply(mesh.computeWorldMatrix(true).getRotationMatrix());
    expect(back.m[0]).toBeCloseTo(1, 5);
  });
});

describe('on the template, loaded by the host', () => {
  it.each([
    { signX: 1, rightHanded: true },
    { signX: -1, rightHanded: false },
  ])('finds its vertices by place (x times $signX)', ({ signX, rightHanded }) => {
    scene.useRightHandedSystem = rightHanded;
    const { positions, indices } = template.surface;
    const mesh = new Mesh('head', scene);
    const data = new VertexData();
    data.positions = positions.map((value, i) => (i % 3 === 0 ? value * signX : value));
    data.indices = indices;
    data.normals = new Float32Array(positions.length).fill(0.577);
    data.applyToMesh(mesh);
    const face = new ParleyFaceBehavior(model, { path: 'cpu' });
    mesh.addBehavior(face);
    expect(face.missing).toEqual([]);
    face.setControls(frame({ mouthSmileLeft: 1 }));
    scene.render();
    const moved = mesh.getVerticesData(VertexBuffer.PositionKind)!;
    let left = 0;
    let right = 0;
    for (let i = 0; i < positions.length; i += 3) {
      const far = Math.hypot(moved[i] - data.positions[i], moved[i + 1] - data.positions[i + 1]);
      if (far < 0.003) continue;
      if (positions[i] > 0.01) left++;
      if (positions[i] < -0.01) right++;
    }
    expect(left).toBeGreaterThan(20);
    // Lips near the middle go along a little.
    expect(right).toBeLessThan(left / 10);
    mesh.removeBehavior(face);
    expect(mesh.getVerticesData(VertexBuffer.PositionKind)![30]).toBeCloseTo(data.positions[30], 6);
  });
});

describe('fed with codes', () => {
  const { heads, fps } = manifest.codec;
  let nowMs = 1000;
  /** Opens the jaw by the last frame's first code, in hundredths. */
  const decoder: FaceDecoder = {
    window: manifest.codec.window,
    heads,
    controls: manifest.controls.length,
    async decode(codes, batch) {
      const values = new Float32Array(batch * this.controls);
      const jaw = manifest.controls.findIndex(({ name }) => name === 'jawOpen');
      for (let b = 0; b < batch; b++) {
        values[b * this.controls + jaw] = codes[((b + 1) * this.window - 1) * heads] / 100;
      }
      return values;
    },
    async close() {},
  };

  it('plays them at the frame rate, one batch after the other', async () => {
    const mesh = morphHead(['jawOpen']);
    const face = new ParleyFaceBehavior(model, { decoder, timeMs: () => nowMs });
    mesh.addBehavior(face);
    const codes = (values: number[]): number[] => values.flatMap((value) => new Array(heads).fill(value));
    await face.playCodes(codes([10, 20, 30]));
    await face.playCodes(codes([40, 50]));
    const jaw = (frames: number): number => {
      nowMs = 1000 + (frames * 1000) / fps;
      scene.render();
      return influences(mesh).jawOpen;
    };
    expect(jaw(0)).toBeCloseTo(0.1, 5);
    expect(jaw(1.5)).toBeCloseTo(0.25, 5);
    expect(jaw(3)).toBeCloseTo(0.4, 5);
    expect(jaw(9)).toBeCloseTo(0.5, 5);
    face.setControls(frame({ jawOpen: 0.9 }));
    expect(jaw(10)).toBeCloseTo(0.9, 5);
  });

  it('needs a decoder for that', async () => {
    await expect(new ParleyFaceBehavior(model).playCodes([0])).rejects.toThrow(TypeError);
  });
});
