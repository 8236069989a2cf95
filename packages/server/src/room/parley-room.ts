import { type Client, CloseCode, Room } from '@colyseus/core';
import { z } from 'zod';
import { type AttachParleyOptions, attachParley, type ParleyHandle } from './attach-parley.ts';
import { ParleyRoomState, PlayerState } from './parley-state.ts';

/** Where new visitors appear. */
export interface Spawn {
  /** Metres, and the heading in radians. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw: number;
  /** Visitors are spread over a circle of this radius, metres. */
  readonly radiusM: number;
}

export interface ParleyRoomOptions extends AttachParleyOptions {
  readonly spawn?: Spawn;
  /** Visitors that a room takes. Default 24. */
  readonly maxClients?: number;
  /** Told when a room of this kind has its NPCs, and when it loses them. */
  readonly onAttach?: (parley: ParleyHandle) => void;
  readonly onDetach?: (parley: ParleyHandle) => void;
}

export const SPAWN_DEFAULT: Spawn = { x: 0, y: 0, z: 0, yaw: 0, radiusM: 1 };

/** A visitor's place, metres and radians; the world reaches 10 km. */
const moveSchema = z.object({
  x: z.number().min(-1e4).max(1e4),
  y: z.number().min(-1e4).max(1e4),
  z: z.number().min(-1e4).max(1e4),
  yaw: z.number(),
});

const nameSchema = z.string().transform((name) =>
  name
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 24),
);

/** Long enough that nobody guesses it; `crypto.randomUUID()` has 36 characters. */
const visitorIdSchema = z.string().min(16).max(64);

/** A dropped visitor's place is kept this long, seconds. */
const RECONNECTION_S = 20;
/** Angle between successive visitors on the spawn circle, radians: the golden angle never piles them up. */
const SPAWN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/**
 * The ready-made room: visitors with names and places, and NPCs. Made of the same pieces as a room of your own, see
 * {@link attachParley}. Messages: `player:move {x, y, z, yaw}`, `player:name` (a text).
 *
 * Define a subclass that knows its options: `server.define('parley', createParleyRoom(options))`.
 */
export abstract class ParleyRoom extends Room<{ state: ParleyRoomState }> {
  override state = new ParleyRoomState();
  override patchRate = 50;
  /** 50 microphone packets a second and 20 moves, and a few seconds of them at once after a stall. */
  override maxMessagesPerSecond = 600;
  #parley: ParleyHandle | null = null;
  /** Kept out of the state: who knows a visitor's id could ask what is remembered of them. */
  readonly #visitorIds = new Map<string, string>();
  #joined = 0;

  /** How this room is set up. */
  protected abstract readonly parleyOptions: ParleyRoomOptions;

  /** The NPCs' part of the room, from `onCreate` on. */
  get parley(): ParleyHandle | null {
    return this.#parley;
  }

  override onCreate(): void {
    const { maxClients = 24 } = this.parleyOptions;
    this.maxClients = maxClients;
    this.#parley = attachParley(this, {
      visitorId: (sessionId) => this.#visitorIds.get(sessionId),
      ...this.parleyOptions,
    });
    this.parleyOptions.onAttach?.(this.#parley);
    this.onMessage('player:move', (client, payload) => {
      const move = moveSchema.safeParse(payload);
      const player = this.state.players.get(client.sessionId);
      if (move.success && player) Object.assign(player, move.data);
    });
    this.onMessage('player:name', (client, payload) => {
      const name = nameSchema.safeParse(payload);
      const player = this.state.players.get(client.sessionId);
      if (name.success && name.data !== '' && player) player.name = name.data;
    });
  }

  override onJoin(client: Client, options?: { readonly name?: unknown; readonly visitorId?: unknown }): void {
    const { x, y, z, yaw, radiusM } = this.parleyOptions.spawn ?? SPAWN_DEFAULT;
    const angle = this.#joined++ * SPAWN_ANGLE;
    const name = nameSchema.safeParse(options?.name);
    const visitorId = visitorIdSchema.safeParse(options?.visitorId);
    if (visitorId.success) this.#visitorIds.set(client.sessionId, visitorId.data);
    const player = new PlayerState();
    player.name = name.success && name.data !== '' ? name.data : `Visitor ${this.#joined}`;
    player.x = x + radiusM * Math.cos(angle);
    player.y = y;
    player.z = z + radiusM * Math.sin(angle);
    player.yaw = yaw;
    this.state.players.set(client.sessionId, player);
  }

  override onDrop(client: Client, code?: number): void {
    // A client that was thrown out does not come back. Not awaited: that would delay its closing.
    if (code !== CloseCode.WITH_ERROR) this.allowReconnection(client, RECONNECTION_S).catch(() => {});
  }

  override onLeave(client: Client): void {
    this.state.players.delete(client.sessionId);
    this.#parley?.leave(client.sessionId);
    this.#visitorIds.delete(client.sessionId);
  }

  override async onDispose(): Promise<void> {
    if (!this.#parley) return;
    await this.#parley.dispose();
    this.parleyOptions.onDetach?.(this.#parley);
  }
}

/** A {@link ParleyRoom} with its options, to be given to `server.define`. */
export function createParleyRoom(options: ParleyRoomOptions): new () => ParleyRoom {
  return class extends ParleyRoom {
    protected override readonly parleyOptions = options;
  };
}
