import { type FaceManifest, MessageName, MessageType, ParleyError } from '@parley/sdk';
import type { z } from 'zod';
import type { Engines, Tts } from '../engines/contracts.ts';
import type { NpcMemory } from '../memory/npc-memory.ts';
import { Mind } from '../persona/mind.ts';
import { checkModeration, type Moderator } from '../persona/moderate.ts';
import type { Persona } from '../persona/persona.ts';
import { type ActionEvent, Actor } from '../tools/actor.ts';
import type { Tool } from '../tools/tool.ts';
import { checkTools } from '../tools/tool-box.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import { NpcTurns, type TurnReport } from '../turn/npc-turns.ts';
import { TIMEOUT_DEFAULTS, type Timeouts } from '../turn/watchdog.ts';
import { type FloorPlan, OPEN_FLOOR } from '../walk/floor-plan.ts';
import { Attention } from './attention.ts';
import { ClientCalls } from './client-calls.ts';
import { Hearing } from './hearing.ts';
import {
  attendSchema,
  clockSchema,
  forgetSchema,
  listenSchema,
  resultSchema,
  saySchema,
} from './message-schemas.ts';
import { Movement, WALKING_TOOLS } from './movement.ts';
import { ownFaceManifest } from './own-face-manifest.ts';
import { NpcState } from './parley-state.ts';
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
  /** Speech is sent at most this long before it plays, ms. Default 2000. */
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
 */
export function attachParley(room: RoomLike, options: AttachParleyOptions): ParleyHandle {
  return new ParleyRoomPart(room, options);
}

/** An NPC of the room; its persona and voice change when its files do. */
interface NpcEntry {
  readonly state: NpcState;
  readonly turns: NpcTurns;
  readonly current: { persona: Persona; tts: Tts };
}

class ParleyRoomPart implements ParleyHandle {
  readonly #room: RoomLike;
  readonly #options: AttachParleyOptions;
  readonly #faceManifest: FaceManifest;
  readonly #nowMs: () => number;
  readonly #broadcast: SpeechBroadcast;
  readonly #npcs = new Map<string, NpcEntry>();
  readonly #hearing: Hearing;
  readonly #attention: Attention;
  readonly #movement: Movement;
  readonly #calls: ClientCalls;
  readonly #unbind: (() => void)[] = [];
  #malformed = 0;
  #unknown = 0;

