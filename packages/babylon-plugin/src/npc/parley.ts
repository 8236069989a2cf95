import type { ISpatialAudioOptions } from '@babylonjs/core/AudioV2/abstractAudio/subProperties/abstractSpatialAudio.js';
import type { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Observer } from '@babylonjs/core/Misc/observable.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { FaceTrack, type ParleyClient, ParleyError } from '@parley/sdk';
import { Microphone } from '../audio/microphone.ts';
import type { SceneAudio } from '../audio/scene-audio.ts';
import type { OpusBackend } from '../audio/speech-decoder.ts';
import { SpeechPlayer } from '../audio/speech-player.ts';
import type { LoadHeadOptions } from '../head/load-head.ts';
import type { FaceModel } from '../model/load-face-model.ts';
import { type HeadSource, npcHead } from './npc-head.ts';
import { type Locate, ParleyNpc } from './parley-npc.ts';

/** Options of {@link Parley.addNpc}. */
export interface AddNpcOptions extends LoadHeadOptions {
  /** The head, or a whole body with one. */
  readonly head: HeadSource;
  /** Default: where the room state has the NPC. */
  readonly position?: Vector3;
  /** Turn about +y in radians; at 0 the NPC faces +z. Default: as the room state has it. */
  readonly yaw?: number;
  /** Whether the whole body turns to its partner, not the head alone. Default false. */
  readonly bodyTurns?: boolean;
  /** How the voice carries; see VOICE_DEFAULTS. */
  readonly spatial?: Partial<ISpatialAudioOptions>;
}

/** Parts that `joinParley` puts a {@link Parley} together from. */
export interface ParleyParts {
  readonly scene: Scene;
  readonly client: ParleyClient;
  readonly model: FaceModel;
  readonly audio: SceneAudio;
  readonly locate: Locate;
  readonly playoutDelayMs: number;
  readonly opus: OpusBackend;
  readonly microphoneCodec: 'auto' | 'pcm16';
  /** Asks the room to repeat what is under way. */
  readonly greet: () => void;
}

/** NPCs are shifted in the idle loop by this, so that they do not blink together. */
const IDLE_PHASE_MS = 17_300;

/** Parley in a scene and a room. Made by `joinParley`. */
export class Parley {
  readonly client: ParleyClient;
  readonly model: FaceModel;
  readonly audio: SceneAudio;
  /** The visitor's microphone; its sound is sent while an NPC listens, see {@link listen}. */
  readonly microphone: Microphone;
  readonly #parts: ParleyParts;
  readonly #npcs = new Map<string, ParleyNpc>();
  readonly #observer: Observer<Scene>;
  readonly #poser: Observer<Scene>;
  readonly #sceneObserver: Observer<Scene>;
  #disposed = false;

  /** @internal */
  constructor(parts: ParleyParts) {
    this.#parts = parts;
    this.client = parts.client;
    this.model = parts.model;
    this.audio = parts.audio;
    this.microphone = new Microphone(parts.audio.context, {
      codec: parts.microphoneCodec,
      onPacket: (packet) => parts.client.sendMicrophone(packet),
    });
    this.#observer = parts.scene.onBeforeAnimationsObservable.add(() => this.#update());
    this.#poser = parts.scene.onAfterAnimationsObservable.add(() => {
      for (const npc of this.#npcs.values()) npc.pose();
    });
    this.#sceneObserver = parts.scene.onDisposeObservable.add(() => this.dispose());
  }

  /** The NPCs that were added to the scene, by id. */
  get npcs(): ReadonlyMap<string, ParleyNpc> {
    return this.#npcs;
  }

  /**
   * Puts an NPC of the room into the scene.
   *
   * @param id - The NPC's id in the room state.
   * @throws ParleyError about the head: see `loadHead`.
   */
  async addNpc(id: string, options: AddNpcOptions): Promise<ParleyNpc> {
    if (this.#npcs.has(id)) throw new RangeError(`the NPC ${id} is in the scene already`);
    const { scene, client, model, audio, locate, playoutDelayMs, opus } = this.#parts;
    const head = await npcHead(scene, options.head, model, options);
    // Read now: it may have walked while its head was loaded.
    const view = client.npcs.find((npc) => npc.id === id);
    if (options.position) head.root.position.copyFrom(options.position);
    else if (view) head.root.position.set(view.x, view.y, view.z);
    const yaw = options.yaw ?? view?.yaw;
    if (yaw !== undefined) {
      head.root.rotationQuaternion = null;
      head.root.rotation.set(0, yaw, 0);
    }
    const roomMs = (): number => client.clock.nowMs();
    let npc: ParleyNpc | undefined;
    const track = new FaceTrack({
      manifest: model.manifest,
      decoder: model.decoder,
      idle: model.idle,
      idlePhaseMs: (view?.index ?? this.#npcs.size) * IDLE_PHASE_MS,
      roomMs,
      onError: (error) => npc?.fail(error),
    });
    const player = await SpeechPlayer.create(audio.context, { roomMs, playoutDelayMs, opus });
    const bodyTurns = options.bodyTurns ?? false;
    npc = await ParleyNpc.create({
      id,
      head,
      client,
      model,
      audio,
      player,
      track,
      locate,
      playoutDelayMs,
      bodyTurns,
      placed: view,
      spatial: options.spatial,
      onDispose: (gone) => {
        if (this.#npcs.get(id) === gone) this.#npcs.delete(id);
      },
    });
    if (this.#disposed || options.signal?.aborted) {
      npc.dispose();
      throw new ParleyError('aborted', `the NPC ${id} is no longer wanted`);
    }
    this.#npcs.set(id, npc);
    // What it may be saying already was announced before it was in the scene.
    this.#parts.greet();
    return npc;
  }

  /** Takes an NPC out of the scene. */
  removeNpc(id: string): void {
    this.#npcs.get(id)?.dispose();
  }

  /**
   * Opens or closes the visitor's ear to an NPC: while open, the microphone's sound is sent.
   *
   * @param npcId - Whom it is meant for; without it the room chooses.
   * @throws ParleyError `not-connected`.
   */
  listen(on: boolean, npcId?: string): void {
    this.client.listen(on, npcId);
    this.microphone.listening = on;
  }

  /** Takes all NPCs out and frees the model, the sound and the microphone; the room stays joined. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#observer.remove();
    this.#poser.remove();
    this.#sceneObserver.remove();
    for (const npc of [...this.#npcs.values()]) npc.dispose();
    this.microphone.dispose();
    this.client.close();
    void this.model.decoder.close();
    this.audio.dispose();
  }

  #update(): void {
    const nowMs = performance.now();
    for (const npc of this.#npcs.values()) npc.update(nowMs);
  }
}
