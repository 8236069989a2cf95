import type { ParleyClient } from '@parley/sdk';
import type { Captions } from '../ui/captions.ts';
import type { World } from '../world/create-world.ts';

/**
 * Shows in the hall what NPCs do, and says it in a line of the captions.
 * @param placeOf Finds a visitor's place on the floor.
 * @param nameOf Finds an NPC's name by id.
 * @returns The way to stop.
 */
export function showActions(
  client: ParleyClient,
  { shop, pointer }: Pick<World, 'shop' | 'pointer'>,
  captions: Captions,
  placeOf: (sessionId: string) => { readonly x: number; readonly z: number } | undefined,
  nameOf: (npcId: string) => string,
): () => void {
  return client.on('action', ({ id, npc, speakerId, tool, arguments: args, status, text }) => {
    if (status === 'started') return;
    if (status === 'done' && tool === 'open') shop.open = true;
    if (status === 'done' && tool === 'point-at') pointer.show(String(args.thing));
    const place = placeOf(speakerId);
    if (status === 'done' && tool === 'give' && place) shop.give(String(args.item), place.x, place.z);
    captions.show(
      `action-${id}`,
      nameOf(npc),
      status === 'done' ? `(${text ?? tool})` : `(cannot: ${text ?? tool})`,
      false,
      true,
    );
  });
}
