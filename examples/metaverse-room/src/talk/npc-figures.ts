import { StandardMaterial } from '@babylonjs/core/Materials/standardMaterial';
import type { AbstractMesh } from '@babylonjs/core/Meshes/abstractMesh';
import type { Scene } from '@babylonjs/core/scene';
import { loadHead, type Parley, type ParleyNpc } from '@parley/babylon';
import type { NpcView } from '@parley/sdk';
import type { Plate, Plates } from '../ui/plates.ts';
import { type AttentionRing, createAttentionRing } from '../world/floor-glow.ts';
import { PALETTE } from '../world/palette.ts';

/** How each head that a persona may name is shown. */
const HEADS: Readonly<
  Record<
    string,
    { readonly url: string; readonly bodyTurns: boolean; readonly plateM: number; readonly ringM: number }
  >
> = {
  mira: { url: 'heads/guide.glb', bodyTurns: true, plateM: 1.86, ringM: 1.5 },
  bust: { url: 'heads/bust.obj', bodyTurns: false, plateM: 0.98, ringM: 2.1 },
};

/** The files that NPCs need, for loading them ahead. */
export const HEAD_URLS: readonly string[] = Object.values(HEADS).map(({ url }) => url);

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
  cast: (mesh: AbstractMesh, on: boolean) => void,
): Promise<NpcFigure> {
  const look = HEADS[view.head] ?? { ...HEADS.bust, url: view.head };
  const head = await loadHead(scene, look.url, parley.model);
  if (head.kind === 'template') polish(head.meshes);
  for (const mesh of head.meshes) {
    mesh.isPickable = false;
    cast(mesh, true);
  }
  for (const group of head.animationGroups) if (/idle/i.test(group.name)) group.start(true);
  const npc = await parley.addNpc(view.id, { head, bodyTurns: look.bodyTurns });
  const { x, y, z } = npc.node.position;
  const plate = plates.add();
  plate.position.set(x, look.plateM + y, z);
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
    dispose: () => {
      for (const mesh of head.meshes) cast(mesh, false);
      parley.removeNpc(view.id);
      plate.remove();
      ring.mesh.dispose();
    },
  };
}

/** Marble for a bust: a soft sheen on the colours of its file. */
function polish(meshes: readonly AbstractMesh[]): void {
  for (const { material } of meshes) {
    if (!(material instanceof StandardMaterial)) continue;
    material.specularColor.set(0.3, 0.28, 0.25);
    material.specularPower = 38;
  }
}
