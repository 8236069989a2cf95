import type { ISpatialAudioOptions } from '@babylonjs/core/AudioV2/abstractAudio/subProperties/abstractSpatialAudio.js';
import { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import {
  type FaceTrack,
  type NpcStatus,
  type NpcView,
  type ParleyClient,
  type ParleyError,
  STOP_FADE_MS,
  type TranscriptMessage,
  type UtteranceMessage,
} from '@parley/sdk';
import type { SceneAudio } from '../audio/scene-audio.ts';
import { createSpatialVoice, type SpatialVoice } from '../audio/spatial-voice.ts';
import type { HeardSample, SpeechPlayer } from '../audio/speech-player.ts';
import { ParleyFaceBehavior } from '../behavior/parley-face-behavior.ts';
import type { FaceModel } from '../model/load-face-model.ts';
import { BodyTurn } from './body-turn.ts';
import { BodyWalk } from './body-walk.ts';
import { Expression } from './expression.ts';
import { Gaze } from './gaze.ts';
import { Limbs } from './limbs.ts';
import { Nod } from './nod.ts';
import type { NpcHead } from './npc-head.ts';

/** What a {@link ParleyNpc} tells. */
export interface ParleyNpcEvents {
  status: NpcStatus;
  /** What the NPC says, as far as it is heard; `''` when it is silent. */
  caption: string;
  /** What was said by the NPC, or to it. */
  transcript: TranscriptMessage;
  utterance: UtteranceMessage;
  /** Its face or voice cannot be shown; it goes on without. */
  error: ParleyError;
}

/** Finds where somebody is; writes it to `out` and returns whether they are there. */
export type Locate = (sessionId: string, out: Vector3) => boolean;

/** Parts that `joinParley` puts an NPC together from. */
export interface ParleyNpcParts {
  readonly id: string;
  readonly head: NpcHead;
  readonly client: ParleyClient;
  readonly model: FaceModel;
  readonly audio: SceneAudio;
  readonly player: SpeechPlayer;
  readonly track: FaceTrack;
  readonly locate: Locate;
  readonly playoutDelayMs: number;
  readonly bodyTurns: boolean;
  /** The room's view of it when its head was put in place. */
  readonly placed: NpcView | undefined;
  readonly spatial?: Partial<ISpatialAudioOptions>;
  /** Told when the NPC leaves. */
  readonly onDispose: (npc: ParleyNpc) => void;
}

type Listener<K extends keyof ParleyNpcEvents> = (event: ParleyNpcEvents[K]) => void;

/** Rendered frames further apart than this count as this long, for turning and looking. */
const LONGEST_FRAME_MS = 100;

/** Time constant with which the voice is lowered and raised, ms. */
const DUCK_MS = 40;

/** An NPC in the scene: its head, its voice, its look. Made by {@link Parley.addNpc}. */
export class ParleyNpc {
  readonly id: string;
  /** Place and turn the NPC by this node; +z is where it faces. */
  readonly node: TransformNode;
  /** The face; its controls are written before every frame. */
  readonly face: ParleyFaceBehavior;
  /** Names of the controls that its head cannot show. */
  readonly missingControls: readonly string[];
  readonly #parts: ParleyNpcParts;
  readonly #voice: SpatialVoice;
  readonly #expression: Expression;
  readonly #gaze: Gaze;
  readonly #nod: Nod;
  readonly #body: BodyTurn | null;
  readonly #walk: BodyWalk;
  readonly #limbs: Limbs;
  readonly #listeners = new Map<keyof ParleyNpcEvents, Set<(event: never) => void>>();
  readonly #closers: (() => void)[] = [];
  readonly #target = new Vector3();
  readonly #heard: HeardSample = { utterance: 0, sample: 0 };
  readonly #reported: HeardSample = { utterance: 0, sample: 0 };
  #view: NpcView | undefined;
  #utterance = 0;
  #volume = 1;
  /** Share of the volume while somebody may be interrupting: now, and where it is going. */
  #ducking = 1;
  #duckingTo = 1;
  #syncErrorMs = Number.NaN;
  #faceSample = Number.NaN;
  #lastMs = Number.NaN;
  #disposed = false;

  /** @internal */
  static async create(parts: ParleyNpcParts): Promise<ParleyNpc> {
    const voice = await createSpatialVoice(
      parts.audio.engine,
      parts.player.node,
      parts.head.faceNode,
      parts.spatial,
    );
    return new ParleyNpc(parts, voice);
  }

  private constructor(parts: ParleyNpcParts, voice: SpatialVoice) {
    const { id, head, model, client, track, player } = parts;
    this.#parts = parts;
    this.#voice = voice;
    this.id = id;
    this.node = head.root;
    this.face = new ParleyFaceBehavior(model, { decoder: model.decoder, rig: head });
    head.root.addBehavior(this.face);
    this.missingControls = head.rig.missing;
    this.#expression = new Expression(model.manifest);
    this.#gaze = new Gaze(head.root, head.faceNode, model.manifest);
    this.#nod = new Nod(model.manifest);
    this.#body = parts.bodyTurns ? new BodyTurn(head.root) : null;
    this.#walk = new BodyWalk(head.root);
    if (parts.placed) this.#walk.push(performance.now(), parts.placed);
    this.#limbs = new Limbs(head.root);
    this.#closers.push(
      client.on('utterance', (message) => {
        if (message.npc !== id) return;
        this.#begin(message);
      }),
      client.on('packet', (packet) => {
        if (track.push(packet)) player.pump();
      }),
      client.on('duck', ({ npc, utterance, gain }) => {
        if (npc === id && utterance === this.#utterance) this.#duckingTo = gain;
      }),
      client.on('stop', ({ npc, utterance, endSample }) => {
        if (npc !== id) return;
        track.stop({ utterance, endSample });
        player.stop(utterance, endSample, STOP_FADE_MS);
      }),
      client.on('transcript', (message) => {
        if (message.npc === id) this.#emit('transcript', message);
      }),
      client.on('npcs', (npcs) => this.#updateView(npcs)),
    );
    this.#updateView(client.npcs);
  }

  /** The animations that its file brings; none is started. */
  get animationGroups(): NpcHead['animationGroups'] {
    return this.#parts.head.animationGroups;
  }

  /** As the room last told it; undefined while the room has no such NPC. */
  get view(): NpcView | undefined {
    return this.#view;
  }

  get status(): NpcStatus {
    return this.#view?.status ?? 'idle';
  }

  get caption(): string {
    return this.#view?.caption ?? '';
  }

  /** Its speed over the floor as it is shown, metres a second. */
  get speedMPerS(): number {
    return this.#walk.speedMPerS;
  }

  /** Loudness of the voice, 0 to 1. Default 1. */
  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = volume;
    this.#voice.volume = volume * this.#ducking;
  }

  /**
   * Face minus sound, in ms, at the frame that was last shown: the sample that the face showed against the one that was at
   * the ear by the browser's own output clock. NaN while the NPC is not heard.
   */
  get syncErrorMs(): number {
    return this.#syncErrorMs;
  }

  /** Sample of the running utterance that the face showed last; NaN while the NPC is not heard. */
  get faceSample(): number {
    return this.#faceSample;
  }

  /** The voice as the audio thread last told it, for display: underruns, lag, sound in store. */
  get playback(): SpeechPlayer['report'] {
    return this.#parts.player.report;
  }

  /** Listens to an event; returns the way to stop. */
  on<K extends keyof ParleyNpcEvents>(event: K, listener: Listener<K>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Says something to this NPC by text. */
  say(text: string): void {
    this.#parts.client.say(text, this.id);
  }

  /** @internal Prepares the face of the frame at `nowMs` of `performance.now()`; called once a frame. */
  update(nowMs: number): void {
    const deltaMs = Math.min(LONGEST_FRAME_MS, Math.max(0, nowMs - this.#lastMs)) || 0;
    this.#lastMs = nowMs;
    this.#walk.update(nowMs, deltaMs, this.#body !== null);
    this.#parts.track.sampleControls(this.#faceRoomMs(nowMs), this.face.controls);
    this.#expression.apply(this.face.controls, this.#view?.emotion, deltaMs);
    const target = this.#findTarget() ? this.#target : null;
    this.#gaze.apply(this.face.controls, target, deltaMs);
    this.#nod.apply(this.face.controls, this.#view?.nods, deltaMs);
    this.#fade(deltaMs);
    this.#turnBody(target !== null, deltaMs);
    this.#limbs.update(this.#walk, this.#view, deltaMs);
  }

  /** Moves the limbs on top of the file's own animations; called once a frame when those have run. @internal */
  pose(): void {
    this.#limbs.apply();
  }

  #turnBody(looks: boolean, deltaMs: number): void {
    // Who walks faces where the room says; who stands turns to the partner.
    if (!this.#body || this.#view?.walking) return;
    if (this.#view) this.#body.homeYaw = this.#walk.homeYaw;
    const toLeft = this.node.getScene().useRightHandedSystem ? 1 : -1;
    this.#body.update(looks ? this.#gaze.targetYaw * toLeft : null, deltaMs);
  }

  /** @internal */
  fail(error: ParleyError): void {
    this.#emit('error', error);
  }

  /** Takes the NPC out of the scene: meshes, materials, textures, sound and listeners. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const close of this.#closers.splice(0)) close();
    this.#listeners.clear();
    this.#parts.track.close();
    this.#voice.dispose();
    this.#parts.player.dispose();
    this.node.removeBehavior(this.face);
    this.#parts.head.dispose();
    this.#parts.onDispose(this);
  }

  /** Goes towards the loudness that the room asked for. */
  #fade(deltaMs: number): void {
    if (this.#ducking === this.#duckingTo) return;
    const left = this.#duckingTo - this.#ducking;
    this.#ducking += left * Math.min(1, deltaMs / DUCK_MS);
    if (Math.abs(left) < 0.02) this.#ducking = this.#duckingTo;
    this.#voice.volume = this.#volume * this.#ducking;
  }

  #begin(message: UtteranceMessage): void {
    const { track, player } = this.#parts;
    this.#duckingTo = 1;
    this.#utterance = message.utterance;
    try {
      track.begin(message);
    } catch (error) {
      this.fail(error as ParleyError);
      return;
    }
    const buffer = track.bufferOf(message.utterance);
    if (buffer) player.begin(message, buffer);
    this.#emit('utterance', message);
  }

  /**
   * Room time of the face to show: that of the sample at the ear, so that lips and voice meet whatever the clocks do; what
   * should be at the ear while nothing is heard.
   */
  #faceRoomMs(nowMs: number): number {
    const { player, track, client, playoutDelayMs } = this.#parts;
    this.#syncErrorMs = Number.NaN;
    this.#faceSample = Number.NaN;
    if (player.readHeard(nowMs, this.#heard)) {
      const { utterance, sample } = this.#heard;
      const roomMs = track.roomMsAt(utterance, sample);
      if (roomMs !== undefined) {
        this.#faceSample = sample;
        this.#measureSync(nowMs);
        return roomMs;
      }
    }
    const latencyMs = player.clock.running ? player.clock.outputLatencySeconds * 1000 : 0;
    return client.clock.nowMs() - playoutDelayMs - latencyMs;
  }

  #measureSync(nowMs: number): void {
    const { player, track } = this.#parts;
    if (!player.readReported(nowMs, this.#reported) || this.#reported.utterance !== this.#heard.utterance)
      return;
    const face = track.roomMsAt(this.#heard.utterance, this.#heard.sample);
    const sound = track.roomMsAt(this.#heard.utterance, this.#reported.sample);
    if (face !== undefined && sound !== undefined) this.#syncErrorMs = face - sound;
  }

  #findTarget(): boolean {
    if (this.#limbs.looksAtAim && this.#view) {
      const { aimX = 0, aimY = 0, aimZ = 0 } = this.#view;
      this.#walk.toScene(aimX, aimY, aimZ, this.#target);
      return true;
    }
    const sessionId = this.#view?.lookAt;
    return sessionId ? this.#parts.locate(sessionId, this.#target) : false;
  }

  #updateView(npcs: readonly NpcView[]): void {
    const before = this.#view;
    this.#view = npcs.find((npc) => npc.id === this.id);
    if (this.#view) this.#walk.push(performance.now(), this.#view);
    if (this.status !== (before?.status ?? 'idle')) this.#emit('status', this.status);
    if (this.caption !== (before?.caption ?? '')) this.#emit('caption', this.caption);
  }

  #emit<K extends keyof ParleyNpcEvents>(event: K, value: ParleyNpcEvents[K]): void {
    const listeners = this.#listeners.get(event);
    if (listeners) for (const listener of listeners) (listener as Listener<K>)(value);
  }
}
