/** A place in the world, metres. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** An NPC that may be meant. */
export interface Addressable extends Place {
  readonly id: string;
  readonly name: string;
}

/** What is known of whom a visitor speaks to. */
export interface AddresseeClues {
  /** The NPC that the client named. */
  readonly explicit?: string;
  /** The words, once they are known. */
  readonly text?: string;
  /** Where the visitor stands, if the room knows. */
  readonly place?: Place;
  /** The NPC of the visitor's last turn. */
  readonly last?: string;
  /** Distance within which an NPC hears, metres. */
  readonly rangeM: number;
}

/**
 * Whom a visitor speaks to: the NPC the client names, else the one whose name is in the words, else the nearest within
 * range; where places are unknown, the one of the last turn, or the only one there is.
 * @returns null when nobody is meant, as the visitor stands too far from everyone.
 */
export function chooseAddressee<N extends Addressable>(npcs: readonly N[], clues: AddresseeClues): N | null {
  const explicit = npcs.find((npc) => npc.id === clues.explicit);
  if (explicit) return explicit;
  const words = new Set(clues.text?.toLowerCase().match(/[\p{L}\p{N}]+/gu));
  const named = npcs.find((npc) => words.has(npc.name.toLowerCase().split(' ')[0]));
  if (named) return named;
  const { place } = clues;
  if (place) {
    const near = npcs
      .map((npc) => ({ npc, distanceM: Math.hypot(npc.x - place.x, npc.y - place.y, npc.z - place.z) }))
      .filter(({ distanceM }) => distanceM <= clues.rangeM)
      .toSorted((a, b) => a.distanceM - b.distanceM);
    return near[0]?.npc ?? null;
  }
  return npcs.find((npc) => npc.id === clues.last) ?? (npcs.length === 1 ? npcs[0] : null);
}
