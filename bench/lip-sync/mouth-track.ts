/** All tracks are compared at this rate; it resolves lags of 8 ms. */
export const SCORE_RATE_HZ = 120;

/** What the scores look at, {@link SCORE_RATE_HZ} times a second from the clip's first sample on. */
export interface MouthTrack {
  /** Opening between the inner lips over the neutral face's, mm. Below 0 the lips are pressed together. */
  readonly gapMm: Float64Array;
  /** How far the lower lip's inner edge is below the edge of the upper incisors, mm; about 0 in the neutral face. */
  readonly lipBelowTeethMm: Float64Array;
  /** How far the lower lip is rolled in: its inner edge drawn back behind its outer one, over the neutral face's, mm. */
  readonly lipTuckMm: Float64Array;
  /** How far the upper lip stands out in front of the neutral face's, mm. */
  readonly protrusionMm: Float64Array;
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
