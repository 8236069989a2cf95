import type { Place } from '../turn/addressee.ts';
import type { ParleyState } from './parley-state.ts';

/** What Parley needs of a connected client; Colyseus' `Client` fits. */
export interface ClientLike {
  readonly sessionId: string;
  send(type: string, payload: object): void;
  sendBytes(type: number, bytes: Uint8Array): void;
  /** The connection: an event emitter, and with the `ws` transport also the bytes that it has not sent yet. */
  readonly ref: { once(event: 'close', listener: () => void): unknown; readonly bufferedAmount?: number };
}

/** What Parley needs of a room; any Colyseus 0.18 `Room` fits whose state holds `parley: t.ref(ParleyState)`. */
export interface RoomLike {
  readonly clients: Iterable<ClientLike>;
  readonly state: { readonly parley?: ParleyState; readonly players?: unknown };
  // biome-ignore lint/suspicious/noExplicitAny: the room's own types of clients and messages
  onMessage(type: string | number, callback: (client: any, payload: any) => unknown): () => void;
  // biome-ignore lint/suspicious/noExplicitAny: the room's own types of clients and messages
  onMessageBytes(type: string | number, callback: (client: any, payload: any) => void): () => void;
}

/** Where a visitor is and what is shown of them; fields that the host's own schema lacks are left alone. */
export interface PlayerLike {
  name?: string;
  x?: number;
  y?: number;
  z?: number;
  /** Where they look, radians from +z towards +x. */
  yaw?: number;
  speaking?: boolean;
  caption?: string;
}

/** The host's visitors by session id; a `MapSchema` fits. */
export interface PlayersLike {
  get(sessionId: string): PlayerLike | undefined;
  /** Without it, NPCs do not know who else is there. */
  forEach?(visit: (player: PlayerLike, sessionId: string) => void): void;
}

/** A visitor's place, where the host's schema has one. */
export function placeOf(player: PlayerLike | undefined): Place | undefined {
  const { x, y, z } = player ?? {};
  return x === undefined || z === undefined ? undefined : { x, y: y ?? 0, z };
}
