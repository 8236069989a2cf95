import { Color3 } from '@babylonjs/core/Maths/math.color';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import { TransformNode } from '@babylonjs/core/Meshes/transformNode';
import type { Scene } from '@babylonjs/core/scene';
import { GeometryBatch } from './geometry-batch.ts';
import { LAYOUT } from './layout.ts';
import type { HallMaterials } from './materials.ts';

/** The iron gate between the entrance's pillars: two wings that open towards the stairs. */
export interface Gate {
  readonly meshes: readonly AbstractMesh[];
  /** Whether it stands open, or is opening. */
  open: boolean;
  /** @param stillness Where motion is unwanted, it is open or shut at once. */
  tick(seconds: number, stillness: boolean): void;
}

const WING = { width: 1.72, height: 2.1, bars: 9 };
const OPEN_RADIANS = 1.75;
const OPENING_SECONDS = 1.6;

export function createGate(scene: Scene, materials: HallMaterials): Gate {
  const iron = materials.metal.clone('gate-iron');
  iron.diffuseColor = Color3.White();
  iron.specularColor.set(0.18, 0.17, 0.15);
  const black = Color3.FromHexString('#2a2c30').toLinearSpace();
  const brass = Color3.FromHexString('#b98d3e');
  const hinges: TransformNode[] = [];
  const meshes: AbstractMesh[] = [];
  for (const side of [-1, 1]) {
    const batch = new GeometryBatch();
    const { width, height, bars } = WING;
    const middle = -side * (width / 2);
    for (const y of [0.12, 0.95, height - 0.24]) batch.box(width, 0.06, 0.05, { x: middle, y, z: 0 }, black);
    for (let i = 0; i <= bars; i++) {
      const x = -side * (0.03 + ((width - 0.06) * i) / bars);
      // The bars rise towards the middle, like a bow.
      const top = height + 0.28 * Math.sin((Math.PI / 2) * (i / bars));
      batch.box(0.035, top - 0.1, 0.035, { x, y: 0.08, z: 0 }, black);
      batch.sphere(0.075, { x, y: top, z: 0 }, brass, 6);
    }
    const mesh = batch.build(`gate-${side < 0 ? 'left' : 'right'}`, scene, iron);
    const hinge = new TransformNode(`gate-hinge-${side}`, scene);
    hinge.position.set(side * 1.74, 0, LAYOUT.gate.z);
    // What is built in one piece stands still otherwise.
    mesh.unfreezeWorldMatrix();
    mesh.parent = hinge;
    mesh.isPickable = false;
    hinges.push(hinge);
    meshes.push(mesh);
  }
  let ajar = 0;
  let nowSeconds = 0;
  const gate: Gate = {
    meshes,
    open: false,
    tick: (seconds, stillness) => {
      const passed = Math.min(0.1, Math.max(0, seconds - nowSeconds));
      nowSeconds = seconds;
      const step = stillness ? 1 : passed / OPENING_SECONDS;
      ajar = gate.open ? Math.min(1, ajar + step) : Math.max(0, ajar - step);
      const angle = OPEN_RADIANS * ajar * ajar * (3 - 2 * ajar);
      hinges[0].rotation.y = angle;
      hinges[1].rotation.y = -angle;
    },
  };
  return gate;
}
