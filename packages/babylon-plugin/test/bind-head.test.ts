import { Bone } from '@babylonjs/core/Bones/bone.js';
import { Skeleton } from '@babylonjs/core/Bones/skeleton.js';
import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import { Matrix, Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import {
  addPackedField,
  bindHead as bindInSdk,
  type HeadRig,
  splitPositions,
  writeRigFile,
} from '@parley/sdk/bind';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { realTemplate } from '../../sdk/test/bind/real-template.ts';
import { makeStranger, type Stranger } from '../../sdk/test/bind/strangers.ts';
import { bindHead } from '../src/bind/bind-head.ts';
import { readHead } from '../src/head/load-head.ts';
import { exportedModel } from './support/exported-model.ts';
import { nullScene } from './support/null-scene.ts';
import { toObj } from './support/to-obj.ts';

const model = exportedModel();
let stranger: Stranger;
let rig: HeadRig;
let scene: Scene;

beforeAll(async () => {
  stranger = makeStranger(realTemplate(), { seed: 3, sealed: true });
  rig = await bindInSdk(stranger.mesh, stranger.face, { template: realTemplate() });
}, 120_000);
afterEach(() => scene.getEngine().dispose());

function frame(values: Record<string, number>): Float32Array {
  return Float32Array.from(model.manifest.controls, ({ name }) => values[name] ?? 0);
}

/** Positions in the scene. */
function placed(mesh: AbstractMesh): Vector3[] {
  const positions = mesh.getVerticesData(VertexBuffer.PositionKind)!;
  const world = mesh.computeWorldMatrix(true);
  return Array.from({ length: positions.length / 3 }, (_, v) =>
    Vector3.TransformCoordinates(Vector3.FromArray(positions, v * 3), world),
  );
}

/** The parts as a loader of the host would make them: in a left-handed scene mirrored by a node above. */
function hostMeshes(): { root: TransformNode; meshes: Mesh[] } {
  const root = new TransformNode('stranger', scene);
  const loader = new TransformNode('loader', scene);
  loader.parent = root;
  if (!scene.useRightHandedSystem) loader.scaling.x = -1;
  const meshes = stranger.mesh.parts.map((part) => {
    const mesh = new Mesh(part.name, scene);
    const data = new VertexData();
    data.positions = part.positions.slice();
    data.indices = part.indices.slice();
    data.applyToMesh(mesh);
    mesh.parent = loader;
    return mesh;
  });
  root.position.set(3, 1, -2);
  root.rotation.y = 0.7;
  root.scaling.setAll(2);
  return { root, meshes };
}

describe.each([
  { handedness: 'left-handed', rightHanded: false },
  { handedness: 'right-handed', rightHanded: true },
])('a bound head in a $handedness scene', ({ rightHanded }) => {
  it("moves every vertex of the host's meshes as the rig says, cut lips and added mouth too", async () => {
    scene = nullScene({ rightHanded });
    const { root, meshes } = hostMeshes();
    const head = await bindHead(root, model, { rig, path: 'cpu' });
    expect(head.kind).toBe('bound');
    expect(rig.parts[0].splits).not.toBeNull();
    const values = { jawOpen: 0.8, mouthSmileLeft: 0.6, eyeBlinkRight: 1 };
    head.rig.apply(frame(values));
    const toScene = Matrix.Scaling(rightHanded ? 1 : -1, 1, 1).multiply(root.computeWorldMatrix(true));
    const parts = [
      ...rig.parts.map((part, p) => ({
        mesh: meshes[p],
        rest: splitPositions(stranger.mesh.parts[p].positions, part.splits),
        fields: part.fields,
      })),
    ];
    for (const { mesh, rest, fields } of parts) {
      expect(mesh.getTotalVertices()).toBe(rest.length / 3);
      const moved = rest.slice();
      for (const [name, weight] of Object.entries(values))
        addPackedField(fields[rig.controls.indexOf(name)], weight, moved);
      const seen = placed(mesh);
      let worst = 0;
      seen.forEach((point, v) => {
        const expected = Vector3.TransformCoordinates(Vector3.FromArray(moved, v * 3), toScene);
        worst = Math.max(worst, Vector3.Distance(point, expected));
      });
      expect(worst / stranger.scale / 2, mesh.name).toBeLessThan(0.00005);
    }
    expect(Array.from(meshes[0].getIndices()!)).toEqual(Array.from(rig.parts[0].indices!));
    head.dispose();
    expect(meshes[0].getTotalVertices()).toBe(stranger.mesh.parts[0].positions.length / 3);
    expect(Array.from(meshes[0].getIndices()!)).toEqual(Array.from(stranger.mesh.parts[0].indices));
    expect(scene.meshes.length).toBe(meshes.length);
  });

  it('comes from an .obj upright, ahead, in metres, and opens its mouth downwards', async () => {
    scene = nullScene({ rightHanded });
    const head = await readHead(scene, toObj(stranger.mesh), 'stranger.obj', '', model, {
      rig: writeRigFile(rig, 'a'.repeat(64)),
      path: 'cpu',
    });
    expect(head.kind).toBe('bound');
    const skin = head.meshes[0];
    const added = head.meshes.find(({ name }) => name === 'parley-mouth')!;
    head.rig.apply(frame({}));
    const rest = placed(skin);
    const high = Math.max(...rest.map(({ y }) => y)) - Math.min(...rest.map(({ y }) => y));
    expect(high).toBeGreaterThan(0.2);
    expect(high).toBeLessThan(0.45);
    const eyes = head.faceNode.getAbsolutePosition();
    const nose = rest.reduce((best, each) => (each.z > best.z ? each : best));
    expect(Math.hypot(nose.x - eyes.x, nose.y - eyes.y)).toBeLessThan(0.09);
    // The mouth lies below the eyes and behind the tip of the nose.
    const inside = placed(added);
    for (const point of inside) {
      expect(point.z).toBeLessThan(nose.z);
      expect(point.y).toBeLessThan(eyes.y);
    }
    head.rig.apply(frame({ jawOpen: 1 }));
    const drop = placed(skin).map(({ y }, v) => rest[v].y - y);
    expect(Math.max(...drop)).toBeGreaterThan(0.02);
    expect(Math.min(...drop)).toBeGreaterThan(-0.005);
    // To its own left, which is -x in a left-handed scene.
    head.rig.apply(frame({ headYaw: 0.3 }));
    const turned = placed(skin);
    const tip = rest.indexOf(nose);
    expect((turned[tip].x - nose.x) * (rightHanded ? 1 : -1)).toBeGreaterThan(0.01);
    expect(
      skin.computeWorldMatrix(true).determinant() * added.computeWorldMatrix(true).determinant(),
    ).toBeGreaterThan(0);
    head.dispose();
    expect(scene.meshes.length + scene.transformNodes.length + scene.materials.length).toBe(0);
  });
});

describe('a head on a skeleton', () => {
  it('is turned by its bone, and its mouth goes with the bone', async () => {
    scene = nullScene();
    const { root, meshes } = hostMeshes();
    const node = new TransformNode('Head', scene);
    node.parent = meshes[0].parent;
    const skeleton = new Skeleton('skeleton', 'skeleton', scene);
    new Bone('Head', skeleton, null, Matrix.Identity()).linkTransformNode(node);
    for (const mesh of meshes) {
      const vertices = mesh.getTotalVertices();
      mesh.setVerticesData(VertexBuffer.MatricesIndicesKind, new Float32Array(vertices * 4), false, 4);
      const weights = Float32Array.from({ length: vertices * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
      mesh.setVerticesData(VertexBuffer.MatricesWeightsKind, weights, false, 4);
      mesh.skeleton = skeleton;
    }
    const head = await bindHead(root, model, { rig, path: 'cpu' });
    head.rig.apply(frame({ jawOpen: 1 }));
    const open = Float32Array.from(meshes[0].getVerticesData(VertexBuffer.PositionKind)!);
    const expected = splitPositions(stranger.mesh.parts[0].positions, rig.parts[0].splits);
    addPackedField(rig.parts[0].fields[rig.controls.indexOf('jawOpen')], 1, expected);
    let worst = 0;
    open.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - expected[i]) / stranger.scale);
    });
    expect(worst).toBeLessThan(0.00005);
    // The cut's vertices hang on a bone, too.
    const weights = meshes[0].getVerticesData(VertexBuffer.MatricesWeightsKind)!;
    expect(weights.length).toBe(rig.parts[0].vertices * 4);
    expect(weights.every((weight, i) => weight === (i % 4 === 0 ? 1 : 0))).toBe(true);
    head.rig.apply(frame({ jawOpen: 1, headYaw: 0.3 }));
    expect(Array.from(meshes[0].getVerticesData(VertexBuffer.PositionKind)!)).toEqual(Array.from(open));
    expect(2 * Math.acos(Math.abs(node.rotationQuaternion!.w))).toBeCloseTo(0.3, 3);
    const added = head.meshes.find(({ name }) => name === 'parley-mouth')!;
    expect(node.getDescendants(false)).toContain(added);
    head.dispose();
    expect(node.rotationQuaternion!.w).toBeCloseTo(1, 5);
  });
});

