import * as audio from './audio.ts';
import * as basis from './basis.ts';
import * as bind from './bind.ts';
import * as materials from './materials.ts';
import * as microphone from './microphone.ts';
import * as npc from './npc.ts';
import * as spatial from './spatial.ts';

const parleyTest = { ...basis, ...bind, ...materials, ...audio, ...microphone, ...npc, ...spatial };

/** What the tests may call in the page. */
export type ParleyTest = typeof parleyTest;

declare global {
  interface Window {
    parleyTest: ParleyTest;
  }
}

window.parleyTest = parleyTest;
