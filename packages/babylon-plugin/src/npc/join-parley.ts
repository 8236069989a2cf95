import type { AudioEngineV2 } from '@babylonjs/core/AudioV2/abstractAudio/audioEngineV2.js';
import type { Vector3 } from '@babylonjs/core/Maths/math.vector.js';
import type { Scene } from '@babylonjs/core/scene.js';
import { MessageName, ParleyClient, PROTOCOL_VERSION, type RoomLike } from '@parley/sdk';
import { createSceneAudio } from '../audio/scene-audio.ts';
import type { OpusBackend } from '../audio/speech-decoder.ts';
import { type LoadFaceModelOptions, loadFaceModel } from '../model/load-face-model.ts';
import { Parley } from './parley.ts';
import type { Locate } from './parley-npc.ts';

/** Options of {@link joinParley}. */
export interface JoinParleyOptions extends LoadFaceModelOptions {
  /**
   * Tells where a visitor's eyes are, for NPCs to look at. Default: this visitor is at the active camera, the others are
   * nowhere.
   */
  readonly locate?: Locate;
  /** The host's own audio engine. Default: one is made, with the active camera as its listener. */
  readonly audioEngine?: AudioEngineV2;
  /** Voices play this much later than the room asks, for poor networks, in ms. Default 0. */
  readonly playoutDelayMs?: number;
  /** How voices are decoded. Default `auto`. */
  readonly opus?: OpusBackend;
  /** How the microphone is sent. Default `auto`: Opus where the browser can. */
  readonly microphoneCodec?: 'auto' | 'pcm16';
}

/**
 * Brings Parley's NPCs from a joined room into a scene.
 *
 * @param room - A joined Colyseus room, any that Parley is attached to on the server.
 * @returns once the face model is loaded and the room's clock is known.
 * @throws ParleyError `bad-manifest`, `bad-export`, `decoder-failed` or `clock-unavailable`.
 */
export async function joinParley(
  scene: Scene,
  room: RoomLike,
  options: JoinParleyOptions = {},
): Promise<Parley> {
  const audio = await createSceneAudio(scene, options.audioEngine);
  const client = new ParleyClient(room);
  try {
    const [model] = await Promise.all([loadFaceModel(options), client.ready]);
    return new Parley({
      scene,
      client,
      model,
      audio,
      locate: (sessionId, out) => locate(scene, client.sessionId, options.locate, sessionId, out),
      playoutDelayMs: options.playoutDelayMs ?? 0,
      opus: options.opus ?? 'auto',
      microphoneCodec: options.microphoneCodec ?? 'auto',
      greet: () => room.send(MessageName.hello, { version: PROTOCOL_VERSION }),
    });
  } catch (error) {
    client.close();
    audio.dispose();
    throw error;
  }
}

function locate(
  scene: Scene,
  ownId: string,
  hostLocate: Locate | undefined,
  sessionId: string,
  out: Vector3,
): boolean {
  if (hostLocate?.(sessionId, out)) return true;
  if (sessionId !== ownId || !scene.activeCamera) return false;
  out.copyFrom(scene.activeCamera.globalPosition);
  return true;
}
