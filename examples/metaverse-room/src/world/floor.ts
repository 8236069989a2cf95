import type { Color3 } from '@babylonjs/core/Maths/math.color';
import type { Mesh } from '@babylonjs/core/Meshes/mesh';
import { VertexData } from '@babylonjs/core/Meshes/mesh.vertexData';
import type { Scene } from '@babylonjs/core/scene';
import { GeometryBatch } from './geometry-batch.ts';
import { LAYOUT } from './layout.ts';
import type { HallMaterials } from './materials.ts';
import { PALETTE } from './palette.ts';
import { createRingSector } from './ring-sector.ts';

const INLAY_Y = 0.006;

/** Tiles of one metre, a brass line every five, and a compass rose under the guide. */
export function createFloor(scene: Scene, materials: HallMaterials): Mesh[] {
  const { terrace, exedra, mira } = LAYOUT;
  const width = terrace.maxX - terrace.minX;
  const depth = terrace.maxZ - terrace.minZ;
  const x = (terrace.minX + terrace.maxX) / 2;
  const z = (terrace.minZ + terrace.maxZ) / 2;
  const ground = new GeometryBatch()
    .add(
      createFlat([
        -width / 2,
        -depth / 2,
        width / 2,
        -depth / 2,
        width / 2,
        depth / 2,
        -width / 2,
        depth / 2,
      ]),
      { x, y: 0, z },
      PALETTE.limestone,
    )
    .build('floor', scene, materials.floor);

  const inlay = new GeometryBatch();
  const line = (lineX: number, lineZ: number, lineWidth: number, lineDepth: number, color: Color3): void => {
    const [a, b] = [lineWidth / 2, lineDepth / 2];
    inlay.add(createFlat([-a, -b, a, -b, a, b, -a, b]), { x: lineX, y: INLAY_Y, z: lineZ }, color);
  };
  for (let at = -10; at <= 10; at += 5) {
    if (at !== 0) line(at, z, 0.05, depth, PALETTE.brass);
    line(x, at, width, 0.05, PALETTE.brass);
  }
  // The way in, from the gate to the rose.
  for (const side of [-1, 1])
    line(side * 1.1, (terrace.minZ + mira.z - 3.1) / 2, 0.12, mira.z - 3.1 - terrace.minZ, PALETTE.slate);

  const ring = (innerRadius: number, outerRadius: number, color: Color3, atZ: number, lift: number): void => {
    inlay.add(
      createRingSector({
        innerRadius,
        outerRadius,
        bottom: 0,
        top: 0.001,
        fromAngle: 0,
        toAngle: 2 * Math.PI,
        steps: 64,
      }),
      { x: 0, y: INLAY_Y + lift, z: atZ },
      color,
    );
  };
  ring(0, 3.2, PALETTE.slate, mira.z, 0.001);
  ring(3.06, 3.16, PALETTE.brass, mira.z, 0.002);
  ring(2.2, 2.25, PALETTE.brass, mira.z, 0.002);
  for (let point = 0; point < 8; point++) {
    const long = point % 2 === 0;
    const tip = long ? 2.95 : 1.95;
    const half = long ? 0.44 : 0.3;
    const yaw = (point * Math.PI) / 4;
    const lift = INLAY_Y + (long ? 0.004 : 0.003);
    inlay.add(createFlat([0, 0, half, half, 0, tip]), { x: 0, y: lift, z: mira.z, yaw }, PALETTE.brass);
    inlay.add(createFlat([0, 0, 0, tip, -half, half]), { x: 0, y: lift, z: mira.z, yaw }, PALETTE.limestone);
  }
  ring(1.55, 1.68, PALETTE.terracotta, LAYOUT.orrery.z, 0.002);
  inlay.add(
    createRingSector({
      innerRadius: exedra.columnRadius - 0.75,
      outerRadius: exedra.columnRadius - 0.6,
      bottom: 0,
      top: 0.001,
      fromAngle: -1.9,
      toAngle: 1.9,
      steps: 60,
    }),
    { x: exedra.x, y: INLAY_Y, z: exedra.z },
    PALETTE.slate,
  );
  const inlays = inlay.build('inlays', scene, materials.metal);
  return [ground, inlays];
}

/** An upward-facing polygon with corners (x, z), fanned from its first corner. */
function createFlat(corners: readonly number[]): VertexData {
  const positions: number[] = [];
  const indices: number[] = [];
  const normals: number[] = [];
  for (let i = 0; i < corners.length; i += 2) {
    positions.push(corners[i], 0, corners[i + 1]);
    normals.push(0, 1, 0);
  }
  for (let i = 1; i + 1 < corners.length / 2; i++) indices.push(0, i, i + 1);
  const data = new VertexData();
  data.positions = positions;
  data.indices = indices;
  data.normals = normals;
  return data;
}
