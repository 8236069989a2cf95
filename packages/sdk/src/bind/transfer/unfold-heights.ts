import { createEdgeGraph, geodesicDistances } from '../geometry/edge-graph.ts';
import type { Surface } from './lip-line.ts';

/** Vertices further above or below the line than this are on that side of it for certain, metres. */
const CERTAIN = 0.0015;
/** The way along the surface overrules a height where it says the opposite this clearly, -1 to 1. */
const CLEAR = 0.3;
/** How far the way along the surface is followed, metres. */
const FAR = 0.04;

/**
 * Heights above a line between lips that overlap: in the crease between them the surface goes back and forth through the line's
 * height, and the top of the lower lip may stand higher than the upper lip's edge. There the way along the surface says to which
 * lip a vertex belongs.
 *
 * @param heights - Above the line, metres, for every vertex.
 * @param isNear - 1 for the vertices around the line.
 * @param takesPart - Says which triangles are the skin's.
 * @returns Heights whose signs tell the lips apart.
 */
export function unfoldHeights(
  { positions, indices }: Surface,
  heights: Float64Array,
  isNear: Uint8Array,
  takesPart: (triangle: number) => boolean,
): Float64Array {
  const graph = createEdgeGraph(
    positions,
    indices,
    (t) => [0, 1, 2].every((c) => isNear[indices[t * 3 + c]] === 1) && takesPart(t),
  );
  const above: number[] = [];
  const below: number[] = [];
  for (let v = 0; v < heights.length; v++) {
    if (isNear[v] === 0 || graph.first[v] === graph.first[v + 1]) continue;
    if (heights[v] > CERTAIN) above.push(v);
    if (heights[v] < -CERTAIN) below.push(v);
  }
  const fromAbove = geodesicDistances(graph, above, FAR);
  const fromBelow = geodesicDistances(graph, below, FAR);
  const out = heights.slice();
  for (let v = 0; v < heights.length; v++) {
    if (isNear[v] === 0 || Math.abs(heights[v]) > CERTAIN) continue;
    const up = Math.min(fromAbove[v], FAR);
    const down = Math.min(fromBelow[v], FAR);
    const side = (down - up) / (down + up);
    if (side * heights[v] < 0 && Math.abs(side) > CLEAR) out[v] = side * CERTAIN;
  }
  return out;
}
