import type { Similarity } from './similarity.ts';

/** Where the template's skull turns on its neck, in metres from the middle between its ears. */
const PIVOT = [0, -0.03, 0] as const;
/**
 * The neck's slanting cut lies below `LOW`, chin and nape above `HIGH`, measured as height + half the depth, in metres
 * of the template: between them the turn fades, so that the neck stays on its shoulders.
 */
const LOW = -0.115;
const HIGH = -0.05;
const SLANT = 0.5;

/** Centre of the head's rigid rotation on a fitted head, and each vertex's share of it. */
export interface FittedTurn {
  readonly pivot: [number, number, number];
  readonly weights: Float32Array;
}

/**
 * Turn weights for the vertices of a fitted head, hair and shoulders included.
 *
 * @param positions - xyz per vertex, in the head's space.
 * @param similarity - From the template to the head.
 */
export function templateTurn(positions: Float32Array, similarity: Similarity): FittedTurn {
  const { rotation: r, scale, translation: shift } = similarity;
  const weights = new Float32Array(positions.length / 3);
  for (let v = 0; v < weights.length; v++) {
    const x = positions[v * 3] - shift[0];
    const y = positions[v * 3 + 1] - shift[1];
    const z = positions[v * 3 + 2] - shift[2];
    const height = (r[1] * x + r[4] * y + r[7] * z) / scale;
    const depth = (r[2] * x + r[5] * y + r[8] * z) / scale;
    const t = Math.min(Math.max((height + SLANT * depth - LOW) / (HIGH - LOW), 0), 1);
    weights[v] = t * t * (3 - 2 * t);
  }
  const pivot = [0, 3, 6].map(
    (row) => scale * (r[row] * PIVOT[0] + r[row + 1] * PIVOT[1] + r[row + 2] * PIVOT[2]) + shift[row / 3],
  ) as [number, number, number];
  return { pivot, weights };
}
