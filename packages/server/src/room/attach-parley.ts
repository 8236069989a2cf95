import { type FaceManifest, MessageName, MessageType, PROTOCOL_VERSION } from '@parley/sdk';
import type { z } from 'zod';
import type { Engines, Tts } from '../engines/contracts.ts';
import type { NpcMemory } from '../memory/npc-memory.ts';
import type { Moderator } from '../persona/moderate.ts';
import type { Persona } from '../persona/persona.ts';
import type { ActionEvent } from '../tools/actor.ts';
import type { Tool } from '../tools/tool.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import type { TurnReport } from '../turn/npc-turns.ts';
import { TIMEOUT_DEFAULTS, type Timeouts } from '../turn/watchdog.ts';
import { type FloorPlan, OPEN_FLOOR } from '../walk/floor-plan.ts';
import { Attention } from './attention.ts';
import { Cast, type CastNpc } from './cast.ts';
import { ClientCalls } from './client-calls.ts';
import { Hearing } from './hearing.ts';
import {
  attendSchema,
  clockSchema,
  forgetSchema,
  helloSchema,
  listenSchema,
  resultSchema,
  saySchema,
} from './message-schemas.ts';
import { Movement } from './movement.ts';
import { ownFaceManifest } from './own-face-manifest.ts';
import type { ClientLike, PlayersLike, RoomLike } from './room-like.ts';
import { SpeechBroadcast } from './speech-broadcast.ts';

/** How NPCs are put into a room. */
export interface AttachParleyOptions {
  /** Loaded once, shared by all rooms of the process. */
  readonly engines: Engines;
  readonly personas: readonly Persona[];
  /** The face model's manifest: how codes are laid out. Default: that of the model which comes with Parley. */
  readonly faceManifest?: FaceManifest;
  /** Further voices by the name that a persona asks for. */
  readonly voices?: Readonly<Record<string, Tts>>;
  /** Visitors by session id, with their places and names. Default: `room.state.players`, where there is one. */
  readonly players?: PlayersLike;
  readonly endpointing?: EndpointingOptions;
  readonly timeouts?: Timeouts;
  /** Distance within which an NPC hears who names nobody, metres. Default 5. */
  readonly hearingRangeM?: number;
  /** An NPC greets who walks up to this distance, once a visit, metres; 0 for never. Default 2.8. */
  readonly greetingRangeM?: number;
  /** Where NPCs can walk, and what they can walk to or point at. Default: an empty floor without places. */
  readonly floor?: FloorPlan;
  /** New speech after which the words so far are transcribed, ms; `Infinity` for never. Default 900. */
  readonly partialEveryMs?: number;
  /** An utterance plays this long after its first packet was sent, ms. Default 120. */
  readonly leadMs?: number;
  /** Speech is sent at most this long before it plays, ms; up to 8000, as clients keep so much. Default 2000. */
  readonly maxAheadMs?: number;
  /** Whether messages of unknown types are dropped; Colyseus itself disconnects their sender. Default true. */
  readonly dropUnknownMessages?: boolean;
  /** The room's clock, ms. Default: the process's monotonic clock. */
  readonly nowMs?: () => number;
  /** The host's own functions that personas may list under `tools`. */
  readonly tools?: readonly Tool[];
  /** The host's functions that look at what is said to NPCs and by them, by the names that personas use. */
  readonly moderators?: Readonly<Record<string, Moderator>>;
  /** Told of everything that NPCs do, besides the clients. */
  readonly onAction?: (event: ActionEvent) => void;
  /** What NPCs remember of visitors across visits. Closed by its owner. */
  readonly memory?: NpcMemory;
  /** A visitor's id that stays the same from visit to visit; it must be a secret between them and the server. */
  readonly visitorId?: (sessionId: string) => string | undefined;
  /** Told of every finished turn. */
  readonly onTurn?: (report: TurnReport) => void;
}

/** What Parley counts in a room. */
export interface ParleyStats {
  readonly visitors: number;
  /** Microphone packets and JSON messages that were none, dropped. */
  readonly malformed: number;
  /** Messages of unknown types, dropped. */
  readonly unknown: number;
  /** Speech packets kept from clients that lagged. */
  readonly droppedPackets: number;
}

