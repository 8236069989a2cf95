import type { EdgeGraph } from '../geometry/edge-graph.ts';
import { triangleNormals } from '../geometry/triangle-normals.ts';

/** A triangle has folded when its normal turns by more than this cosine says. */
const FOLDED = 0.4;
const ROUNDS = 20;
/** How much of the way to its neighbours' mean a vertex goes in a round: those of a fold, those around them, and so on. */
const RINGS = [0.8, 0.6, 0.4, 0.2] as const;

/**
 * Smooths a field where it would fold the surface at full weight, until nothing folds.
 *
 * @param positions - xyz per vertex.
 * @param indices - Triangles that must not fold.
 * @param graph - Joins vertices along edges.
 * @param field - xyz per vertex; changed in place.
 */
export function smoothFolds(
  positions: Float64Array,
  indices: Uint32Array,
  graph: EdgeGraph,
  field: Float32Array,
): void {
  const rest = triangleNormals(positions, indices);
  const moved = new Float64Array(positions.length);
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < moved.length; i++) moved[i] = positions[i] + field[i];
    const now = triangleNormals(moved, indices);
    const shares = new Map<number, number>();
    for (let t = 0; t < indices.length; t += 3) {
      if (rest[t] * now[t] + rest[t + 1] * now[t + 1] + rest[t + 2] * now[t + 2] > FOLDED) continue;
      for (let c = 0; c < 3; c++) shares.set(indices[t + c], RINGS[0]);
    }
    if (shares.size === 0) return;
    relax(graph, shares, field);
  }
}

function relax({ first, neighbours }: EdgeGraph, shares: Map<number, number>, field: Float32Array): void {
  let border = [...shares.keys()];
  for (const share of RINGS.slice(1)) {
    const next: number[] = [];
    for (const v of border) {
      for (let i = first[v]; i < first[v + 1]; i++) {
        if (shares.has(neighbours[i])) continue;
        shares.set(neighbours[i], share);
        next.push(neighbours[i]);
      }
    }
    border = next;
  }
  const steps = [...shares].map(([v, share]) => {
    const count = first[v + 1] - first[v] || 1;
    return [0, 1, 2].map((axis) => {
      let sum = 0;
      for (let i = first[v]; i < first[v + 1]; i++) sum += field[neighbours[i] * 3 + axis];
      return share * (sum / count - field[v * 3 + axis]);
    });
  });
  let at = 0;
  for (const v of shares.keys()) {
    const step = steps[at++];
    for (let axis = 0; axis < 3; axis++) field[v * 3 + axis] += step[axis];
  }
}
