import type { Vector3 } from '@babylonjs/core/Maths/math.vector';
import type { Scene } from '@babylonjs/core/scene';
import type { Room } from '@colyseus/sdk';
import { joinParley, type Parley } from '@parley/babylon';
import type { Plates } from '../ui/plates.ts';
import type { Cast } from '../world/create-world.ts';
import { createNpcFigure, type NpcFigure } from './npc-figures.ts';
import type { OwnHead } from './own-head.ts';

/** Height of a visitor's eyes. */
const EYES_M = 1.62;

/** A joined room with its NPCs in the scene. */
export interface Connection {
  readonly parley: Parley;
  readonly figures: readonly NpcFigure[];
  dispose(): void;
}

export interface ConnectOptions {
  readonly plates: Plates;
  /** See {@link Cast}. */
  readonly cast: Cast;
  /** Heads that the visitor brought, by the NPC's id. */
  readonly ownHeads: ReadonlyMap<string, OwnHead>;
  /** Finds a visitor's place on the floor. */
  readonly placeOf: (sessionId: string) => { readonly x: number; readonly z: number } | undefined;
  /** @param share 0..1 of what is loaded. */
  readonly onProgress: (share: number) => void;
}

/** Brings the room's NPCs into the scene, each as soon as it is loaded. */
export async function connect(scene: Scene, room: Room, options: ConnectOptions): Promise<Connection> {
  const { plates, cast, ownHeads, placeOf, onProgress } = options;
  const parley = await joinParley(scene, room, {
    exportsUrl: new URL('parley/', document.baseURI).href,
    onProgress: (share) => onProgress(share / 2),
    locate: (sessionId: string, out: Vector3) => {
      const place = placeOf(sessionId);
      if (!place) return false;
      out.set(place.x, EYES_M, place.z);
      return true;
    },
  });
  const figures: NpcFigure[] = [];
  const dispose = (): void => {
    for (const figure of figures.splice(0)) figure.dispose();
    parley.dispose();
  };
  try {
    const views = parley.client.npcs;
    let loaded = 0;
    await Promise.all(
      views.map(async (view) => {
        figures.push(await createNpcFigure(scene, parley, view, plates, cast, ownHeads.get(view.id)));
        onProgress(0.5 + ++loaded / views.length / 2);
      }),
    );
  } catch (error) {
    dispose();
    throw error;
  }
  figures.sort((a, b) => order(parley, a) - order(parley, b));
  return { parley, figures, dispose };
}

/** The room's own order, whoever was loaded first. */
function order(parley: Parley, figure: NpcFigure): number {
  return parley.client.npcs.findIndex(({ id }) => id === figure.id);
}
