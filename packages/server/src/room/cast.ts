import { type FaceManifest, MessageName, ParleyError } from '@parley/sdk';
import type { Tts } from '../engines/contracts.ts';
import { Mind } from '../persona/mind.ts';
import { checkModeration } from '../persona/moderate.ts';
import type { Persona } from '../persona/persona.ts';
import { Actor } from '../tools/actor.ts';
import { checkTools } from '../tools/tool-box.ts';
import type { NpcTurnEvents } from '../turn/npc-turns.ts';
import { NpcTurns } from '../turn/npc-turns.ts';
import type { NpcSpeechOutput } from '../turn/npc-voice.ts';
import type { PlayedVoices } from '../turn/played-voices.ts';
import { TIMEOUT_DEFAULTS } from '../turn/watchdog.ts';
import type { AttachParleyOptions } from './attach-parley.ts';
import type { ClientCalls } from './client-calls.ts';
import { type Movement, WALKING_TOOLS } from './movement.ts';
import { NpcState, type ParleyState } from './parley-state.ts';
import type { PlayersLike } from './room-like.ts';
import type { RoomNpc } from './room-npc.ts';
import type { SpeechBroadcast } from './speech-broadcast.ts';

/** An NPC of the cast; its persona and voice change when its files do. */
export interface CastNpc extends RoomNpc {
  readonly current: { persona: Persona; tts: Tts };
}

/** What the cast needs of its room. */
export interface CastOptions {
  /** What the host gave. */
  readonly host: AttachParleyOptions;
  /** Gets the NPCs, by their ids. */
  readonly npcs: Map<string, CastNpc>;
  readonly state: ParleyState;
  readonly codec: FaceManifest['codec'];
  readonly players: () => PlayersLike | undefined;
  readonly nowMs: () => number;
  readonly broadcast: SpeechBroadcast;
  readonly played: PlayedVoices;
  readonly movement: Movement;
  readonly calls: ClientCalls;
  readonly notice: (sessionId: string, code: string, message: string, npc: string) => void;
  /** The same for everybody. */
  readonly noticeAll: (code: string, message: string, npc: string) => void;
}

/** The NPCs of a room: made of personas, and connected with whatever carries their words, faces and deeds to visitors. */
export class Cast {
  readonly #options: CastOptions;

  constructor(options: CastOptions) {
    this.#options = options;
  }