  constructor(room: RoomLike, options: AttachParleyOptions) {
    if (!room.state?.parley)
      throw new TypeError('attachParley: the room state needs a field `parley: t.ref(ParleyState)`');
    this.#room = room;
    this.#options = options;
    this.#faceManifest = options.faceManifest ?? ownFaceManifest();
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#calls = new ClientCalls(() => room.clients);
    this.#broadcast = new SpeechBroadcast(room, this.#faceManifest.codec, this.#nowMs);
    const hearingRangeM = options.hearingRangeM ?? 5;
    this.#hearing = new Hearing({
      engines: options.engines,
      timeouts: options.timeouts ?? TIMEOUT_DEFAULTS,
      endpointing: options.endpointing,
      partialEveryMs: options.partialEveryMs,
      hearingRangeM,
      nowMs: this.#nowMs,
      npcs: this.#npcs,
      players: () => this.#players(),
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
      npcs: this.#npcs,
      players: () => this.#players(),
      nowMs: this.#nowMs,
      greetingRangeM: options.greetingRangeM ?? 2.8,
      lookingRangeM: hearingRangeM,
      waitsFor: (npcId) => this.#movement.waitsFor(npcId),
    });
    this.#movement = new Movement({
      plan: options.floor ?? OPEN_FLOOR,
      players: () => this.#players(),
      nowMs: this.#nowMs,
      opened: room.state.parley.opened,
    });
    for (const [index, persona] of options.personas.entries()) this.#addNpc(persona, index);
    this.#bind();
  }

  get stats(): ParleyStats {
    return {
      visitors: this.#hearing.visitors.size,
      malformed: this.#malformed + this.#hearing.malformed,
      unknown: this.#unknown,
      droppedPackets: this.#broadcast.droppedPackets,
    };
  }

  leave(sessionId: string): void {
    this.#hearing.leave(sessionId);
  }

  updatePersona(persona: Persona): void {
    const entry = this.#npcs.get(persona.id);
    if (!entry) {
      this.#addNpc(persona, Math.max(-1, ...[...this.#npcs.values()].map(({ state }) => state.index)) + 1);
      return;
    }
    this.#check(persona);
    Object.assign(entry.current, { persona, tts: this.#voice(persona) });
    const { name, title, head, position } = persona;
    Object.assign(entry.state, { name, title, head, y: position.y });
    this.#movement.place(entry.state, position);
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
    await Promise.all([...this.#npcs.values()].map(({ turns }) => turns.dispose()));
    for (const id of this.#npcs.keys()) this.#room.state.parley?.npcs.delete(id);
    this.#npcs.clear();
  }

  #addNpc(persona: Persona, index: number): void {
    const { engines, timeouts, leadMs, maxAheadMs, onTurn, memory, visitorId, moderators } = this.#options;
    const { codec } = this.#faceManifest;
    this.#check(persona);
    const current = { persona, tts: this.#voice(persona) };
    if (this.#npcs.has(persona.id))
      throw new RangeError(`attachParley: two personas have the id "${persona.id}"`);
    const { id, name, title, head, position } = persona;
    const state = new NpcState();
    Object.assign(state, { id, index, name, title, head, ...position });
    this.#room.state.parley?.npcs.set(id, state);
    const turns = new NpcTurns({
      get persona() {
        return current.persona;
      },
      get tts() {
        return current.tts;
      },
      mind: new Mind({
        persona: () => current.persona,
        llm: engines.llm,
        embedder: engines.embed,
        reranker: engines.rerank,
        memory,
        moderators,
        actor: this.#actor(persona.id),
      }),
      visitorId,
      nameOf: (sessionId) => this.#players()?.get(sessionId)?.name,
      engines,
      face: state,
      codec: { layout: codec, fps: codec.fps, neutral: Uint8Array.from(codec.neutral) },
      timeouts: timeouts ?? TIMEOUT_DEFAULTS,
      leadMs: leadMs ?? 120,
      maxAheadMs: maxAheadMs ?? 2_000,
      nowMs: this.#nowMs,
      output: {
        begin: (startMs, details) => {
          this.#hearing.played.begin(id, startMs);
          state.utterance = this.#broadcast.begin(state, startMs, details);
          return state.utterance;
        },
        send: (block) => {
          this.#hearing.played.addCoded(id, block.audio);
          this.#broadcast.send(id, block);
        },
        duck: (gain) => {
          this.#hearing.played.duck(id, gain, this.#nowMs());
          this.#broadcast.duck(id, gain);
        },
        stop: (endSample) => {
          this.#hearing.played.stop(id, endSample);
          this.#broadcast.stop(id, endSample);
        },
        end: () => {
          this.#hearing.played.end(id);
          this.#broadcast.end(id);
          state.utterance = 0;
          state.emotion = '';
        },
      },
      events: {
        onNotice: (speakerId, code, message) => this.#notice(speakerId, code, message, id),
        onTurnEnd: (report) => {
          const { answer, utterance, emotion } = report;
          if (answer !== '')
            this.#broadcast.message(MessageName.transcript, {
              npc: id,
              speakerId: '',
              text: answer,
              final: true,
              utterance,
              ...(emotion && { emotion }),
            });
          onTurn?.(report);
        },
      },
    });
    this.#npcs.set(id, { state, turns, current });
    this.#movement.place(state, position);
  }

  /** @throws {ParleyError} `unknown-tool`, `unknown-moderator` */
  #check(persona: Persona): void {
    const { tools = [], moderators } = this.#options;
    checkTools(persona, tools);
    checkModeration(persona, moderators);
  }

  #actor(npc: string): Actor {
    return new Actor({
      tools: this.#options.tools ?? [],
      callClient: this.#calls.call,
      onAction: (event) => {
        this.#broadcast.message(MessageName.action, event);
        this.#movement.act(event, this.#walks(npc));
        this.#options.onAction?.(event);
      },
      onFault: ({ code, message }) => {
        for (const { sessionId } of this.#room.clients) this.#notice(sessionId, code, message, npc);
      },
    });
  }

  /** Whether an NPC has legs to use: a tool that walks. */
  #walks(npc: string): boolean {
    const tools = this.#npcs.get(npc)?.current.persona.tools ?? [];
    return tools.some((tool) => 'use' in tool && WALKING_TOOLS.has(tool.use));
  }

  #voice(persona: Persona): Tts {
    const { engines, voices = engines.voices } = this.#options;
    const { name } = persona.voice;
    const tts = name === undefined ? engines.tts : voices?.[name];
    if (tts) return tts;
    const known = Object.keys(voices ?? {}).join(', ') || 'none';
    throw new ParleyError(
      'unknown-voice',
      `${persona.id} asks for the voice "${name}", which is not there; the room has: ${known}`,
    );
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
          this.#notice(client.sessionId, 'malformed-message', `${name}: ${message.error.issues[0]?.message}`);
        }),
      );
    this.#unbind.push(
      room.onMessage(MessageName.hello, (client: ClientLike) => {
        this.#broadcast.join(client);
        hearing.hello(client);
      }),
      room.onMessageBytes(MessageType.microphone, (client: ClientLike, bytes) => {
        if (bytes instanceof Uint8Array) hearing.receive(client, bytes);
      }),
    );
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
