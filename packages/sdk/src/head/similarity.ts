/** y = scale * rotation * x + translation. */
export interface Similarity {
  /** Above 0. */
  readonly scale: number;
  /** Row-major 3 x 3, determinant 1. */
  readonly rotation: Float64Array;
  /** xyz, in the unit of y. */
  readonly translation: Float64Array;
}

/** Carries points, xyz each, by a similarity. */
export function applySimilarity(
  { scale, rotation: r, translation }: Similarity,
  points: ArrayLike<number>,
  out = new Float64Array(points.length),
): Float64Array {
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i];
    const y = points[i + 1];
    const z = points[i + 2];
    out[i] = scale * (r[0] * x + r[1] * y + r[2] * z) + translation[0];
    out[i + 1] = scale * (r[3] * x + r[4] * y + r[5] * z) + translation[1];
    out[i + 2] = scale * (r[6] * x + r[7] * y + r[8] * z) + translation[2];
  }
  return out;
}

/** The similarity that takes back what another does. */
export function invertSimilarity({ scale, rotation: r, translation: t }: Similarity): Similarity {
  const rotation = Float64Array.of(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
  const translation = new Float64Array(3);
  for (let row = 0; row < 3; row++) {
    translation[row] =
      -(rotation[row * 3] * t[0] + rotation[row * 3 + 1] * t[1] + rotation[row * 3 + 2] * t[2]) / scale;
  }
  return { scale: 1 / scale, rotation, translation };
}

/** `second` after `first`. */
export function composeSimilarities(second: Similarity, first: Similarity): Similarity {
  const rotation = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      for (let k = 0; k < 3; k++)
        rotation[row * 3 + column] += second.rotation[row * 3 + k] * first.rotation[k * 3 + column];
    }
  }
  return {
    scale: second.scale * first.scale,
    rotation,
    translation: applySimilarity(second, first.translation),
  };
}
