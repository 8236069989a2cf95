import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import type { Scene } from '@babylonjs/core/scene';
import type { Colliders } from './colliders.ts';
import { CONSTELLATIONS } from './constellations.ts';
import { GeometryBatch } from './geometry-batch.ts';
import { LAYOUT } from './layout.ts';
import type { HallMaterials } from './materials.ts';
import { PALETTE } from './palette.ts';
import { createRingSector } from './ring-sector.ts';

const SPREAD = 1.75;

/** The half-circle of columns with its wall of star charts, the gate, the balustrades and the terrace's foot. */
export function createHall(scene: Scene, materials: HallMaterials, colliders: Colliders): Mesh[] {
  const stone = new GeometryBatch();
  const metal = new GeometryBatch();
  const glow = new GeometryBatch();
  addExedra(stone, metal, glow, colliders);
  addBalustrades(stone, colliders);
  addGate(stone, glow, colliders);
  addFoot(stone);
  return [
    stone.build('hall-stone', scene, materials.stone),
    metal.build('hall-metal', scene, materials.metal),
    glow.build('hall-glow', scene, materials.glow),
  ];
}

function addExedra(
  stone: GeometryBatch,
  metal: GeometryBatch,
  glow: GeometryBatch,
  colliders: Colliders,
): void {
  const { x, z, columnRadius, wallRadius, height, columns } = LAYOUT.exedra;
  const at = { x, y: 0, z };
  const arc = { fromAngle: -SPREAD, toAngle: SPREAD, steps: 40 };
  stone.add(
    createRingSector({
      innerRadius: wallRadius,
      outerRadius: wallRadius + 0.5,
      bottom: 0,
      top: height,
      ...arc,
    }),
    at,
    PALETTE.plaster,
  );
  stone.add(
    createRingSector({
      innerRadius: wallRadius - 0.12,
      outerRadius: wallRadius,
      bottom: 0,
      top: 0.55,
      ...arc,
    }),
    at,
    PALETTE.sandstone,
  );
  const entablature = [
    [columnRadius - 0.42, wallRadius + 0.6, 0, 0.32, PALETTE.limestone],
    [columnRadius - 0.5, wallRadius + 0.68, 0.32, 0.44, PALETTE.sandstone],
    [columnRadius - 0.38, wallRadius + 0.56, 0.44, 0.78, PALETTE.limestone],
    [columnRadius - 0.58, wallRadius + 0.76, 0.78, 0.92, PALETTE.limestone],
  ] as const;
  for (const [innerRadius, outerRadius, bottom, top, color] of entablature) {
    stone.add(
      createRingSector({
        innerRadius,
        outerRadius,
        bottom: height + bottom,
        top: height + top,
        ...arc,
        fromAngle: -SPREAD - 0.05,
        toAngle: SPREAD + 0.05,
      }),
      at,
      color,
    );
  }
  for (let i = 0; i < columns; i++) {
    const angle = -SPREAD + 0.03 + ((2 * SPREAD - 0.06) * i) / (columns - 1);
    const cx = x + Math.sin(angle) * columnRadius;
    const cz = z + Math.cos(angle) * columnRadius;
    addColumn(stone, cx, cz, height);
    colliders.addCircle(cx, cz, 0.36, height);
    if (i + 1 === columns) break;
    const middle = angle + (SPREAD - 0.03) / (columns - 1);
    addLantern(
      metal,
      glow,
      x + Math.sin(middle) * (columnRadius + 0.3),
      z + Math.cos(middle) * (columnRadius + 0.3),
      height,
    );
    addStarChart(stone, metal, glow, middle, i);
  }
  // The wall as a chain of overlapping circles.
  for (let angle = -SPREAD; angle <= SPREAD; angle += 0.06) {
    colliders.addCircle(
      x + Math.sin(angle) * (wallRadius + 0.3),
      z + Math.cos(angle) * (wallRadius + 0.3),
      0.42,
      height,
    );
  }
}

function addColumn(stone: GeometryBatch, x: number, z: number, height: number): void {
  const at = { x, y: 0, z };
  stone.box(0.78, 0.14, 0.78, at, PALETTE.sandstone);
  stone.lathe(
    [
      [0.37, 0.14],
      [0.37, 0.22],
      [0.31, 0.28],
      [0.29, 0.34],
      [0.285, height * 0.5],
      [0.245, height - 0.42],
      [0.28, height - 0.38],
      [0.25, height - 0.34],
      [0.36, height - 0.16],
    ],
    at,
    PALETTE.limestone,
    18,
  );
  stone.box(0.8, 0.16, 0.8, { x, y: height - 0.16, z }, PALETTE.sandstone);
}

function addLantern(metal: GeometryBatch, glow: GeometryBatch, x: number, z: number, height: number): void {
  metal.rod(new Vector3(x, height, z), new Vector3(x, height - 0.7, z), 0.025, PALETTE.brass);
  metal.cylinder(0.1, 0.26, 0.08, { x, y: height - 0.78, z }, PALETTE.brass, 10);
  glow.sphere(0.24, { x, y: height - 0.92, z }, PALETTE.trail, 8);
}

