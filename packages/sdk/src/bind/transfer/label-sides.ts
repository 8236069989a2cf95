import { type EdgeGraph, geodesicDistances } from '../geometry/edge-graph.ts';
import {
  LEFT_LOWER_LID,
  LEFT_UPPER_LID,
  OUTER_LOWER_LIP,
  OUTER_UPPER_LIP,
  RIGHT_LOWER_LID,
  RIGHT_UPPER_LID,
} from '../template/face-mesh-indices.ts';

/** A slit of the face whose two sides part: landmarks above and below, and how far their sides reach, metres. */
export interface Slit {
  readonly name: 'mouth' | 'leftEye' | 'rightEye';
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  readonly reach: number;
}

export const SLITS: readonly Slit[] = [
  { name: 'mouth', upper: OUTER_UPPER_LIP.slice(1, -1), lower: OUTER_LOWER_LIP.slice(1, -1), reach: 0.03 },
  { name: 'leftEye', upper: LEFT_UPPER_LID, lower: LEFT_LOWER_LID, reach: 0.012 },
  { name: 'rightEye', upper: RIGHT_UPPER_LID, lower: RIGHT_LOWER_LID, reach: 0.012 },
];

/** 0: of no side; 1: upper; 2: lower. */
export type Side = 0 | 1 | 2;

/**
 * Labels the vertices around a slit by which side is nearer along the surface.
 *
 * @param seeds - Vertices of the upper and of the lower side.
 * @param reach - Vertices further away have no side.
 * @param margin - Part of the way to the other side within which a vertex has no side either.
 */
export function labelSides(
  graph: EdgeGraph,
  upper: Iterable<number>,
  lower: Iterable<number>,
  reach: number,
  margin: number,
): { sides: Uint8Array; fromUpper: Float64Array; fromLower: Float64Array } {
  const fromUpper = geodesicDistances(graph, upper, reach * 2.5);
  const fromLower = geodesicDistances(graph, lower, reach * 2.5);
  const sides = new Uint8Array(graph.vertices);
  for (let v = 0; v < graph.vertices; v++) {
    const u = fromUpper[v];
    const l = fromLower[v];
    if (Math.min(u, l) > reach) continue;
    if (u === Number.POSITIVE_INFINITY || l === Number.POSITIVE_INFINITY) sides[v] = u < l ? 1 : 2;
    else if (Math.abs(u - l) > margin * (u + l)) sides[v] = u < l ? 1 : 2;
  }
  return { sides, fromUpper, fromLower };
}

/** One label of a triangle, from those of its vertices: theirs if they agree or have none, else 0. */
export function triangleSide(sides: Uint8Array, a: number, b: number, c: number): Side {
  const all = sides[a] | sides[b] | sides[c];
  return all === 3 ? 0 : (all as Side);
}