describe('a head on bones without nodes', () => {
  it('has its mouth go with the bone', async () => {
    scene = nullScene();
    const { root, meshes } = hostMeshes();
    const skeleton = new Skeleton('skeleton', 'skeleton', scene);
    const bone = new Bone('Head', skeleton, null, Matrix.Identity());
    for (const mesh of meshes) {
      const vertices = mesh.getTotalVertices();
      mesh.setVerticesData(VertexBuffer.MatricesIndicesKind, new Float32Array(vertices * 4), false, 4);
      const weights = Float32Array.from({ length: vertices * 4 }, (_, i) => (i % 4 === 0 ? 1 : 0));
      mesh.setVerticesData(VertexBuffer.MatricesWeightsKind, weights, false, 4);
      mesh.skeleton = skeleton;
    }
    const head = await bindHead(root, model, { rig, path: 'cpu' });
    const added = head.meshes.find(({ name }) => name === 'parley-mouth')!;
    const size = 0.1 * stranger.scale;
    const before = placed(added);
    // where the root alone would have it
    const local = rig.added[0].positions;
    const own = Vector3.TransformCoordinates(
      new Vector3(-local[0], local[1], local[2]),
      root.computeWorldMatrix(true),
    );
    expect(Math.min(...before.map((p) => p.subtract(own).length()))).toBeLessThan(0.002 * size);
    bone.setPosition(new Vector3(0, size, 0));
    skeleton.prepare(true);
    const after = placed(added);
    const up = Vector3.TransformNormal(new Vector3(0, size, 0), meshes[0].computeWorldMatrix(true));
    for (let v = 0; v < after.length; v += 50)
      expect(after[v].subtract(before[v]).subtract(up).length()).toBeLessThan(0.01 * size);
    head.dispose();
    expect(scene.transformNodes.filter(({ name }) => name.endsWith('.frame'))).toEqual([]);
  });
});

describe('a rig that does not fit', () => {
  it('is refused', async () => {
    scene = nullScene();
    const { root, meshes } = hostMeshes();
    meshes.pop()!.dispose();
    await expect(bindHead(root, model, { rig })).rejects.toMatchObject({ code: 'rig-of-another-head' });
  });

  it('no rig outside a browser', async () => {
    scene = nullScene();
    const { root } = hostMeshes();
    await expect(bindHead(root, model)).rejects.toMatchObject({ code: 'binding-failed' });
  });
});
