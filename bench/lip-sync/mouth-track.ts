/** All tracks are compared at this rate; it resolves lags of 8 ms. */
export const SCORE_RATE_HZ = 120;

/** What the scores look at, {@link SCORE_RATE_HZ} times a second from the clip's first sample on. */
export interface MouthTrack {
  /** Distance of the inner lips over the neutral face's, mm; 0 where they touch. */
  readonly gapMm: Float64Array;
  /** Distance of the lower lip to the edge of the upper teeth: 1 in the neutral face, 0 at the teeth. */
  readonly lipToTeeth: Float64Array;
  /** How far the lips stand out in front of the neutral face's, and a quarter of how much narrower they are, mm. */
  readonly roundingMm: Float64Array;
}

/** Values at `rateHz` to {@link SCORE_RATE_HZ}, linearly, as a page draws between two frames; the last value holds. */
export function toScoreRate(values: ArrayLike<number>, rateHz: number): Float64Array {
  const length = Math.floor((values.length * SCORE_RATE_HZ) / rateHz);
  return Float64Array.from({ length }, (_, i) => {
    const at = (i * rateHz) / SCORE_RATE_HZ;
    const frame = Math.floor(at);
    const next = Math.min(frame + 1, values.length - 1);
    return values[frame]! + (values[next]! - values[frame]!) * (at - frame);
  });
}
