import type { AbstractEngine } from '@babylonjs/core/Engines/abstractEngine';

/** How much a device is asked to draw. */
export type QualityLevel = 'high' | 'medium' | 'low';
export type QualitySetting = QualityLevel | 'auto';

/** What each level means. */
export interface QualityProfile {
  /** Upper bound of drawn pixels per CSS pixel. */
  readonly pixelRatio: number;
  readonly shadowMapSize: number;
  /** Frames between two shadow maps; 0 draws it once, without the moving figures. */
  readonly shadowRefreshFrames: number;
  readonly clouds: boolean;
}

export const QUALITY_PROFILES: Readonly<Record<QualityLevel, QualityProfile>> = {
  high: { pixelRatio: 2, shadowMapSize: 2048, shadowRefreshFrames: 1, clouds: true },
  medium: { pixelRatio: 1.25, shadowMapSize: 1024, shadowRefreshFrames: 2, clouds: true },
  low: { pixelRatio: 0.85, shadowMapSize: 1024, shadowRefreshFrames: 0, clouds: false },
};

const LEVELS: readonly QualityLevel[] = ['high', 'medium', 'low'];
/** A frame that takes longer is too slow to feel smooth. */
const SLOW_FRAME_MS = 30;
const JUDGED_FRAMES = 45;

/**
 * Lowers the quality by itself when frames take too long, and says so; it never raises it again by itself, so that the
 * picture does not pump.
 */
export class QualityGovernor {
  readonly #engine: AbstractEngine;
  readonly #apply: (level: QualityLevel, profile: QualityProfile) => void;
  #setting: QualitySetting;
  #level: QualityLevel;
  #frames = 0;
  #slowSumMs = 0;

  /** @param apply Called with each new level; the governor sets the pixel ratio itself. */
  constructor(
    engine: AbstractEngine,
    setting: QualitySetting,
    apply: (level: QualityLevel, profile: QualityProfile) => void,
  ) {
    this.#engine = engine;
    this.#apply = apply;
    this.#setting = setting;
    this.#level = setting === 'auto' ? startingLevel() : setting;
  }

  get level(): QualityLevel {
    return this.#level;
  }

  get setting(): QualitySetting {
    return this.#setting;
  }

  /** Applies the current level; call it once when the world stands. */
  start(): void {
    this.#use(this.#level);
  }

  choose(setting: QualitySetting): void {
    this.#setting = setting;
    this.#use(setting === 'auto' ? startingLevel() : setting);
  }

  /** @param deltaMs Time since the last frame. */
  frame(deltaMs: number): void {
    // A frame of a second is a hidden page or a shader that compiled, not a slow device.
    if (this.#setting !== 'auto' || this.#level === 'low' || deltaMs > 1000) return;
    this.#slowSumMs += deltaMs;
    if (++this.#frames < JUDGED_FRAMES) return;
    const meanMs = this.#slowSumMs / this.#frames;
    this.#frames = 0;
    this.#slowSumMs = 0;
    if (meanMs > SLOW_FRAME_MS) this.#use(LEVELS[LEVELS.indexOf(this.#level) + 1]);
  }

  #use(level: QualityLevel): void {
    this.#level = level;
    const profile = QUALITY_PROFILES[level];
    const ratio = Math.min(globalThis.devicePixelRatio || 1, profile.pixelRatio);
    this.#engine.setHardwareScalingLevel(1 / ratio);
    this.#apply(level, profile);
  }
}

/** Phones and machines with few cores begin in the middle. */
function startingLevel(): QualityLevel {
  const coarse = globalThis.matchMedia?.('(pointer: coarse)').matches ?? false;
  return coarse || (navigator.hardwareConcurrency ?? 4) <= 4 ? 'medium' : 'high';
}
