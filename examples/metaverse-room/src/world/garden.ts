import type { Color3 } from '@babylonjs/core/Maths/math.color';
import { Color3 as Color } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import type { Scene } from '@babylonjs/core/scene';
import type { Colliders } from './colliders.ts';
import { GeometryBatch } from './geometry-batch.ts';
import { LAYOUT } from './layout.ts';
import { createRandom, type HallMaterials } from './materials.ts';
import { PALETTE } from './palette.ts';

/** Trees, hedges, benches; what makes the terrace a place to stay. */
export function createGarden(scene: Scene, materials: HallMaterials, colliders: Colliders): Mesh[] {
  const foliage = new GeometryBatch();
  const stone = new GeometryBatch();
  const random = createRandom(23);
  for (const side of [-1, 1]) {
    addOlive(foliage, stone, colliders, side * 9.4, -9.0, random);
    addOlive(foliage, stone, colliders, side * 9.6, 5.6, random);
    addHedge(foliage, stone, colliders, side * 4.7, -9.9, 2.6, random);
  }
  addBench(foliage, stone, colliders, -4.0, -5.6, -Math.PI / 2 + Math.PI);
  addBench(foliage, stone, colliders, 4.2, -3.6, -Math.PI / 2);
  addBench(foliage, stone, colliders, -8.9, 0.4, Math.PI / 2);
  // Cypresses stand outside, below the terrace and behind the wall.
  for (let i = 0; i < 9; i++) {
    const angle = -1.5 + (i / 8) * 3;
    const radius = 12.4 + random() * 2.2;
    addCypress(
      foliage,
      Math.sin(angle) * radius,
      LAYOUT.exedra.z + Math.cos(angle) * radius,
      7.4 + random() * 2.6,
      random,
    );
  }
  for (const side of [-1, 1]) {
    for (let i = 0; i < 3; i++)
      addCypress(
        foliage,
        side * (13.6 + random()),
        -9.5 + i * 5.2 + random() * 2,
        5.6 + random() * 2,
        random,
      );
  }
  return [
    foliage.build('garden-foliage', scene, materials.foliage),
    stone.build('garden-stone', scene, materials.stone),
  ];
}

function vary(color: Color3, random: () => number): Color3 {
  const factor = 0.86 + random() * 0.28;
  return new Color(color.r * factor, color.g * factor, color.b * factor);
}

function addCypress(
  foliage: GeometryBatch,
  x: number,
  z: number,
  height: number,
  random: () => number,
): void {
  foliage.cylinder(0.32, 0.2, 3, { x, y: -3.6, z }, PALETTE.trunk, 6);
  const radius = 0.75 + random() * 0.25;
  foliage.blob(
    radius,
    height / 2,
    radius,
    0.09,
    random() * 40,
    { x, y: height / 2 - 2.2, z },
    vary(PALETTE.cypress, random),
    3,
  );
}

function addOlive(
  foliage: GeometryBatch,
  stone: GeometryBatch,
  colliders: Colliders,
  x: number,
  z: number,
  random: () => number,
): void {
  stone.lathe(
    [
      [0, 0],
      [0.52, 0],
      [0.72, 0.5],
      [0.78, 0.56],
      [0.78, 0.66],
      [0.66, 0.66],
      [0.62, 0.58],
      [0, 0.58],
    ],
    { x, y: 0, z },
    PALETTE.terracotta,
    20,
  );
  const top = new Vector3(x + 0.12, 1.75, z - 0.08);
  foliage.rod(new Vector3(x, 0.5, z), top, 0.22, PALETTE.trunk, 0.14);
  for (const [dx, dy, dz, size] of [
    [0, 0.45, 0, 0.85],
    [0.6, 0.15, 0.25, 0.6],
    [-0.55, 0.22, -0.2, 0.66],
    [0.1, 0.12, -0.6, 0.56],
    [-0.15, 0.1, 0.6, 0.52],
  ]) {
    foliage.rod(top, new Vector3(top.x + dx * 0.7, top.y + dy, top.z + dz * 0.7), 0.11, PALETTE.trunk, 0.05);
    foliage.blob(
      size,
      size * 0.72,
      size,
      0.16,
      random() * 40,
      { x: top.x + dx, y: top.y + dy + 0.25, z: top.z + dz },
      vary(PALETTE.leaf, random),
      3,
    );
  }
  colliders.addCircle(x, z, 0.72, 0.7);
}

function addHedge(
  foliage: GeometryBatch,
  stone: GeometryBatch,
  colliders: Colliders,
  x: number,
  z: number,
  length: number,
  random: () => number,
): void {
  stone.box(length, 0.42, 0.8, { x, y: 0, z }, PALETTE.sandstone);
  for (let i = 0; i < 6; i++) {
    const at = x - length / 2 + 0.28 + (i / 5) * (length - 0.56);
    foliage.blob(0.34, 0.36, 0.34, 0.12, random() * 40, { x: at, y: 0.62, z }, vary(PALETTE.leaf, random), 2);
    if (i % 2 === 0) foliage.sphere(0.09, { x: at + 0.12, y: 0.95, z: z + 0.16 }, PALETTE.sunGlow, 3);
  }
  colliders.addBox(x, z, length, 0.8, 0.9);
}

/** @param yaw Where the sitter would look, from +z towards +x. */
function addBench(
  foliage: GeometryBatch,
  stone: GeometryBatch,
  colliders: Colliders,
  x: number,
  z: number,
  yaw: number,
): void {
  const [sin, cos] = [Math.sin(yaw), Math.cos(yaw)];
  for (const end of [-0.72, 0.72])
    stone.box(0.16, 0.42, 0.46, { x: x + cos * end, y: 0, z: z - sin * end, yaw }, PALETTE.limestone);
  for (const slat of [-0.17, 0, 0.17])
    foliage.box(1.8, 0.05, 0.14, { x: x + sin * slat, y: 0.42, z: z + cos * slat, yaw }, PALETTE.wood);
  const alongX = Math.abs(cos) > 0.5;
  colliders.addBox(x, z, alongX ? 1.8 : 0.5, alongX ? 0.5 : 1.8, 0.5);
}
