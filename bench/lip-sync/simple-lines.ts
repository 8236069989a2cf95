import { type PhoneSpan, phoneAt } from './phones.ts';
import { BROWSER_RATE_HZ } from './read-clips.ts';
import { VISEME_OF, VISEMES, type VisemeTrack } from './visemes.ts';

/** Frames a second of a page, and so of every peer. */
export const PAGE_RATE_HZ = 60;
/** About as long as the peers take from one viseme to the next. */
const ORACLE_WINDOW_MS = 80;
const ORACLE_RATE_HZ = 240;
const LOUDNESS_WINDOW_MS = 50;

/**
 * The ceiling of the viseme table: the true phones, each one's viseme at 1, through a Hann window of 80 ms about the moment (so it sees
 * 40 ms ahead). Nothing else is known of coarticulation.
 */
export function oracleTrack(phones: readonly PhoneSpan[]): VisemeTrack {
  const endMs = phones.at(-1)?.endMs ?? 0;
  const frames = Math.ceil((endMs / 1000) * ORACLE_RATE_HZ);
  const steps = Math.round((ORACLE_WINDOW_MS / 1000) * ORACLE_RATE_HZ);
  const window = Array.from({ length: steps + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / steps));
  const total = window.reduce((sum, value) => sum + value, 0);
  const weights = new Float32Array(frames * VISEMES.length);
  for (let frame = 0; frame < frames; frame++)
    window.forEach((value, i) => {
      const phone = phoneAt(phones, ((frame + i - steps / 2) / ORACLE_RATE_HZ) * 1000);
      weights[frame * VISEMES.length + VISEMES.indexOf(VISEME_OF[phone] ?? 'sil')] += value / total;
    });
  return { rateHz: ORACLE_RATE_HZ, weights };
}

/** Loudness of the last 50 ms at each frame, root mean square. */
export function loudnessOf(pcm: Float32Array): Float32Array {
  const frames = Math.floor((pcm.length / BROWSER_RATE_HZ) * PAGE_RATE_HZ);
  const width = (LOUDNESS_WINDOW_MS / 1000) * BROWSER_RATE_HZ;
  return Float32Array.from({ length: frames }, (_, frame) => {
    const end = Math.round((frame / PAGE_RATE_HZ) * BROWSER_RATE_HZ);
    const part = pcm.subarray(Math.max(0, end - width), end);
    return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / width);
  });
}

/** What most pages do: the louder, the more open. Loudness drives the open vowel's shape, `full` opens it whole. */
export function loudnessTrack(loudness: Float32Array, full: number): VisemeTrack {
  const weights = new Float32Array(loudness.length * VISEMES.length);
  loudness.forEach((value, frame) => {
    weights[frame * VISEMES.length + VISEMES.indexOf('aa')] = Math.min(1, value / full);
  });
  return { rateHz: PAGE_RATE_HZ, weights };
}