/** A slate panel between two columns, with a constellation in brass and light. */
function addStarChart(
  stone: GeometryBatch,
  metal: GeometryBatch,
  glow: GeometryBatch,
  angle: number,
  index: number,
): void {
  const { x, z, wallRadius } = LAYOUT.exedra;
  const half = 0.115;
  stone.add(
    createRingSector({
      innerRadius: wallRadius - 0.05,
      outerRadius: wallRadius,
      bottom: 0.95,
      top: 3.45,
      fromAngle: angle - half,
      toAngle: angle + half,
      steps: 4,
    }),
    { x, y: 0, z },
    PALETTE.slate,
  );
  const chart = CONSTELLATIONS[index % CONSTELLATIONS.length];
  const radius = wallRadius - 0.07;
  const place = ([u, v]: readonly [number, number]): Vector3 =>
    new Vector3(
      x + Math.sin(angle + u * half * 0.8) * radius,
      2.2 + v * 1.05,
      z + Math.cos(angle + u * half * 0.8) * radius,
    );
  for (const [from, to] of chart.lines)
    metal.rod(place(chart.stars[from]), place(chart.stars[to]), 0.014, PALETTE.brass);
  for (const star of chart.stars) {
    const point = place(star);
    glow.sphere(0.075, { x: point.x, y: point.y, z: point.z }, PALETTE.speaking, 4);
  }
}

function addBalustrades(stone: GeometryBatch, colliders: Colliders): void {
  const { minX, maxX, minZ } = LAYOUT.terrace;
  const maxZ = LAYOUT.exedra.z + 0.4;
  const run = (fromX: number, fromZ: number, toX: number, toZ: number): void => {
    const length = Math.hypot(toX - fromX, toZ - fromZ);
    const x = (fromX + toX) / 2;
    const z = (fromZ + toZ) / 2;
    const alongX = Math.abs(toX - fromX) > Math.abs(toZ - fromZ);
    const size = (thickness: number): [number, number] =>
      alongX ? [length, thickness] : [thickness, length];
    const [railWidth, railDepth] = size(0.3);
    stone.box(railWidth, 0.16, railDepth, { x, y: 0, z }, PALETTE.sandstone);
    stone.box(railWidth, 0.12, railDepth, { x, y: 0.86, z }, PALETTE.limestone);
    const count = Math.round(length / 0.42);
    for (let i = 0; i < count; i++) {
      const share = (i + 0.5) / count;
      const px = fromX + (toX - fromX) * share;
      const pz = fromZ + (toZ - fromZ) * share;
      stone.cylinder(0.19, 0.1, 0.42, { x: px, y: 0.16, z: pz }, PALETTE.limestone, 7);
      stone.cylinder(0.1, 0.16, 0.28, { x: px, y: 0.58, z: pz }, PALETTE.limestone, 7);
    }
    const [solidWidth, solidDepth] = size(0.34);
    colliders.addBox(x, z, solidWidth, solidDepth, 0.98);
  };
  const post = (x: number, z: number): void => {
    stone.box(0.5, 1.15, 0.5, { x, y: 0, z }, PALETTE.sandstone);
    stone.box(0.62, 0.1, 0.62, { x, y: 1.15, z }, PALETTE.limestone);
    stone.sphere(0.36, { x, y: 1.42, z }, PALETTE.limestone, 8);
    colliders.addBox(x, z, 0.5, 0.5, 1.2);
  };
  const inset = 0.3;
  for (const side of [minX + inset, maxX - inset]) {
    run(side, minZ + inset, side, -2);
    run(side, -2, side, maxZ);
    post(side, minZ + inset);
    post(side, -2);
    post(side, maxZ);
    run(side, minZ + inset, Math.sign(side) * 2.2, minZ + inset);
  }
  // The corners beside the half-circle: nobody falls off.
  colliders.addBox(minX + 1.2, maxZ + 4.8, 2.4, 9.6, 1);
  colliders.addBox(maxX - 1.2, maxZ + 4.8, 2.4, 9.6, 1);
  for (const side of [-1, 1])
    stone.box(2.4, 0.98, 0.3, { x: side * (maxX - 1.3), y: 0, z: maxZ }, PALETTE.sandstone);
}

function addGate(stone: GeometryBatch, glow: GeometryBatch, colliders: Colliders): void {
  const z = LAYOUT.terrace.minZ + 0.35;
  for (const side of [-1, 1]) {
    const x = side * 2.2;
    stone.box(0.9, 3.3, 0.9, { x, y: 0, z }, PALETTE.sandstone);
    stone.box(1.08, 0.2, 1.08, { x, y: 3.3, z }, PALETTE.limestone);
    stone.box(1.08, 0.24, 1.08, { x, y: 0, z }, PALETTE.limestone);
    glow.sphere(0.3, { x, y: 2.5, z: z + 0.56 }, PALETTE.trail, 8);
    colliders.addBox(x, z, 0.9, 0.9, 3.4);
  }
  stone.box(5.7, 0.42, 0.86, { x: 0, y: 3.5, z }, PALETTE.limestone);
  stone.box(5.9, 0.14, 1.04, { x: 0, y: 3.92, z }, PALETTE.sandstone);
  colliders.addBox(0, z - 0.3, 3.6, 0.3, 0.5);
}

/** The walls under the terrace and the stairs that lead up to its gate. */
function addFoot(stone: GeometryBatch): void {
  const { minX, maxX, minZ, maxZ } = LAYOUT.terrace;
  stone.box(
    maxX - minX,
    4,
    maxZ - minZ,
    { x: (minX + maxX) / 2, y: -4.02, z: (minZ + maxZ) / 2 },
    PALETTE.sandstone,
  );
  for (let step = 0; step < 14; step++) {
    stone.box(
      4.4,
      0.17,
      0.4,
      { x: 0, y: -0.17 * (step + 1), z: minZ - 0.2 - step * 0.36 },
      PALETTE.limestone,
    );
  }
}
