import type { AbstractSoundSource } from '@babylonjs/core/AudioV2/abstractAudio/abstractSoundSource.js';
import type { AudioEngineV2 } from '@babylonjs/core/AudioV2/abstractAudio/audioEngineV2.js';
import type { ISpatialAudioOptions } from '@babylonjs/core/AudioV2/abstractAudio/subProperties/abstractSpatialAudio.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';

/** How a voice carries through a hall: full within 2 m, -6 dB at 4 m, -14 dB at 10 m, -20 dB at 20 m. */
export const VOICE_DEFAULTS = {
  spatialMinDistance: 2,
  spatialRolloffFactor: 1,
  spatialDistanceModel: 'inverse',
  spatialPanningModel: 'HRTF',
} as const satisfies Partial<ISpatialAudioOptions>;

/** A voice that comes from a place in the scene. */
export interface SpatialVoice {
  readonly source: AbstractSoundSource;
  /** 0 to 1. */
  volume: number;
  dispose(): void;
}

/** Lets a player's sound come from `at` and follow it. */
export async function createSpatialVoice(
  engine: AudioEngineV2,
  node: AudioNode,
  at: TransformNode,
  options: Partial<ISpatialAudioOptions> = {},
): Promise<SpatialVoice> {
  const source = await engine.createSoundSourceAsync(`${at.name}.voice`, node, {
    spatialEnabled: true,
    ...VOICE_DEFAULTS,
    ...options,
  });
  source.spatial.attach(at);
  return {
    source,
    get volume() {
      return source.volume;
    },
    set volume(volume) {
      source.volume = volume;
    },
    dispose() {
      source.spatial.detach();
      source.dispose();
    },
  };
}
