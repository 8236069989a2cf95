import { type FaceManifest, MessageName, MessageType, ParleyError } from '@parley/sdk';
import type { z } from 'zod';
import type { Engines, Tts } from '../engines/contracts.ts';
import type { Persona } from '../persona/persona.ts';
import type { EndpointingOptions } from '../turn/endpointing.ts';
import { NpcTurns, type TurnReport } from '../turn/npc-turns.ts';
import { TIMEOUT_DEFAULTS, type Timeouts } from '../turn/watchdog.ts';
import { Attention } from './attention.ts';
import { Hearing } from './hearing.ts';
import { attendSchema, clockSchema, listenSchema, saySchema } from './message-schemas.ts';
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

class ParleyRoomPart implements ParleyHandle {
  readonly #room: RoomLike;
  readonly #options: AttachParleyOptions;
  readonly #faceManifest: FaceManifest;
  readonly #nowMs: () => number;
  readonly #broadcast: SpeechBroadcast;
  readonly #npcs = new Map<string, { readonly state: NpcState; readonly turns: NpcTurns }>();
  readonly #hearing: Hearing;
  readonly #attention: Attention;
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
    });
    this.#attention = new Attention({
      npcs: this.#npcs,
      players: () => this.#players(),
      nowMs: this.#nowMs,
      greetingRangeM: options.greetingRangeM ?? 2.8,
      lookingRangeM: hearingRangeM,
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
    this.#attention.leave(sessionId);
  }

  async dispose(): Promise<void> {
    for (const unbind of this.#unbind.splice(0)) unbind();
    this.#attention.dispose();
    this.#hearing.dispose();
    await Promise.all([...this.#npcs.values()].map(({ turns }) => turns.dispose()));
    for (const id of this.#npcs.keys()) this.#room.state.parley?.npcs.delete(id);
    this.#npcs.clear();
  }

  #addNpc(persona: Persona, index: number): void {
    const { engines, voices, timeouts, leadMs, maxAheadMs, onTurn } = this.#options;
    const { codec } = this.#faceManifest;
    const voice = persona.voice.name;
    const tts = voice === undefined ? engines.tts : voices?.[voice];
    if (!tts)
      throw new ParleyError(
        'unknown-voice',
        `${persona.id} asks for the voice "${voice}", which is not there`,
      );
    if (this.#npcs.has(persona.id))
      throw new RangeError(`attachParley: two personas have the id "${persona.id}"`);
    const { id, name, title, head, position } = persona;
    const state = new NpcState();
    Object.assign(state, { id, index, name, title, head, ...position });
    this.#room.state.parley?.npcs.set(id, state);
    const turns = new NpcTurns({
      persona,
      engines,
      tts,
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
          this.#hearing.played.add(id, block.voice);
          this.#broadcast.send(id, block);
        },
        duck: (gain) => this.#broadcast.duck(id, gain),
        stop: (endSample) => {
          this.#hearing.played.stop(id, endSample);
          this.#broadcast.stop(id, endSample);
        },
        end: () => {
          this.#hearing.played.end(id);
          this.#broadcast.end(id);
          state.utterance = 0;
        },
      },
      events: {
        onNotice: (speakerId, code, message) => this.#notice(speakerId, code, message, id),
        onTurnEnd: (report) => {
          const { answer, utterance } = report;
          if (answer !== '')
            this.#broadcast.message(MessageName.transcript, {
              npc: id,
              speakerId: '',
              text: answer,
              final: true,
              utterance,
            });
          onTurn?.(report);
        },
      },
    });
    this.#npcs.set(id, { state, turns });
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
    // A request: what the handler returns is the reply.
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
