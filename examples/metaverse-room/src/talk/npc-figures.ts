import { BoundingSphere } from '@babylonjs/core/Culling/boundingSphere';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import type { Scene } from '@babylonjs/core/scene';
import { type Head, loadHead, type Parley, type ParleyNpc } from '@parley/babylon';
import type { NpcView } from '@parley/sdk';
import { BodyPoses } from '../avatar/body-poses.ts';
import type { Plate, Plates } from '../ui/plates.ts';
import type { Cast } from '../world/create-world.ts';
import { type AttentionRing, createAttentionRing } from '../world/floor-glow.ts';
import { PALETTE } from '../world/palette.ts';

/** How each head that a persona may name is shown. */
const HEADS: Readonly<
  Record<
    string,
    {
      readonly url: string;
      readonly bodyTurns: boolean;
      readonly plateM: number;
      readonly ringM: number;
      readonly tint?: readonly [number, number, number];
    }
  >
> = {
  mira: { url: 'heads/guide.glb', bodyTurns: true, plateM: 1.8, ringM: 1.5 },
  bust: { url: 'heads/bust.obj', bodyTurns: false, plateM: 0.82, ringM: 2.1 },
  terracotta: { url: 'heads/bust.obj', bodyTurns: false, plateM: 0.82, ringM: 2.1, tint: [0.62, 0.33, 0.22] },
};

/** The files that NPCs need, for loading them ahead. */
export const HEAD_URLS: readonly string[] = [...new Set(Object.values(HEADS).map(({ url }) => url))];

/** An NPC in the hall: figure, name, and the ring of light around its feet. */
export interface NpcFigure {
  readonly id: string;
  readonly name: string;
  readonly npc: ParleyNpc;
  readonly plate: Plate;
  readonly ring: AttentionRing;
  /** Metres. */
  readonly x: number;
  readonly z: number;
  /** Moves the body with what the NPC does. */
  tick(seconds: number): void;
  dispose(): void;
}

/**
 * Loads an NPC's figure and puts it where the room has it.
 * @param cast Lets a mesh cast shadows, or no longer.
 */
export async function createNpcFigure(
  scene: Scene,
  parley: Parley,
  view: NpcView,
  plates: Plates,
  cast: Cast,
): Promise<NpcFigure> {
  const look = HEADS[view.head] ?? { ...HEADS.bust, url: view.head };
  const head = await loadHead(scene, look.url, parley.model);
  if (head.kind === 'template') polish(head.meshes, look.tint ?? [0.58, 0.58, 0.58]);
  for (const mesh of head.meshes) {
    mesh.isPickable = false;
    cast(mesh, 'still');
  }
  const poses = new BodyPoses(head.animationGroups);
  const { x, z } = view;
  // A head's own origin may be anywhere: what stands on the floor or a plinth is its lowest point.
  const position = new Vector3(x, view.y - lowestPoint(head), z);
  const npc = await parley.addNpc(view.id, { head, position, bodyTurns: look.bodyTurns });
  // Faces are deformed on the GPU, so Babylon cannot tell when they are out of sight; a sphere around all of it can.
  const reach = new BoundingSphere(
    new Vector3(x - 1, view.y - 0.2, z - 1),
    new Vector3(x + 1, view.y + 2, z + 1),
  );
  let drawn = true;
  const plate = plates.add();
  plate.position.set(x, view.y + look.plateM, z);
  plate.setName(view.name);
  const ring = createAttentionRing(scene, look.ringM);
  ring.mesh.position.x = x;
  ring.mesh.position.z = z;
  ring.setColor(PALETTE.listening);
  return {
    id: view.id,
    name: view.name,
    npc,
    plate,
    ring,
    x,
    z,
    tick: (seconds) => {
      poses.tick(npc.status, seconds);
      const seen = scene.frustumPlanes === undefined || reach.isInFrustum(scene.frustumPlanes);
      if (seen === drawn) return;
      drawn = seen;
      for (const mesh of head.meshes) mesh.isVisible = seen;
    },
    dispose: () => {
      for (const mesh of head.meshes) cast(mesh, 'off');
      parley.removeNpc(view.id);
      plate.remove();
      ring.mesh.dispose();
    },
  };
}

/** Height of the lowest vertex under a head that was just loaded, metres. */
function lowestPoint(head: Head): number {
  let lowest = Number.POSITIVE_INFINITY;
  head.root.computeWorldMatrix(true);
  for (const mesh of head.meshes) {
    mesh.computeWorldMatrix(true);
    lowest = Math.min(lowest, mesh.getBoundingInfo().boundingBox.minimumWorld.y);
  }
  return Number.isFinite(lowest) ? lowest : 0;
}

/** Marble for a bust: a soft sheen on the colours of its file. */
function polish(
  meshes: readonly AbstractMesh[],
  [red, green, blue]: readonly [number, number, number],
): void {
  for (const mesh of meshes) {
    // The loader gives grey corners to an .obj that has no colours there.
    mesh.useVertexColors = false;
    if (!(mesh.material instanceof StandardMaterial)) continue;
    // White marble in the evening sun would lose its features.
    mesh.material.diffuseColor.multiplyInPlace(new Color3(red, green, blue));
    mesh.material.specularColor.set(0.16, 0.15, 0.13);
    mesh.material.specularPower = 36;
  }
}
