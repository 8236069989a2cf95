import { BoundingSphere } from '@babylonjs/core/Culling/boundingSphere';
import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import { Color3 } from '@babylonjs/core/Maths/math.color';
import { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode';
import type { Scene } from '@babylonjs/core/scene';
import { type Head, loadHead, type Parley, type ParleyNpc } from '@parley/babylon';
import type { NpcView } from '@parley/sdk';
import { BodyPoses } from '../avatar/body-poses.ts';
import type { Plate, Plates } from '../ui/plates.ts';
import type { Cast } from '../world/create-world.ts';
import { type AttentionRing, createAttentionRing } from '../world/floor-glow.ts';
import { PALETTE } from '../world/palette.ts';
import { loadOwnHead, type OwnHead } from './own-head.ts';

/** How each head that a persona may name is shown. */
const HEADS: Readonly<
  Record<
    string,
    {
      readonly url: string;
      /** Whether it has a body that turns, and legs. */
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
  /** Whether it has legs. */
  readonly walks: boolean;
  /** Where it is now, metres. */
  readonly x: number;
  readonly z: number;
  /** Where its hand is that is nearer to a place, or where it would be, metres. */
  handNear(x: number, z: number): { readonly x: number; readonly y: number; readonly z: number };
  /** Moves the body with what the NPC does. */
  tick(seconds: number): void;
  dispose(): void;
}

/** A head alone is not taller than this, metres; what is taller stands on its feet. */
const HEAD_ALONE_M = 0.9;
/** A shadow that is drawn once is drawn anew when its figure has stood for so long. */
const STANDS_SECONDS = 0.6;
/** Height of the eyes of a head that has nothing to stand on, metres. */
const EYES_M = 1.6;
/** Height of a hand that holds something, where a figure has none, metres. */
const HAND_M = 1.15;

/**
 * Loads an NPC's figure and puts it where the room has it.
 * @param cast Lets a mesh cast shadows, or no longer.
 * @param ownHead A head that the visitor brought, in place of the NPC's.
 */
export async function createNpcFigure(
  scene: Scene,
  parley: Parley,
  view: NpcView,
  plates: Plates,
  cast: Cast,
  ownHead?: OwnHead,
): Promise<NpcFigure> {
  const look = HEADS[view.head] ?? { ...HEADS.bust, url: view.head };
  const head = await (ownHead
    ? loadOwnHead(scene, ownHead, parley.model)
    : loadHead(scene, look.url, parley.model));
  if (head.kind === 'template') polish(head.meshes, look.tint ?? [0.58, 0.58, 0.58]);
  for (const mesh of head.meshes) {
    mesh.isPickable = false;
    cast(mesh, 'still');
  }
  const poses = new BodyPoses(head.animationGroups);
  // It may have walked while it was loaded.
  const { x, z } = parley.client.npcs.find(({ id }) => id === view.id) ?? view;
  // A head's own origin may be anywhere: what stands on the floor or a plinth is its lowest point.
  head.root.position.setAll(0);
  const { lowest, highest } = extent(head);
  const floats = ownHead !== undefined && highest - lowest < HEAD_ALONE_M && view.y < EYES_M / 2;
  const lift = floats ? EYES_M - head.faceNode.getAbsolutePosition().y : view.y - lowest;
  const position = new Vector3(x, lift, z);
  const npc = await parley.addNpc(view.id, { head, position, bodyTurns: look.bodyTurns });
  // Faces are deformed on the GPU, so Babylon cannot tell when they are out of sight; a sphere around all of it can.
  const reach = new BoundingSphere(
    new Vector3(x - 1, view.y - 0.2, z - 1),
    new Vector3(x + 1, view.y + 2, z + 1),
  );
  let drawn = true;
  let standsSeconds = STANDS_SECONDS;
  const plate = plates.add();
  plate.position.set(x, ownHead ? lift + highest + 0.12 : view.y + look.plateM, z);
  plate.setName(view.name);
  const ring = createAttentionRing(scene, look.ringM);
  ring.mesh.position.x = x;
  ring.mesh.position.z = z;
  ring.setColor(PALETTE.listening);
  const hands = (npc.node.getDescendants(false) as TransformNode[]).filter(({ name }) =>
    /^hand[._-]?[lr]$/iu.test(name),
  );
  /** Keeps what belongs to the figure with it. */
  const follow = (): void => {
    const { x, z } = npc.node.position;
    plate.position.x = ring.mesh.position.x = x;
    plate.position.z = ring.mesh.position.z = z;
    reach.reConstruct(new Vector3(x - 1, view.y - 0.2, z - 1), new Vector3(x + 1, view.y + 2, z + 1));
  };
  return {
    id: view.id,
    name: view.name,
    npc,
    plate,
    ring,
    walks: look.bodyTurns,
    get x() {
      return npc.node.position.x;
    },
    get z() {
      return npc.node.position.z;
    },
    handNear: (toX, toZ) => {
      const { x, z } = npc.node.position;
      let nearest = { x, y: HAND_M, z };
      let nearestM = Number.POSITIVE_INFINITY;
      for (const hand of hands) {
        const at = hand.getAbsolutePosition();
        const awayM = Math.hypot(at.x - toX, at.z - toZ);
        if (awayM < nearestM) [nearest, nearestM] = [at, awayM];
      }
      return nearest;
    },
    tick: (seconds) => {
      poses.tick(npc.status, seconds);
      const walks = npc.speedMPerS > 0.05;
      if (walks || standsSeconds < STANDS_SECONDS) follow();
      if (walks && standsSeconds >= STANDS_SECONDS) for (const mesh of head.meshes) cast(mesh, 'moving');
      standsSeconds = walks ? 0 : standsSeconds + seconds;
      if (!walks && standsSeconds >= STANDS_SECONDS && standsSeconds - seconds < STANDS_SECONDS)
        for (const mesh of head.meshes) cast(mesh, 'still');
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

/** Heights of the lowest and the highest vertex of a head, metres. */
function extent(head: Head): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  head.root.computeWorldMatrix(true);
  for (const mesh of head.meshes) {
    mesh.computeWorldMatrix(true);
    const { minimumWorld, maximumWorld } = mesh.getBoundingInfo().boundingBox;
    lowest = Math.min(lowest, minimumWorld.y);
    highest = Math.max(highest, maximumWorld.y);
  }
  return Number.isFinite(lowest) ? { lowest, highest } : { lowest: 0, highest: 0 };
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
