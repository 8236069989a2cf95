import {
  controlIndex,
  type Emotion,
  type FaceManifest,
  type OccEmotion,
  parseEmotion,
  rotationIndices,
} from '@parley/sdk';

/** Time constants with which a feeling comes into the face, and goes, ms. */
const RISE_MS = 350;
const FALL_MS = 900;
/** The decoded face of the model shows a part of each feeling by itself. */
const SHARE = 0.85;

/**
 * What each feeling does to a face at its strongest, in ARKit's controls without their side (`L` and `R` for one side alone), and in
 * radians for the head; after the action units of Ekman and Friesen's Facial Action Coding System. Nothing here parts or
 * closes the lips: speech goes on.
 */
const LOOKS: Readonly<Record<OccEmotion, Readonly<Record<string, number>>>> = {
  joy: { mouthSmile: 0.45, cheekSquint: 0.4, browOuterUp: 0.15, eyeSquint: 0.1 },
  distress: { browInnerUp: 0.65, mouthFrown: 0.4, browDown: 0.15, eyeSquint: 0.12, headPitch: 0.05 },
  'happy-for': { mouthSmile: 0.42, cheekSquint: 0.3, browInnerUp: 0.25, browOuterUp: 0.15 },
  pity: { browInnerUp: 0.6, mouthFrown: 0.25, headRoll: 0.1, headPitch: 0.04 },
  resentment: { browDown: 0.5, mouthFrown: 0.3, eyeSquint: 0.35, noseSneer: 0.2, headYaw: 0.06 },
  gloating: { mouthSmileL: 0.6, mouthSmileR: 0.2, browOuterUpR: 0.45, eyeSquint: 0.3, headPitch: -0.07 },
  hope: { browInnerUp: 0.35, browOuterUp: 0.3, mouthSmile: 0.25, eyeWide: 0.25, headPitch: -0.06 },
  fear: { eyeWide: 0.6, browInnerUp: 0.6, browOuterUp: 0.25, mouthStretch: 0.35, headPitch: -0.04 },
  satisfaction: { mouthSmile: 0.32, cheekSquint: 0.25, eyeBlink: 0.14 },
  'fears-confirmed': { browInnerUp: 0.6, eyeWide: 0.25, mouthFrown: 0.45, mouthStretch: 0.2 },
  relief: { browInnerUp: 0.3, mouthSmile: 0.25, eyeBlink: 0.2, headPitch: 0.05 },
  disappointment: { browInnerUp: 0.4, mouthFrown: 0.45, headPitch: 0.08, eyeLookDown: 0.2 },
  pride: { headPitch: -0.11, mouthSmile: 0.25, eyeBlink: 0.16, browOuterUp: 0.2 },
  shame: { headPitch: 0.16, eyeLookDown: 0.35, browInnerUp: 0.4, mouthFrown: 0.25, eyeBlink: 0.1 },
  admiration: { browInnerUp: 0.35, browOuterUp: 0.45, eyeWide: 0.35, mouthSmile: 0.25 },
  reproach: { browDown: 0.55, mouthFrown: 0.35, eyeSquint: 0.2, headPitch: 0.05 },
  gratification: { mouthSmile: 0.42, cheekSquint: 0.32, headPitch: -0.06, eyeBlink: 0.08 },
  remorse: { browInnerUp: 0.6, headPitch: 0.12, eyeLookDown: 0.25, mouthFrown: 0.35 },
  gratitude: { mouthSmile: 0.38, browInnerUp: 0.35, cheekSquint: 0.25, headPitch: 0.07 },
  anger: { browDown: 0.8, eyeSquint: 0.3, noseSneer: 0.35, mouthFrown: 0.3, headPitch: 0.05 },
  love: { mouthSmile: 0.38, cheekSquint: 0.25, eyeBlink: 0.16, browInnerUp: 0.25, headRoll: 0.08 },
  hate: { browDown: 0.7, noseSneer: 0.6, mouthFrown: 0.4, eyeSquint: 0.4 },
};

/** Colours a face with the feeling that the room tells, over the decoded face, which shows some feelings faintly. */
export class Expression {
  readonly #manifest: FaceManifest;
  readonly #looks = new Map<OccEmotion, Float32Array>();
  readonly #signed: ReadonlySet<number>;
  readonly #now: Float32Array;
  #told: string | undefined = '';
  #emotion: Emotion | null = null;

  constructor(manifest: FaceManifest) {
    this.#manifest = manifest;
    this.#now = new Float32Array(manifest.controls.length);
    const { pitch, yaw, roll } = rotationIndices(manifest);
    this.#signed = new Set([pitch, yaw, roll]);
  }

  /**
   * Adds the feeling to a frame of controls. Allocates nothing but at the first sight of a feeling.
   *
   * @param told - As the room tells it, `joy:0.6`, or ''.
   */
  apply(controls: Float32Array, told: string | undefined, deltaMs: number): void {
    if (told !== this.#told) {
      this.#told = told;
      this.#emotion = read(told);
    }
    const look = this.#emotion ? this.#lookOf(this.#emotion.name) : null;
    const strength = this.#emotion ? SHARE * this.#emotion.intensity : 0;
    const ease = 1 - Math.exp(-deltaMs / (look ? RISE_MS : FALL_MS));
    for (let i = 0; i < this.#now.length; i++) {
      const wanted = look ? look[i] * strength : 0;
      if (wanted === 0 && this.#now[i] === 0) continue;
      this.#now[i] += (wanted - this.#now[i]) * ease;
      if (wanted === 0 && Math.abs(this.#now[i]) < 1e-4) this.#now[i] = 0;
      const sum = controls[i] + this.#now[i];
      controls[i] = this.#signed.has(i) ? sum : Math.min(1, sum);
    }
  }

  #lookOf(name: OccEmotion): Float32Array {
    let look = this.#looks.get(name);
    if (!look) {
      look = new Float32Array(this.#manifest.controls.length);
      for (const [control, value] of Object.entries(LOOKS[name]))
        for (const index of this.#indicesOf(control)) look[index] = value;
      this.#looks.set(name, look);
    }
    return look;
  }

  #indicesOf(control: string): number[] {
    const { pitch, yaw, roll } = rotationIndices(this.#manifest);
    const turn = { headPitch: pitch, headYaw: yaw, headRoll: roll }[control];
    if (turn !== undefined) return [turn].filter((index) => index >= 0);
    const names = /[LR]$/u.test(control)
      ? [control.replace(/L$/u, 'Left').replace(/R$/u, 'Right')]
      : [control, `${control}Left`, `${control}Right`];
    return names.map((name) => controlIndex(this.#manifest, name)).filter((index) => index >= 0);
  }
}

function read(told: string | undefined): Emotion | null {
  if (!told) return null;
  try {
    return parseEmotion(told);
  } catch {
    // A feeling of a later version.
    return null;
  }
}
