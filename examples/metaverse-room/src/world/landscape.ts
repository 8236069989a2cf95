import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Mesh } from '@babylonjs/core/Meshes/mesh';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData';
import type { Scene } from '@babylonjs/core/scene';
import { PALETTE } from './palette.ts';

const RINGS = [10, 18, 28, 42, 60, 82, 108, 140, 178, 225, 280] as const;
const SPOKES = 72;

/** Hills around the terrace, paler the farther they are. */
export function createLandscape(scene: Scene): Mesh {
  const positions: number[] = [];
  const colors: number[] = [];
  const indices: number[] = [];
  const color = new Color3();
  for (const [ring, radius] of RINGS.entries()) {
    const distance = ring / (RINGS.length - 1);
    for (let spoke = 0; spoke < SPOKES; spoke++) {
      const angle = (spoke / SPOKES) * 2 * Math.PI;
      const swell =
        Math.sin(angle * 3 + ring * 0.7) +
        0.7 * Math.sin(angle * 7 - ring * 1.9) +
        0.45 * Math.sin(angle * 13 + ring * 2.3);
      const rise = ring === 0 ? -3.6 : -3.6 - 1.2 * distance + 22 * distance ** 2.2 * (0.75 + 0.34 * swell);
      positions.push(Math.sin(angle) * radius, rise, Math.cos(angle) * radius);
      Color3.LerpToRef(PALETTE.hills, PALETTE.farHills, Math.min(1, distance * 1.15), color);
      const shade = 1 + 0.07 * Math.sin(angle * 17 + ring * 5);
      colors.push(color.r * shade, color.g * shade, color.b * shade, 1);
    }
  }
  for (let ring = 0; ring + 1 < RINGS.length; ring++) {
    for (let spoke = 0; spoke < SPOKES; spoke++) {
      const a = ring * SPOKES + spoke;
      const b = ring * SPOKES + ((spoke + 1) % SPOKES);
      indices.push(a, b, a + SPOKES, b, b + SPOKES, a + SPOKES);
    }
  }
  const normals: number[] = [];
  VertexData.ComputeNormals(positions, indices, normals);
  const mesh = new Mesh('landscape', scene);
  const data = new VertexData();
  data.positions = positions;
  data.normals = normals;
  data.colors = colors;
  data.indices = indices;
  data.applyToMesh(mesh);
  const material = new StandardMaterial('landscape', scene);
  material.specularColor = Color3.Black();
  mesh.material = material;
  mesh.isPickable = false;
  mesh.freezeWorldMatrix();
  return mesh;
}
