import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import type { BaseTexture } from '@babylonjs/core/Materials/Textures/baseTexture';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import { CreateGround } from '@babylonjs/core/Meshes/Builders/groundBuilder';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode';
import type { Scene } from '@babylonjs/core/scene';
import type { Colliders } from './colliders.ts';
import { GeometryBatch } from './geometry-batch.ts';
import { LAYOUT } from './layout.ts';
import type { HallMaterials } from './materials.ts';
import { PALETTE } from './palette.ts';
import { createRingSector } from './ring-sector.ts';

/** What the museum shows; `tick` turns the orrery. */
export interface Exhibits {
  readonly meshes: Mesh[];
  /** Bodies of the orrery: they cast no shadow of their own, so that the shadow map can rest. */
  readonly moving: Mesh[];
  tick(seconds: number): void;
}

const PLANETS = [
  { orbit: 0.62, diameter: 0.13, color: Color3.FromHexString('#b9a48c'), periodSeconds: 9 },
  { orbit: 0.95, diameter: 0.2, color: Color3.FromHexString('#d9b878'), periodSeconds: 16 },
  { orbit: 1.3, diameter: 0.21, color: Color3.FromHexString('#5d8fc4'), periodSeconds: 25 },
  { orbit: 1.65, diameter: 0.16, color: Color3.FromHexString('#b8603f'), periodSeconds: 40 },
  { orbit: 2.1, diameter: 0.38, color: Color3.FromHexString('#cfa27b'), periodSeconds: 75 },
] as const;

export function createExhibits(
  scene: Scene,
  materials: HallMaterials,
  colliders: Colliders,
  environment: BaseTexture,
): Exhibits {
  const stone = new GeometryBatch();
  const metal = new GeometryBatch();
  const glow = new GeometryBatch();
  addTelescope(stone, metal, colliders);
  addMoonRock(stone, metal, colliders);
  addPlinth(stone, metal, colliders);
  const water = addPool(scene, stone, colliders, environment);
  const orrery = addOrrery(scene, materials, stone, metal, glow, colliders);
  return {
    meshes: [
      stone.build('exhibit-stone', scene, materials.stone),
      metal.build('exhibit-metal', scene, materials.metal),
      glow.build('exhibit-glow', scene, materials.glow),
      water,
    ],
    moving: orrery.meshes,
    tick: orrery.tick,
  };
}

function addPlinth(stone: GeometryBatch, metal: GeometryBatch, colliders: Colliders): void {
  const { x, z, plinthHeight } = LAYOUT.orson;
  const yaw = Math.atan2(-x, LAYOUT.mira.z - 2.5 - z);
  stone.box(0.86, 0.16, 0.86, { x, y: 0, z, yaw }, PALETTE.limestone);
  stone.box(0.74, 0.08, 0.74, { x, y: 0.16, z, yaw }, PALETTE.sandstone);
  stone.box(0.62, plinthHeight - 0.36, 0.62, { x, y: 0.24, z, yaw }, PALETTE.slate);
  stone.box(0.72, 0.06, 0.72, { x, y: plinthHeight - 0.12, z, yaw }, PALETTE.sandstone);
  stone.box(0.78, 0.06, 0.78, { x, y: plinthHeight - 0.06, z, yaw }, PALETTE.limestone);
  const plaque = 0.318;
  metal.box(
    0.34,
    0.14,
    0.02,
    { x: x + Math.sin(yaw) * plaque, y: 0.62, z: z + Math.cos(yaw) * plaque, yaw },
    PALETTE.brass,
  );
  // A screen of stone behind him, so that his outline reads from afar.
  const back = { innerRadius: 1.5, outerRadius: 1.66, bottom: 0, steps: 14 };
  stone.add(
    createRingSector({ ...back, top: 2.5, fromAngle: yaw + Math.PI - 0.95, toAngle: yaw + Math.PI + 0.95 }),
    { x, y: 0, z },
    PALETTE.plaster,
  );
  stone.add(
    createRingSector({
      ...back,
      innerRadius: 1.44,
      outerRadius: 1.72,
      bottom: 2.5,
      top: 2.62,
      fromAngle: yaw + Math.PI - 0.99,
      toAngle: yaw + Math.PI + 0.99,
    }),
    { x, y: 0, z },
    PALETTE.limestone,
  );
  for (let angle = -0.9; angle <= 0.91; angle += 0.15) {
    colliders.addCircle(x - Math.sin(yaw + angle) * 1.58, z - Math.cos(yaw + angle) * 1.58, 0.16, 2.6);
  }
  colliders.addCircle(x, z, 0.5, plinthHeight);
}

