/** Points of a head that move linearly with the controls, as every rig here does without the head's turn. */
export interface LinearKeypoints {
  /** xyz of each point at rest, metres. */
  readonly rest: Float32Array;
  readonly fields: readonly KeypointField[];
}

/** What one control does to the points at weight 1. */
export interface KeypointField {
  /** Index among the decoder's controls. */
  readonly control: number;
  /** xyz for each point, metres. */
  readonly offsets: Float32Array;
}

/**
 * The points of one frame.
 * @param controls One frame in the decoder's order.
 * @param out Receives xyz of each point.
 */
export function evaluateKeypoints(points: LinearKeypoints, controls: Float32Array, out: Float32Array): void {
  out.set(points.rest);
  for (const { control, offsets } of points.fields) {
    const weight = controls[control]!;
    if (weight === 0) continue;
    for (let i = 0; i < out.length; i++) out[i]! += weight * offsets[i]!;
  }
}
