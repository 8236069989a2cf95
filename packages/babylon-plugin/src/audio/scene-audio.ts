import type { AudioEngineV2 } from '@babylonjs/core/AudioV2/abstractAudio/audioEngineV2.js';
import { CreateAudioEngineAsync } from '@babylonjs/core/AudioV2/webAudio/webAudioEngine.js';
import type { Scene } from '@babylonjs/core/scene.js';

/** The scene's sound: one audio engine whose ears are the active camera. */
export interface SceneAudio {
  readonly engine: AudioEngineV2;
  readonly context: AudioContext;
  /** Resumes the context; call it from a click, key or touch. Resolves once sound can be heard. */
  unlock(): Promise<void>;
  dispose(): void;
}

/** Gestures after which browsers let sound start. */
const GESTURES = ['pointerdown', 'keydown', 'touchend'] as const;

/**
 * Takes the host's audio engine, or makes one. An engine that is made here resumes at the visitor's first gesture and
 * goes with {@link SceneAudio.dispose}.
 *
 * @param host - An engine that CreateAudioEngineAsync made, with its listener in the host's hands.
 */
export async function createSceneAudio(scene: Scene, host?: AudioEngineV2): Promise<SceneAudio> {
  const context = host ? contextOf(host) : new AudioContext({ latencyHint: 'interactive' });
  const engine =
    host ??
    (await CreateAudioEngineAsync({
      audioContext: context,
      disableDefaultUI: true,
      listenerEnabled: true,
      resumeOnInteraction: true,
    }));
  const listener = host ? undefined : followActiveCamera(scene, engine);
  // iOS lets go of a context after a call or in the background, and only a gesture brings it back.
  const resume = (): void => {
    if (context.state !== 'running' && context.state !== 'closed') void context.resume();
  };
  for (const gesture of GESTURES) addEventListener(gesture, resume, { capture: true, passive: true });
  return {
    engine,
    context,
    unlock: () => engine.unlockAsync(),
    dispose() {
      for (const gesture of GESTURES) removeEventListener(gesture, resume, { capture: true });
      listener?.remove();
      if (host) return;
      engine.dispose();
      if (context.state !== 'closed') void context.close();
    },
  };
}

/** Babylon keeps the context to itself, but a player's node must be made in it. */
function contextOf(engine: AudioEngineV2): AudioContext {
  const context = (engine as unknown as { _audioContext?: unknown })._audioContext;
  if (context instanceof AudioContext) return context;
  throw new TypeError('audioEngine must be made by CreateAudioEngineAsync with an AudioContext');
}

function followActiveCamera(scene: Scene, engine: AudioEngineV2) {
  const attach = (): void => {
    if (scene.activeCamera) engine.listener.attach(scene.activeCamera);
    else engine.listener.detach();
  };
  attach();
  const observer = scene.onActiveCameraChanged.add(attach);
  return {
    remove(): void {
      observer.remove();
      engine.listener.detach();
    },
  };
}
