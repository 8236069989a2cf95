import { Material } from '@babylonjs/core/Materials/material.js';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial.js';
import { Color3 } from '@babylonjs/core/Maths/math.color.js';
import { Matrix, Quaternion } from '@babylonjs/core/Maths/math.vector.js';
import { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData.js';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { type HeadMesh, headDrawable } from '@parley/sdk/bind';
import type { FacePoint } from './face-points.ts';

/** A head of plain clay in its file's own frame, below a node that stands it upright at a handy size. */
export interface BareHead {
  readonly mesh: Mesh;
  /** Its children are in the head's own frame. */
  readonly frame: TransformNode;
  /** Sets the node by where the points say that eyes and chin are. */
  stand(points: readonly FacePoint[]): void;
}

/** Shows what there is to set points on. */
export function showBareHead(scene: Scene, head: HeadMesh): BareHead {
  const frame = new TransformNode('frame', scene);
  const { positions, triangles, normals } = headDrawable(head);
  const mesh = new Mesh('bare', scene);
  const data = new VertexData();
  Object.assign(data, { positions, indices: triangles, normals });
  data.applyToMesh(mesh);
  mesh.sideOrientation = Material.CounterClockWiseSideOrientation;
  const clay = new StandardMaterial('clay', scene);
  clay.diffuseColor = new Color3(0.8, 0.62, 0.52);
  clay.specularColor = new Color3(0.05, 0.05, 0.05);
  clay.backFaceCulling = false;
  clay.twoSidedLighting = true;
  mesh.material = clay;
  mesh.parent = frame;
  return {
    mesh,
    frame,
    stand(points) {
      const at = (name: string) => points.find((point) => point.name === name)?.position ?? [0, 0, 0];
      const middle = (a: readonly number[], b: readonly number[]) => a.map((value, i) => (value + b[i]!) / 2);
      const eyes = middle(at('leftEyeOuter'), at('rightEyeOuter'));
      const left = unit(minus(at('leftEyeOuter'), at('rightEyeOuter')));
      const rise = minus(eyes, at('chin'));
      const along = rise.reduce((sum, value, i) => sum + value * left[i]!, 0);
      const up = unit(rise.map((value, i) => value - along * left[i]!));
      const front = cross(left, up);
      const scale = 0.11 / (Math.hypot(...rise) || 1);
      // Rows of the head's own axes, in a space with +y up and +z out of the face.
      const turn = Matrix.FromValues(
        ...([
          left[0],
          up[0],
          front[0],
          0,
          left[1],
          up[1],
          front[1],
          0,
          left[2],
          up[2],
          front[2],
          0,
          0,
          0,
          0,
          1,
        ] as Parameters<typeof Matrix.FromValues>),
      );
      frame.rotationQuaternion = Quaternion.FromRotationMatrix(turn);
      frame.scaling.setAll(scale);
      const centre = middle(eyes, at('chin'));
      const axes = [left, up, front];
      frame.position.fromArray(
        axes.map((axis) => -scale * axis.reduce((sum, value, i) => sum + value * centre[i]!, 0)),
      );
    },
  };
}

function minus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - b[i]!);
}

function unit(v: readonly number[]): number[] {
  const length = Math.hypot(...v) || 1;
  return v.map((value) => value / length);
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [0, 1, 2].map((i) => a[(i + 1) % 3]! * b[(i + 2) % 3]! - a[(i + 2) % 3]! * b[(i + 1) % 3]!);
}
