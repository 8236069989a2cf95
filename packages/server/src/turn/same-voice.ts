import { EchoSearch } from './echo-search.ts';
import { meanSquare } from './mean-square.ts';
import { COMPARED_RATE_HZ } from './played-voices.ts';

/** A microphone whose last seconds can be looked at, without the NPCs' echo. */
export interface HeardVoice {
  /** The samples at 8 kHz until a moment of the room's clock; silence where nothing is kept. */
  recent(untilMs: number, samples: number): Float32Array;
  /** Room clock at a sample of the microphone's 16 kHz clock, ms. */
  roomMs(sample: number): number;
}

/** What is compared: half a second of the one, wherever it is within a second of the other. */
const COMPARED = COMPARED_RATE_HZ / 2;
/** How far the one may be behind the other or before it: clocks of arrival, and air, ms. */
const APART_MS = 250;
/** Pieces that are compared end at the voice's end and so much before it, ms. */
const BACK_MS = [0, 600];
/** Correlation of one voice in two microphones, .5 or more with Opus and two rooms between; two voices have below .3. */
const SAME = 0.42;
/** What is quieter is silence, mean square. */
const LEAST_POWER = 1e-7;

/**
 * Whose voice it is that two microphones hear, as those of two visitors at one table do.
 * @param endMs Room clock at its end in the first microphone.
 * @returns Null where they hear different things, else the one that hears it louder.
 */
export function sameVoice(first: HeardVoice, second: HeardVoice, endMs: number): 'first' | 'second' | null {
  const search = new EchoSearch();
  for (const backMs of BACK_MS) {
    const mine = first.recent(endMs - backMs, EchoSearch.span);
    const theirs = second.recent(endMs - backMs + APART_MS, EchoSearch.span);
    const power = meanSquare(mine.subarray(-COMPARED));
    if (power < LEAST_POWER) continue;
    const mostLag = (2 * APART_MS * COMPARED_RATE_HZ) / 1000;
    const { lag, correlation } = search.find(mine, theirs, COMPARED, 0, mostLag);
    if (correlation < SAME) continue;
    const end = theirs.length - lag;
    return power >= meanSquare(theirs.subarray(end - COMPARED, end)) ? 'first' : 'second';
  }
  return null;
}
