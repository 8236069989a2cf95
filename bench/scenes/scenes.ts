import { COMPANY_SCENES } from './company-scenes.ts';
import { INTERRUPTION_SCENES } from './interruption-scenes.ts';
import { LONG_TURN_SCENES } from './long-turn-scenes.ts';
import { MICROPHONE_SCENES } from './microphone-scenes.ts';
import type { Scene } from './scene.ts';

/** All scenes, in the order in which they are played. */
export const SCENES: readonly Scene[] = [
  ...LONG_TURN_SCENES,
  ...INTERRUPTION_SCENES,
  ...MICROPHONE_SCENES,
  ...COMPANY_SCENES,
];