/** NPCs in a room. */
export interface ParleyHandle {
  readonly stats: ParleyStats;
  /**
   * Puts a changed persona in the place of the one with its id, from the next turn on; one with a new id joins.
   * @throws {ParleyError} `unknown-voice`; the persona before stays.
   */
  updatePersona(persona: Persona): void;
  /** Forgets what NPCs remember of a visitor who is here. @returns How many NPCs had something to forget. */
  forget(sessionId: string): Promise<number>;
  /** A visitor has left for good. Without this call they are forgotten some time after their connection closed. */
  leave(sessionId: string): void;
  /** Ends every turn and takes the NPCs out of the state. */
  dispose(): Promise<void>;
}

/**
 * Puts NPCs into a Colyseus room. The room's state holds `parley: t.ref(ParleyState)`; call this in `onCreate`, after the
 * state is set, and `dispose()` in `onDispose`.
 *
 * @throws {TypeError} when the state has no `parley`.
 * @throws {RangeError} when two personas have one id, or `maxAheadMs` is beyond what clients keep.
 * @throws {ParleyError} `unknown-voice`, `unknown-tool`, `unknown-moderator` where a persona asks for what the room does not have.
 */
export function attachParley(room: RoomLike, options: AttachParleyOptions): ParleyHandle {
  return new ParleyRoomPart(room, options);
}

/** Clients drop what plays later than some seconds from now, see docs/protocol.md; ms. */
const MOST_AHEAD_MS = 8_000;

class ParleyRoomPart implements ParleyHandle {
  readonly #room: RoomLike;
  readonly #options: AttachParleyOptions;
  readonly #nowMs: () => number;
  readonly #broadcast: SpeechBroadcast;
  readonly #hearing: Hearing;
  readonly #attention: Attention;
  readonly #movement: Movement;
  readonly #cast: Cast;
  readonly #calls: ClientCalls;
  readonly #unbind: (() => void)[] = [];
  #malformed = 0;
  #unknown = 0;

