import { expect, test } from 'vitest';
import { PossibleDelays } from '../../src/turn/possible-delays.ts';

const SILENCE_DB = -68;
const samples = (delayMs: number) => delayMs * 8;

/** So many frames of 20 ms. */
function push(possible: PossibleDelays, frames: number, playedDb: number, heardDb: number): void {
  for (let frame = 0; frame < frames; frame++) possible.push(playedDb, heardDb, heardDb > SILENCE_DB + 8);
}

test('who speaks to a microphone that heard nothing of a loud voice is no echo', () => {
  const possible = new PossibleDelays();
  push(possible, 60, -20, SILENCE_DB);
  expect(possible.any).toBe(true);
  push(possible, 2, -20, -25);
  expect(possible.any).toBe(false);
});

test('a sound may be an echo only of what was played at that time', () => {
  const possible = new PossibleDelays();
  push(possible, 10, -20, SILENCE_DB);
  push(possible, 2, -20, -25);
  // It would have been heard 100 ms ago, and nothing was played 400 ms ago.
  expect(possible.admits(samples(100))).toBe(false);
  expect(possible.admits(samples(400))).toBe(false);
  expect(possible.admits(samples(200))).toBe(true);
});

test('an echo explains itself, also the tail of a word in a bare room and a vowel that a loudspeaker likes', () => {
  const possible = new PossibleDelays();
  push(possible, 6, -20, SILENCE_DB);
  for (const [playedDb, heardDb] of [
    [-20, -32],
    [-18, -30],
    [-22, -31],
    [-20, -24],
    [-90, -34],
    [-90, -36],
  ])
    push(possible, 6, playedDb, heardDb);
  expect(possible.admits(samples(120))).toBe(true);
});

test('an echo that is found after all may be as loud as what is played', () => {
  const possible = new PossibleDelays();
  push(possible, 60, -20, SILENCE_DB);
  push(possible, 4, -20, -25);
  expect(possible.admits(samples(200))).toBe(false);
  possible.find(samples(200));
  push(possible, 4, -20, -25);
  expect(possible.admits(samples(200))).toBe(true);
  expect(possible.admits(samples(500))).toBe(false);
});