  /**
   * Puts a changed persona in the place of the one with its id, from the next turn on; one with a new id joins.
   * @throws {ParleyError} `unknown-voice`, `unknown-tool`, `unknown-moderator`; the persona before stays.
   */
  update(persona: Persona): void {
    const { npcs, movement } = this.#options;
    const npc = npcs.get(persona.id);
    if (!npc) {
      this.add(persona, Math.max(-1, ...[...npcs.values()].map(({ state }) => state.index)) + 1);
      return;
    }
    this.#check(persona);
    Object.assign(npc.current, { persona, tts: this.#voice(persona) });
    const { name, title, head, position } = persona;
    Object.assign(npc.state, { name, title, head, y: position.y });
    movement.place(npc.state, position);
  }

  /**
   * @param index What speech packets call it.
   * @throws {RangeError} where somebody has its id.
   * @throws {ParleyError} as {@link update} does.
   */
  add(persona: Persona, index: number): void {
    const { host, npcs, state: parley, codec, players, nowMs, movement } = this.#options;
    const { engines, timeouts = TIMEOUT_DEFAULTS, leadMs = 120, maxAheadMs = 2_000, visitorId } = host;
    const { id, name, title, head, position } = persona;
    this.#check(persona);
    const current = { persona, tts: this.#voice(persona) };
    if (npcs.has(id))
      throw new RangeError(`attachParley: two personas have the id "${id}"; give one of them another \`id\``);
    const state = new NpcState();
    Object.assign(state, { id, index, name, title, head, ...position });
    parley.npcs.set(id, state);
    const turns = new NpcTurns({
      get persona() {
        return current.persona;
      },
      get tts() {
        return current.tts;
      },
      mind: this.#mind(id, current),
      visitorId,
      nameOf: (sessionId) => players()?.get(sessionId)?.name,
      engines,
      shown: state,
      codec: { layout: codec, fps: codec.fps, neutral: Uint8Array.from(codec.neutral) },
      timeouts,
      leadMs,
      maxAheadMs,
      nowMs,
      output: this.#output(state),
      events: this.#events(id),
    });
    npcs.set(id, { state, turns, current });
    movement.place(state, position);
  }

  /** Ends every turn and takes the NPCs out of the state. */
  async dispose(): Promise<void> {
    const { npcs, state } = this.#options;
    await Promise.all([...npcs.values()].map(({ turns }) => turns.dispose()));
    for (const id of npcs.keys()) state.npcs.delete(id);
    npcs.clear();
  }

  #mind(npc: string, current: CastNpc['current']): Mind {
    const { host, broadcast, movement, calls, noticeAll } = this.#options;
    const { engines, memory, moderators, tools = [] } = host;
    const actor = new Actor({
      tools,
      callClient: calls.call,
      onAction: (event) => {
        broadcast.message(MessageName.action, event);
        movement.act(event, canWalk(current.persona));
        host.onAction?.(event);
      },
      onFault: ({ code, message }) => noticeAll(code, message, npc),
    });
    return new Mind({
      persona: () => current.persona,
      llm: engines.llm,
      embedder: engines.embed,
      reranker: engines.rerank,
      memory,
      moderators,
      actor,
    });
  }

  /** Where the utterances of an NPC go: to the clients, and to those who look for them in microphones. */
  #output(state: NpcState): NpcSpeechOutput {
    const { played, broadcast, nowMs } = this.#options;
    const { id } = state;
    return {
      begin: (startMs, details) => {
        played.begin(id, startMs);
        state.utterance = broadcast.begin(state, startMs, details);
        return state.utterance;
      },
      send: (block) => {
        played.addCoded(id, block.audio);
        broadcast.send(id, block);
      },
      duck: (gain) => {
        played.duck(id, gain, nowMs());
        broadcast.duck(id, gain);
      },
      stop: (endSample) => {
        played.stop(id, endSample);
        broadcast.stop(id, endSample);
      },
      end: () => {
        played.end(id);
        broadcast.end(id);
        state.utterance = 0;
        state.emotion = '';
      },
    };
  }

  #events(npc: string): NpcTurnEvents {
    const { host, broadcast, notice } = this.#options;
    return {
      onNotice: (speakerId, code, message) => notice(speakerId, code, message, npc),
      onTurnEnd: (report) => {
        const { answer: text, utterance, emotion } = report;
        const told = { npc, speakerId: '', text, final: true, utterance, ...(emotion && { emotion }) };
        if (text !== '') broadcast.message(MessageName.transcript, told);
        host.onTurn?.(report);
      },
    };
  }

  /** @throws {ParleyError} `unknown-tool`, `unknown-moderator` */
  #check(persona: Persona): void {
    const { tools = [], moderators } = this.#options.host;
    checkTools(persona, tools);
    checkModeration(persona, moderators);
  }

  /** @throws {ParleyError} `unknown-voice` */
  #voice(persona: Persona): Tts {
    const { engines, voices = engines.voices } = this.#options.host;
    const { name } = persona.voice;
    const tts = name === undefined ? engines.tts : voices?.[name];
    if (tts) return tts;
    const known = Object.keys(voices ?? {}).join(', ') || 'none';
    throw new ParleyError(
      'unknown-voice',
      `${persona.id} asks for the voice "${name}", which is not there; name one that the room has (${known}), or load it with its engines`,
    );
  }
}

/** Whether an NPC has legs to use: a tool that walks. */
function canWalk({ tools }: Persona): boolean {
  return tools.some((tool) => 'use' in tool && WALKING_TOOLS.has(tool.use));
}