  constructor(room: RoomLike, options: AttachParleyOptions) {
    const state = room.state?.parley;
    if (!state)
      throw new TypeError('attachParley: the room state needs a field `parley: t.ref(ParleyState)`');
    const { maxAheadMs } = options;
    if (maxAheadMs !== undefined && !(maxAheadMs > 0 && maxAheadMs <= MOST_AHEAD_MS))
      throw new RangeError(
        `attachParley: maxAheadMs must be above 0 and at most ${MOST_AHEAD_MS}, not ${maxAheadMs}`,
      );
    this.#room = room;
    this.#options = options;
    const { codec } = options.faceManifest ?? ownFaceManifest();
    const npcs = new Map<string, CastNpc>();
    const players = () => this.#players();
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#calls = new ClientCalls(() => room.clients);
    this.#broadcast = new SpeechBroadcast(room, codec, this.#nowMs);
    const hearingRangeM = options.hearingRangeM ?? 5;
    this.#hearing = new Hearing({
      engines: options.engines,
      timeouts: options.timeouts ?? TIMEOUT_DEFAULTS,
      endpointing: options.endpointing,
      partialEveryMs: options.partialEveryMs,
      hearingRangeM,
      nowMs: this.#nowMs,
      npcs,
      players,
      broadcast: (type, payload) => this.#broadcast.message(type, payload),
      notice: (sessionId, code, message) => this.#notice(sessionId, code, message),
      onAsk: (sessionId, npc) => this.#attention.talked(sessionId, npc),
      onAbsent: (sessionId) => this.#broadcast.leave(sessionId),
      onLeave: (sessionId) => {
        this.#attention.leave(sessionId);
        this.#calls.leave(sessionId);
      },
    });
    this.#attention = new Attention({
      npcs,
      players,
      nowMs: this.#nowMs,
      greetingRangeM: options.greetingRangeM ?? 2.8,
      lookingRangeM: hearingRangeM,
      waitsFor: (npcId) => this.#movement.waitsFor(npcId),
    });
    this.#movement = new Movement({
      plan: options.floor ?? OPEN_FLOOR,
      players,
      nowMs: this.#nowMs,
      opened: state.opened,
    });
    this.#cast = new Cast({
      host: options,
      npcs,
      state,
      codec,
      players,
      nowMs: this.#nowMs,
      broadcast: this.#broadcast,
      played: this.#hearing.played,
      movement: this.#movement,
      calls: this.#calls,
      notice: (sessionId, code, message, npc) => this.#notice(sessionId, code, message, npc),
      noticeAll: (code, message, npc) => {
        for (const { sessionId } of room.clients) this.#notice(sessionId, code, message, npc);
      },
    });
    try {
      for (const [index, persona] of options.personas.entries()) this.#cast.add(persona, index);
    } catch (error) {
      // Nobody gets a handle to stop their timers by.
      this.#attention.dispose();
      this.#movement.dispose();
      throw error;
    }
    this.#bind();
  }

  get stats(): ParleyStats {
    return {
      visitors: this.#hearing.visitorCount,
      malformed: this.#malformed + this.#hearing.malformed,
      unknown: this.#unknown,
      droppedPackets: this.#broadcast.droppedPackets,
    };
  }

  leave(sessionId: string): void {
    this.#hearing.leave(sessionId);
  }

  updatePersona(persona: Persona): void {
    this.#cast.update(persona);
  }

  async forget(sessionId: string): Promise<number> {
    const visitor = this.#options.visitorId?.(sessionId);
    return visitor === undefined ? 0 : ((await this.#options.memory?.forget(visitor)) ?? 0);
  }

  async dispose(): Promise<void> {
    for (const unbind of this.#unbind.splice(0)) unbind();
    this.#attention.dispose();
    this.#movement.dispose();
    this.#hearing.dispose();
    await this.#cast.dispose();
  }

  #bind(): void {
    const room = this.#room;
    const hearing = this.#hearing;
    const on = <T>(name: string, schema: z.ZodType<T>, handle: (client: ClientLike, message: T) => unknown) =>
      this.#unbind.push(
        room.onMessage(name, (client: ClientLike, payload) => {
          const message = schema.safeParse(payload);
          if (message.success) return handle(client, message.data);
          this.#malformed++;
          const { path, message: fault } = message.error.issues[0];
          const field = [name, ...path.map(String)].join('.');
          this.#notice(client.sessionId, 'malformed-message', `${field}: ${fault}`);
        }),
      );
    this.#unbind.push(
      room.onMessageBytes(MessageType.microphone, (client: ClientLike, bytes) => {
        if (bytes instanceof Uint8Array) hearing.receive(client, bytes);
      }),
    );
    on(MessageName.hello, helloSchema, (client, { version }) => {
      if (version === PROTOCOL_VERSION) {
        this.#broadcast.join(client);
        hearing.hello(client);
      } else {
        const versions = `version ${PROTOCOL_VERSION} of the protocol, this client version ${version}`;
        const advice =
          'reload the page; if that does not help, it comes from another release than the server';
        this.#notice(client.sessionId, 'unsupported-version', `The room speaks ${versions}: ${advice}.`);
      }
    });
    on(MessageName.say, saySchema, (client, { npc, text }) => hearing.say(client, npc, text));
    on(MessageName.listen, listenSchema, (client, { npc, on: open, mode }) =>
      hearing.listen(client, open, { npc, mode }),
    );
    on(MessageName.attend, attendSchema, (client, { npc }) => hearing.attend(client, npc));
    on(MessageName.result, resultSchema, ({ sessionId }, result) => this.#calls.receive(sessionId, result));
    // Requests: what the handler returns is the reply.
    on(MessageName.forget, forgetSchema, async ({ sessionId }) => ({
      forgotten: await this.forget(sessionId),
    }));
    on(MessageName.clock, clockSchema, (_client, { t0 }) => ({ t0, serverMs: this.#nowMs() }));
    if (this.#options.dropUnknownMessages ?? true)
      this.#unbind.push(
        room.onMessage('*', () => {
          this.#unknown++;
        }),
      );
  }

  #players(): PlayersLike | undefined {
    const players = this.#options.players ?? (this.#room.state.players as Partial<PlayersLike> | undefined);
    return typeof players?.get === 'function' ? (players as PlayersLike) : undefined;
  }

  #notice(sessionId: string, code: string, message: string, npc?: string): void {
    for (const client of this.#room.clients)
      if (client.sessionId === sessionId)
        client.send(MessageName.notice, { code, message, ...(npc && { npc }) });
  }
}
