import type { Correspondence } from './correspond.ts';

/** Up to this distance from the registered template a vertex moves fully, and from `GONE` on not at all; metres. */
const FULL = 0.01;
const GONE = 0.03;

/** Part of the template's motion that a vertex takes, by its distance from it. */
export function fadeByDistance(distance: number): number {
  const t = Math.max(0, Math.min(1, (GONE - distance) / (GONE - FULL)));
  return t * t * (3 - 2 * t);
}

/**
 * Carries a field of the template to a surface.
 *
 * @param carried - xyz per template vertex, as the field is there.
 * @param shares - How much of its motion each vertex of the surface takes, 0 to 1.
 * @returns xyz per vertex of the surface, in its frame.
 */
export function transferField(
  carried: Float64Array,
  { vertices, weights }: Pick<Correspondence, 'vertices' | 'weights'>,
  shares: Float32Array,
): Float32Array {
  const out = new Float32Array(vertices.length);
  for (let v = 0; v < shares.length; v++) {
    const share = shares[v];
    if (share === 0) continue;
    const k = v * 3;
    const a = vertices[k] * 3;
    const b = vertices[k + 1] * 3;
    const c = vertices[k + 2] * 3;
    const wa = weights[k] * share;
    const wb = weights[k + 1] * share;
    const wc = weights[k + 2] * share;
    for (let axis = 0; axis < 3; axis++)
      out[k + axis] = wa * carried[a + axis] + wb * carried[b + axis] + wc * carried[c + axis];
  }
  return out;
}