function addTelescope(stone: GeometryBatch, metal: GeometryBatch, colliders: Colliders): void {
  const { x, z } = LAYOUT.telescope;
  for (const [radius, bottom, top] of [
    [1.35, 0, 0.12],
    [1.05, 0.12, 0.24],
  ]) {
    stone.add(
      createRingSector({
        innerRadius: 0,
        outerRadius: radius,
        bottom,
        top,
        fromAngle: 0,
        toAngle: 2 * Math.PI,
        steps: 36,
      }),
      { x, y: 0, z },
      PALETTE.sandstone,
    );
  }
  const pivot = new Vector3(x, 1.62, z);
  metal.cylinder(0.5, 0.22, 1.2, { x, y: 0.24, z }, PALETTE.slate, 12);
  metal.cylinder(0.26, 0.26, 0.3, { x, y: 1.4, z }, PALETTE.brass, 14);
  const aim = new Vector3(0.35, 0.62, 0.7).normalize();
  const along = (distance: number): Vector3 => pivot.add(aim.scale(distance));
  metal.rod(along(-0.9), along(1.25), 0.3, PALETTE.brass, 0.36);
  metal.rod(along(1.25), along(1.62), 0.42, PALETTE.slate);
  metal.rod(along(-1.2), along(-0.9), 0.2, PALETTE.slate);
  metal.rod(along(-1.42), along(-1.2), 0.1, PALETTE.brass);
  for (const band of [-0.5, 0.25, 1.0]) metal.rod(along(band), along(band + 0.06), 0.385, PALETTE.slate);
  const across = Vector3.Cross(aim, Vector3.Up()).normalize();
  metal.rod(pivot.subtract(across.scale(0.25)), pivot.add(across.scale(0.75)), 0.12, PALETTE.slate);
  metal.rod(pivot.add(across.scale(0.62)), pivot.add(across.scale(0.82)), 0.4, PALETTE.slate);
  colliders.addCircle(x, z, 1.1, 0.3);
  colliders.addCircle(x, z, 0.4, 1.9);
}

function addMoonRock(stone: GeometryBatch, metal: GeometryBatch, colliders: Colliders): void {
  const { x, z } = LAYOUT.moonRock;
  stone.cylinder(1.0, 1.0, 0.1, { x, y: 0, z }, PALETTE.limestone, 8);
  stone.cylinder(0.62, 0.54, 0.82, { x, y: 0.1, z }, PALETTE.slate, 8);
  stone.cylinder(0.78, 0.78, 0.07, { x, y: 0.92, z }, PALETTE.limestone, 8);
  for (let leg = 0; leg < 3; leg++) {
    const angle = (leg * 2 * Math.PI) / 3 + 0.4;
    metal.rod(
      new Vector3(x + Math.sin(angle) * 0.26, 0.99, z + Math.cos(angle) * 0.26),
      new Vector3(x + Math.sin(angle) * 0.12, 1.14, z + Math.cos(angle) * 0.12),
      0.035,
      PALETTE.brass,
    );
  }
  stone.blob(0.36, 0.27, 0.3, 0.17, 11, { x, y: 1.34, z }, PALETTE.moon, 4);
  colliders.addCircle(x, z, 0.5, 1.6);
}

