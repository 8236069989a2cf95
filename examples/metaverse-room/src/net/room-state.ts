/** A visitor as the room's state tells. */
export interface PlayerView {
  readonly name: string;
  /** Metres, and the heading in radians from +z towards +x. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw: number;
  /** Whether voice is heard from their microphone. */
  readonly speaking: boolean;
  /** What they said last. */
  readonly caption: string;
}

interface PlayerMap {
  forEach(visit: (player: PlayerView, id: string) => void): void;
}

/** What NPCs have opened, by the names of their personas. */
export function readOpened(state: unknown): readonly string[] {
  const { parley } = (state ?? {}) as { parley?: { opened?: Iterable<string> } };
  return [...(parley?.opened ?? [])];
}

/** Copies the visitors out of a room's state into `out`. */
export function readPlayers(state: unknown, out: Map<string, PlayerView>): void {
  out.clear();
  const players = (state as { players?: PlayerMap } | undefined)?.players;
  players?.forEach((player, id) => {
    out.set(id, player);
  });
}
