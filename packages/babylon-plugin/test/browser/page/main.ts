import * as basis from './basis.ts';

const parleyTest = { ...basis };

/** What the tests may call in the page. */
export type ParleyTest = typeof parleyTest;

declare global {
  interface Window {
    parleyTest: ParleyTest;
  }
}

window.parleyTest = parleyTest;
