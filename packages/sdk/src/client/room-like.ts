/**
 * What {@link ParleyClient} needs of a joined room. `Room` of `@colyseus/sdk` 0.18 fits as it is, whatever its state;
 * so does anything with the same few methods.
 */
export interface RoomLike {
  readonly sessionId: string;
  /** Sends a JSON message. */
  send(type: string, payload?: unknown): void;
  /** Sends bytes under a numeric type. */
  sendBytes(type: number, bytes: Uint8Array): void;
  /** Sends a message and resolves with the room's answer. */
  request(type: string, payload?: unknown): Promise<unknown>;
  /** Listens to messages of a type; JSON and bytes alike. Returns the way to stop. */
  // biome-ignore lint/suspicious/noExplicitAny: the room's own type of its messages
  onMessage(type: any, callback: (payload: any) => void): () => void;
  readonly connection?: { readonly isOpen: boolean };
  /** The room's state; Parley's part is under `parley`. */
  // biome-ignore lint/suspicious/noExplicitAny: the host's own schema
  readonly state: any;
  readonly onStateChange?: RoomSignal;
  readonly onReconnect?: RoomSignal;
}

/** An event of a Colyseus room: call it to listen, `remove` to stop. */
export interface RoomSignal {
  (callback: () => void): unknown;
  remove(callback: () => void): void;
}
