/** Weights of shape controls that a picture shows. */
export interface SheetPose {
  readonly name: string;
  readonly weights: Readonly<Record<string, number>>;
}

/** What a contact sheet shows: each the strongest that speech and mimic come to. */
export const SHEET_POSES: readonly SheetPose[] = [
  { name: 'neutral', weights: {} },
  { name: 'jaw', weights: { jawOpen: 0.8 } },
  { name: 'pucker', weights: { mouthPucker: 1 } },
  {
    name: 'smile',
    weights: { mouthSmileLeft: 0.9, mouthSmileRight: 0.9, cheekSquintLeft: 0.4, cheekSquintRight: 0.4 },
  },
  { name: 'blink', weights: { eyeBlinkLeft: 1, eyeBlinkRight: 1 } },
  {
    name: 'P',
    weights: {
      jawOpen: 0.25,
      mouthClose: 0.26,
      mouthPressLeft: 0.3,
      mouthPressRight: 0.3,
    },
  },
  {
    name: 'F',
    weights: { jawOpen: 0.1, mouthRollLower: 0.6, mouthUpperUpLeft: 0.4, mouthUpperUpRight: 0.4 },
  },
  { name: 'O', weights: { jawOpen: 0.4, mouthFunnel: 0.7, mouthPucker: 0.3 } },
];