function addPool(scene: Scene, stone: GeometryBatch, colliders: Colliders, environment: BaseTexture): Mesh {
  const { x, z, width, depth } = LAYOUT.pool;
  const rim = 0.4;
  for (const side of [-1, 1]) {
    stone.box(width + 2 * rim, 0.36, rim, { x, y: 0, z: z + (side * (depth + rim)) / 2 }, PALETTE.limestone);
    stone.box(rim, 0.36, depth, { x: x + (side * (width + rim)) / 2, y: 0, z }, PALETTE.limestone);
  }
  stone.cylinder(0.5, 0.36, 0.5, { x, y: 0, z }, PALETTE.sandstone, 12);
  stone.lathe(
    [
      [0.12, 0.5],
      [0.7, 0.78],
      [0.74, 0.84],
      [0.62, 0.82],
      [0, 0.72],
    ],
    { x, y: 0, z },
    PALETTE.limestone,
    24,
  );
  const water = CreateGround('water', { width, height: depth }, scene);
  water.position.set(x, 0.27, z);
  water.isPickable = false;
  water.freezeWorldMatrix();
  const material = new StandardMaterial('water', scene);
  material.diffuseColor = PALETTE.water;
  material.specularColor = new Color3(0.8, 0.7, 0.55);
  material.specularPower = 180;
  const reflection = environment.clone();
  if (reflection) reflection.level = 0.3;
  material.reflectionTexture = reflection;
  material.alpha = 0.96;
  water.material = material;
  colliders.addBox(x, z, width + 2 * rim, depth + 2 * rim, 0.4);
  return water;
}

function addOrrery(
  scene: Scene,
  materials: HallMaterials,
  stone: GeometryBatch,
  metal: GeometryBatch,
  glow: GeometryBatch,
  colliders: Colliders,
): { meshes: Mesh[]; tick(seconds: number): void } {
  const { x, z } = LAYOUT.orrery;
  const sunY = 2.55;
  stone.add(
    createRingSector({
      innerRadius: 0,
      outerRadius: 1.3,
      bottom: 0,
      top: 0.16,
      fromAngle: 0,
      toAngle: 2 * Math.PI,
      steps: 40,
    }),
    { x, y: 0, z },
    PALETTE.limestone,
  );
  stone.add(
    createRingSector({
      innerRadius: 0,
      outerRadius: 1.0,
      bottom: 0.16,
      top: 0.32,
      fromAngle: 0,
      toAngle: 2 * Math.PI,
      steps: 40,
    }),
    { x, y: 0, z },
    PALETTE.sandstone,
  );
  metal.lathe(
    [
      [0.5, 0.32],
      [0.3, 0.42],
      [0.12, 0.8],
      [0.1, 1.5],
      [0.16, 1.56],
      [0.08, 1.64],
      [0.06, sunY - 0.2],
    ],
    { x, y: 0, z },
    PALETTE.brass,
    20,
  );
  metal.torus(2 * PLANETS[2].orbit, 0.025, { x, y: sunY - 0.13, z }, PALETTE.brass, 56);
  metal.torus(2 * PLANETS[4].orbit + 0.5, 0.04, { x, y: sunY, z, pitch: 0.41 }, PALETTE.brass, 64);
  glow.sphere(0.46, { x, y: sunY, z }, PALETTE.trail, 14);
  colliders.addCircle(x, z, 1.3, 0.4);

  const arms: TransformNode[] = [];
  const meshes: Mesh[] = [];
  for (const [index, planet] of PLANETS.entries()) {
    const arm = new TransformNode(`orrery-arm-${index}`, scene);
    arm.position.set(x, sunY, z);
    const drop = -0.13 - 0.05 * index;
    const batch = new GeometryBatch();
    batch.rod(new Vector3(0, drop, 0), new Vector3(planet.orbit, drop, 0), 0.022, PALETTE.brass);
    batch.rod(new Vector3(planet.orbit, drop, 0), new Vector3(planet.orbit, 0, 0), 0.018, PALETTE.brass);
    batch.sphere(planet.diameter, { x: planet.orbit, y: 0, z: 0 }, planet.color, 8);
    if (index === 4)
      batch.torus(0.62, 0.03, { x: planet.orbit, y: 0, z: 0, pitch: 0.35 }, PALETTE.limestone, 28);
    const mesh = batch.build(`orrery-planet-${index}`, scene, materials.metal);
    mesh.unfreezeWorldMatrix();
    mesh.parent = arm;
    mesh.alwaysSelectAsActiveMesh = true;
    arms.push(arm);
    meshes.push(mesh);
  }
  return {
    meshes,
    tick: (seconds) => {
      for (let i = 0; i < arms.length; i++)
        arms[i].rotation.y = 1.3 * i - (2 * Math.PI * seconds) / PLANETS[i].periodSeconds;
    },
  };
}
