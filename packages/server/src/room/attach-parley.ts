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
import { chooseAddressee } from '../turn/addressee.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import type { HeardTurn } from '../turn/listener.ts';
import { NpcTurns, type Question, type TurnReport } from '../turn/npc-turns.ts';
import { TIMEOUT_DEFAULTS, type Timeouts } from '../turn/watchdog.ts';
import { ClientCalls } from './client-calls.ts';
import { clockSchema, forgetSchema, listenSchema, resultSchema, saySchema } from './message-schemas.ts';
import { ownFaceManifest } from './own-face-manifest.ts';
import { NpcState } from './parley-state.ts';
import type { ClientLike, PlayerLike, PlayersLike, RoomLike } from './room-like.ts';
import { SpeechBroadcast } from './speech-broadcast.ts';
import { type Listening, Visitor } from './visitor.ts';

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
  /** An utterance plays this long after its first packet was sent, ms. Default 200. */
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

/** A visitor whose connection is gone is remembered this long, as they may reconnect, ms. */
const REMEMBER_MS = 30_000;

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
  readonly #visitors = new Map<string, Visitor>();
  readonly #forgetting = new Map<string, NodeJS.Timeout>();
  /** Microphones that were open when their connection broke. */
  readonly #interrupted = new Map<string, Listening>();
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
    for (const [index, persona] of options.personas.entries()) this.#addNpc(persona, index);
    this.#bind();
  }

  get stats(): ParleyStats {
    let malformed = this.#malformed;
    for (const visitor of this.#visitors.values()) malformed += visitor.microphone.stats.malformed;
    return {
      visitors: this.#visitors.size,
      malformed,
      unknown: this.#unknown,
      droppedPackets: this.#broadcast.droppedPackets,
    };
  }

  leave(sessionId: string): void {
    clearTimeout(this.#forgetting.get(sessionId));
    this.#forgetting.delete(sessionId);
    this.#interrupted.delete(sessionId);
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    this.#malformed += visitor.microphone.stats.malformed;
    visitor.mute();
    this.#visitors.delete(sessionId);
    this.#broadcast.leave(sessionId);
    this.#calls.leave(sessionId);
    for (const { turns } of this.#npcs.values()) turns.leave(sessionId);
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
    Object.assign(entry.state, { name, title, head, ...position });
  }

  async forget(sessionId: string): Promise<number> {
    const visitor = this.#options.visitorId?.(sessionId);
    return visitor === undefined ? 0 : ((await this.#options.memory?.forget(visitor)) ?? 0);
  }

  async dispose(): Promise<void> {
    for (const unbind of this.#unbind.splice(0)) unbind();
    for (const timer of this.#forgetting.values()) clearTimeout(timer);
    for (const visitor of this.#visitors.values()) visitor.mute();
    this.#visitors.clear();
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
        memory,
        moderators,
        actor: this.#actor(persona.id),
      }),
      visitorId,
      engines,
      face: state,
      codec: { layout: codec, fps: codec.fps, neutral: Uint8Array.from(codec.neutral) },
      timeouts: timeouts ?? TIMEOUT_DEFAULTS,
      leadMs: leadMs ?? 200,
      maxAheadMs: maxAheadMs ?? 2_000,
      nowMs: this.#nowMs,
      output: {
        begin: (startMs, details) => {
          state.utterance = this.#broadcast.begin(state, startMs, details);
          return state.utterance;
        },
        send: (block) => this.#broadcast.send(id, block),
        stop: (endSample) => this.#broadcast.stop(id, endSample),
        end: () => {
          this.#broadcast.end(id);
          state.utterance = 0;
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
        this.#options.onAction?.(event);
      },
      onFault: ({ code, message }) => {
        for (const { sessionId } of this.#room.clients) this.#notice(sessionId, code, message, npc);
      },
    });
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
    const on = <T>(name: string, schema: z.ZodType<T>, handle: (visitor: Visitor, message: T) => unknown) =>
      this.#unbind.push(
        room.onMessage(name, (client: ClientLike, payload) => {
          const message = schema.safeParse(payload);
          if (message.success) return handle(this.#visitor(client), message.data);
          this.#malformed++;
          this.#notice(client.sessionId, 'malformed-message', `${name}: ${message.error.issues[0]?.message}`);
        }),
      );
    this.#unbind.push(
      room.onMessage(MessageName.hello, (client: ClientLike) => this.#hello(client)),
      room.onMessageBytes(MessageType.microphone, (client: ClientLike, bytes) => {
        if (bytes instanceof Uint8Array) this.#visitor(client).receive(bytes);
      }),
    );
    on(MessageName.say, saySchema, (visitor, { npc, text }) => this.#say(visitor, npc, text));
    on(MessageName.listen, listenSchema, (visitor, { npc, on: open, mode }) => {
      const { sessionId } = visitor.client;
      if (!open) this.#closeMicrophone(visitor);
      else if (visitor.open({ npc, mode })) this.#heard(sessionId, null);
    });
    on(MessageName.result, resultSchema, (visitor, result) =>
      this.#calls.receive(visitor.client.sessionId, result),
    );
    // Requests: what the handler returns is the reply.
    on(MessageName.forget, forgetSchema, async (visitor) => ({
      forgotten: await this.forget(visitor.client.sessionId),
    }));
    on(MessageName.clock, clockSchema, (_visitor, { t0 }) => ({ t0, serverMs: this.#nowMs() }));
    if (this.#options.dropUnknownMessages ?? true)
      this.#unbind.push(
        room.onMessage('*', () => {
          this.#unknown++;
        }),
      );
  }

  /** The visitor behind a client; made at their first message, bound anew after a reconnection. */
  #visitor(client: ClientLike): Visitor {
    const { sessionId } = client;
    const known = this.#visitors.get(sessionId);
    if (known?.connection === client.ref) return known;
    const { engines, endpointing, timeouts } = this.#options;
    const visitor =
      known ??
      new Visitor(client, {
        vad: engines.vad,
        asr: engines.asr,
        timeouts: timeouts ?? TIMEOUT_DEFAULTS,
        endpointing,
        nowMs: this.#nowMs,
        events: {
          onSpeechStart: () => this.#speechStart(sessionId),
          onLikelyTurn: (text) => this.#anticipate(sessionId, text),
          onResume: () => {
            for (const { turns } of this.#npcs.values()) turns.abandon(sessionId);
          },
          onTurn: (turn) => this.#heard(sessionId, turn),
          onFailure: (error, givesUp) => {
            this.#heard(sessionId, null);
            this.#fail(visitor, error);
            if (givesUp)
              this.#notice(
                sessionId,
                'microphone-closed',
                'Nobody can hear you at the moment. You can still type.',
              );
          },
        },
      });
    visitor.client = client;
    this.#visitors.set(sessionId, visitor);
    clearTimeout(this.#forgetting.get(sessionId));
    this.#forgetting.delete(sessionId);
    const { ref } = client;
    visitor.connection = ref;
    ref.once('close', () => {
      if (visitor.connection !== ref || !this.#visitors.has(sessionId)) return;
      const { listening } = visitor;
      if (listening) this.#interrupted.set(sessionId, listening);
      this.#closeMicrophone(visitor);
      this.#broadcast.leave(sessionId);
      const timer = setTimeout(() => this.leave(sessionId), REMEMBER_MS);
      timer.unref();
      this.#forgetting.set(sessionId, timer);
    });
    return visitor;
  }

  #hello(client: ClientLike): void {
    const visitor = this.#visitor(client);
    this.#broadcast.join(client);
    // Back after a reconnection: the microphone is open again if it was.
    const listening = this.#interrupted.get(client.sessionId);
    this.#interrupted.delete(client.sessionId);
    if (listening) visitor.open(listening);
  }

  #closeMicrophone(visitor: Visitor): void {
    visitor
      .close()
      .catch((error) => this.#fail(visitor, error))
      .then(() => this.#heard(visitor.client.sessionId, null));
  }

  #say(visitor: Visitor, npc: string | undefined, text: string): void {
    const { sessionId } = visitor.client;
    this.#ask(visitor, { npc, text }, { speakerId: sessionId, text });
    this.#show(sessionId, (player) => {
      player.caption = text;
    });
  }

  #speechStart(sessionId: string): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    this.#show(sessionId, (player) => {
      player.speaking = true;
    });
    const npc = this.#addressee(visitor, { npc: visitor.addressedNpc });
    visitor.hearingNpc = npc?.id ?? null;
    if (npc) this.#npcs.get(npc.id)?.turns.hearStart(sessionId);
  }

  #anticipate(sessionId: string, text: string): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    const npc = this.#addressee(visitor, {
      npc: visitor.addressedNpc,
      text,
      fallback: visitor.hearingNpc ?? undefined,
    });
    if (npc) this.#npcs.get(npc.id)?.turns.anticipate({ speakerId: sessionId, text });
  }

  #heard(sessionId: string, turn: HeardTurn | null): void {
    const visitor = this.#visitors.get(sessionId);
    if (!visitor) return;
    const hearing = visitor.hearingNpc;
    this.#endSpeech(visitor);
    if (turn) {
      const { text } = turn;
      this.#show(sessionId, (player) => {
        player.caption = text;
      });
      const clues = { npc: visitor.addressedNpc, text, fallback: hearing ?? undefined };
      const asked = this.#ask(visitor, clues, { speakerId: sessionId, text, heard: turn });
      if (asked === hearing) return;
    }
    if (hearing !== null) this.#npcs.get(hearing)?.turns.hearNothing(sessionId);
  }

  #endSpeech(visitor: Visitor): void {
    visitor.hearingNpc = null;
    this.#show(visitor.client.sessionId, (player) => {
      player.speaking = false;
    });
  }

  /** Puts a question to whom it is meant for. @returns Their id. */
  #ask(
    visitor: Visitor,
    clues: { readonly npc?: string; readonly text: string; readonly fallback?: string },
    question: Question,
  ): string | null {
    const { sessionId } = visitor.client;
    const npc = this.#addressee(visitor, clues);
    if (!npc) {
      this.#notice(sessionId, 'nobody-near', 'Nobody is near enough to hear you. Walk up to somebody.');
      return null;
    }
    visitor.lastNpc = npc.id;
    this.#broadcast.message(MessageName.transcript, {
      npc: npc.id,
      speakerId: sessionId,
      text: clues.text,
      final: true,
    });
    this.#npcs.get(npc.id)?.turns.ask(question);
    return npc.id;
  }

  /** The NPC that is meant; where nothing tells, the one that has heard the speech so far. */
  #addressee(
    visitor: Visitor,
    clues: { readonly npc?: string; readonly text?: string; readonly fallback?: string },
  ): NpcState | null {
    const player = this.#players()?.get(visitor.client.sessionId);
    const { x, y, z } = player ?? {};
    const meant = chooseAddressee(
      [...this.#npcs.values()].map(({ state }) => state),
      {
        explicit: clues.npc,
        text: clues.text,
        place: x === undefined || z === undefined ? undefined : { x, y: y ?? 0, z },
        last: visitor.lastNpc,
        rangeM: this.#options.hearingRangeM ?? 5,
      },
    );
    return meant ?? this.#npcs.get(clues.fallback ?? '')?.state ?? null;
  }

  #players(): PlayersLike | undefined {
    const players = this.#options.players ?? (this.#room.state.players as Partial<PlayersLike> | undefined);
    return typeof players?.get === 'function' ? (players as PlayersLike) : undefined;
  }

  /** Shows something of a visitor, where the host's schema has a field for it. */
  #show(sessionId: string, change: (player: PlayerLike) => void): void {
    const player = this.#players()?.get(sessionId);
    if (player && 'speaking' in player && 'caption' in player) change(player);
  }

  #fail(visitor: Visitor, error: unknown): void {
    const code = error instanceof ParleyError ? error.code : 'listening-failed';
    this.#notice(visitor.client.sessionId, code, error instanceof Error ? error.message : String(error));
  }

  #notice(sessionId: string, code: string, message: string, npc?: string): void {
    for (const client of this.#room.clients)
      if (client.sessionId === sessionId)
        client.send(MessageName.notice, { code, message, ...(npc && { npc }) });
  }
}
