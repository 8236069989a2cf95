import type { Phone } from './phones.ts';

/** The 15 visemes of the Oculus lip-sync convention, in the order that HeadAudio numbers them. */
export const VISEMES = [
  'aa',
  'E',
  'I',
  'O',
  'U',
  'PP',
  'SS',
  'TH',
  'DD',
  'FF',
  'kk',
  'nn',
  'RR',
  'CH',
  'sil',
] as const;

export type Viseme = (typeof VISEMES)[number];

const PHONES_OF: Readonly<Record<Viseme, readonly Phone[]>> = {
  aa: ['AA', 'AY', 'AW', 'AE'],
  E: ['AH', 'EH', 'EY', 'ER'],
  I: ['IY', 'IH'],
  O: ['AO', 'OW', 'OY'],
  U: ['UW', 'UH'],
  PP: ['P', 'B', 'M'],
  SS: ['S', 'Z', 'SH', 'ZH', 'HH'],
  TH: ['TH', 'DH'],
  DD: ['T', 'D'],
  FF: ['F', 'V'],
  kk: ['K', 'G'],
  nn: ['N', 'NG'],
  RR: ['R', 'L', 'W', 'Y'],
  CH: ['CH', 'JH'],
  sil: ['sil'],
};

/** Phone to viseme, as the peers map them (HeadAudio's README, appendix A). */
export const VISEME_OF: Readonly<Record<Phone, Viseme>> = Object.fromEntries(
  VISEMES.flatMap((viseme) => PHONES_OF[viseme].map((phone) => [phone, viseme])),
);

/**
 * How far apart the lips are, as a share of `aa`: the reference that apertures are correlated with. Set by hand for the first study of the
 * peers, before Parley's model existed, and kept, so that the target is nobody's own output.
 */
export const VISEME_APERTURE: Readonly<Record<Viseme, number>> = {
  aa: 1,
  O: 0.6,
  E: 0.55,
  I: 0.3,
  U: 0.3,
  kk: 0.3,
  RR: 0.25,
  DD: 0.22,
  nn: 0.22,
  TH: 0.2,
  CH: 0.18,
  SS: 0.12,
  FF: 0.08,
  PP: 0,
  sil: 0,
};

/** `Left` and `Right` of a two-sided control at the same weight. */
function both(name: string, weight: number): Record<string, number> {
  return { [`${name}Left`]: weight, [`${name}Right`]: weight };
}

/**
 * The one table that all peers are drawn with: each viseme at weight 1 as weights of our controls. The openings follow
 * {@link VISEME_APERTURE} (a test measures them on the template). PP presses the lips together by some 2 mm more than they need,
 * so that a viseme that is easing out underneath does not keep them apart; FF pulls the lower lip to the upper teeth.
 */
export const VISEME_SHAPES: Readonly<Record<Viseme, Readonly<Record<string, number>>>> = {
  aa: { jawOpen: 0.5, ...both('mouthLowerDown', 0.2), ...both('mouthUpperUp', 0.1) },
  E: {
    jawOpen: 0.26,
    ...both('mouthStretch', 0.2),
    ...both('mouthSmile', 0.05),
    ...both('mouthLowerDown', 0.2),
    ...both('mouthUpperUp', 0.1),
  },
  I: {
    jawOpen: 0.14,
    ...both('mouthStretch', 0.35),
    ...both('mouthSmile', 0.15),
    ...both('mouthLowerDown', 0.18),
    ...both('mouthUpperUp', 0.09),
  },
  O: { jawOpen: 0.26, mouthPucker: 0.35, mouthFunnel: 0.25 },
  U: { jawOpen: 0.12, mouthPucker: 0.7, mouthFunnel: 0.15 },
  PP: { jawOpen: 0.04, mouthClose: 0.1, ...both('mouthPress', 0.1) },
  SS: {
    jawOpen: 0.035,
    ...both('mouthStretch', 0.2),
    ...both('mouthLowerDown', 0.2),
    ...both('mouthUpperUp', 0.1),
  },
  TH: { jawOpen: 0.09, tongueOut: 0.25, ...both('mouthLowerDown', 0.12), ...both('mouthUpperUp', 0.06) },
  DD: { jawOpen: 0.1, tongueUp: 1, ...both('mouthLowerDown', 0.1), ...both('mouthUpperUp', 0.05) },
  FF: { jawOpen: 0.03, mouthRollLower: 0.55, ...both('mouthUpperUp', 0.2) },
  kk: { jawOpen: 0.14, ...both('mouthLowerDown', 0.12), ...both('mouthUpperUp', 0.06) },
  nn: { jawOpen: 0.1, tongueUp: 0.9, ...both('mouthLowerDown', 0.1), ...both('mouthUpperUp', 0.05) },
  RR: { jawOpen: 0.07, mouthPucker: 0.2, mouthFunnel: 0.2, ...both('mouthLowerDown', 0.06) },
  CH: { jawOpen: 0.015, mouthPucker: 0.28, mouthFunnel: 0.3 },
  sil: {},
};

/** Weights of all visemes at a constant frame rate: frame n is at n / `rateHz` seconds. */
export interface VisemeTrack {
  readonly rateHz: number;
  /** frames x 15, in the order of {@link VISEMES}, 0 to 1. */
  readonly weights: Float32Array;
}

/**
 * Draws a track with {@link VISEME_SHAPES}: sums of the shapes, each control clamped to 0 to 1.
 * @param controlNames Order of the controls in a frame; those that no viseme uses stay 0.
 * @returns frames x controls.
 */
export function visemesToControls(track: VisemeTrack, controlNames: readonly string[]): Float32Array {
  const shapes = VISEMES.map((viseme) =>
    Object.entries(VISEME_SHAPES[viseme]).map(([name, weight]) => {
      const index = controlNames.indexOf(name);
      if (index < 0) throw new RangeError(`the head has no control ${name}`);
      return { index, weight };
    }),
  );
  const frames = track.weights.length / VISEMES.length;
  const controls = new Float32Array(frames * controlNames.length);
  for (let frame = 0; frame < frames; frame++) {
    const row = controls.subarray(frame * controlNames.length, (frame + 1) * controlNames.length);
    shapes.forEach((shape, viseme) => {
      const amount = track.weights[frame * VISEMES.length + viseme]!;
      if (amount !== 0) for (const { index, weight } of shape) row[index] += amount * weight;
    });
    for (let i = 0; i < row.length; i++) row[i] = Math.min(1, Math.max(0, row[i]!));
  }
  return controls;
}
