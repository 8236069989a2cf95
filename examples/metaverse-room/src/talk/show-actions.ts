import type { ParleyClient } from '@parley/sdk';
import type { Captions } from '../ui/captions.ts';
import type { World } from '../world/create-world.ts';
import type { NpcFigure } from './npc-figures.ts';

/**
 * A thing is handed over at this distance, metres, by who holds it out; whoever is further away comes first, for at most so long, ms.
 */
const HANDS_OVER_M = 2;
const COMING_MS = 9_000;
/** Who stands there and holds nothing out hands it over all the same, ms. */
const REACHING_MS = 2_000;

/**
 * Shows in the hall what NPCs do beyond their bodies, and says it in a line of the captions. What they walk to, point at and have opened
 * is in the room's state.
 * @param placeOf Finds a visitor's place on the floor.
 * @param figureOf Finds an NPC's figure by id.
 * @param onTaken A visitor has got something.
 * @returns The way to stop.
 */
export function showActions(
  client: ParleyClient,
  { shop, pointer }: Pick<World, 'shop' | 'pointer'>,
  captions: Captions,
  placeOf: (sessionId: string) => { readonly x: number; readonly z: number } | undefined,
  figureOf: (npcId: string) => NpcFigure | undefined,
  onTaken: (sessionId: string, item: string) => void,
): () => void {
  /** Hands a thing over as soon as the giver is there. */
  async function give(item: string, npc: string, sessionId: string): Promise<void> {
    const untilMs = performance.now() + COMING_MS;
    const comes = figureOf(npc)?.walks ?? false;
    let thereMs = Number.POSITIVE_INFINITY;
    for (;;) {
      const place = placeOf(sessionId);
      const figure = figureOf(npc);
      if (!place || !figure) return;
      const nowMs = performance.now();
      const there = Math.hypot(figure.x - place.x, figure.z - place.z) < HANDS_OVER_M;
      thereMs = there ? Math.min(thereMs, nowMs) : Number.POSITIVE_INFINITY;
      const reaches = there && (figure.npc.view?.pointing === true || nowMs - thereMs > REACHING_MS);
      if (!comes || reaches || nowMs > untilMs) {
        shop.give(item, {
          from: comes ? () => figureOf(npc)?.handNear(place.x, place.z) : undefined,
          to: () => placeOf(sessionId),
          onTaken: () => onTaken(sessionId, item),
        });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  return client.on('action', ({ id, npc, speakerId, tool, arguments: args, status, text }) => {
    if (status === 'started') return;
    if (status === 'done' && tool === 'point-at') pointer.show(String(args.thing));
    if (status === 'done' && tool === 'give') void give(String(args.item), npc, speakerId);
    captions.show(
      `action-${id}`,
      figureOf(npc)?.name ?? npc,
      status === 'done' ? `(${text ?? tool})` : `(cannot: ${text ?? tool})`,
      false,
      true,
    );
  });
}
