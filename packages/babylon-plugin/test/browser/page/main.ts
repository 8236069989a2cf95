import * as audio from './audio.ts';
import * as basis from './basis.ts';
import * as microphone from './microphone.ts';

const parleyTest = { ...basis, ...audio, ...microphone };

/** What the tests may call in the page. */
export type ParleyTest = typeof parleyTest;

declare global {
  interface Window {
    parleyTest: ParleyTest;
  }
}

window.parleyTest = parleyTest;
