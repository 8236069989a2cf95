import type { Similarity } from '../../head/similarity.ts';
import type { HeadMesh } from '../head-mesh.ts';
import { type PackedField, packField, type RigPart, type SplitVertices } from '../head-rig.ts';
import type { JoinedHead } from '../register/join-head.ts';
import type { LipCut } from '../transfer/cut-lips.ts';
import { toHeadOffsets } from './to-head-offsets.ts';

/**
 * Takes cut, fields and shares of the joined head apart into those of its parts.
 *
 * @param removed - 1 for triangles of the cut surface that go.
 * @param fields - In the template's frame; xyz per vertex of the cut surface.
 */
export function packParts(
  mesh: HeadMesh,
  head: JoinedHead,
  cut: LipCut,
  removed: Uint8Array | null,
  fields: readonly Float32Array[],
  turn: Uint8Array,
  toHead: Similarity,
): RigPart[] {
  const first = head.positions.length / 3;
  const starts = [...head.firstTriangle, Number.POSITIVE_INFINITY];
  return mesh.parts.map((part, p) => {
    const fileVertices = part.positions.length / 3;
    const of = Array.from(head.of[p]);
    const ends: number[] = [];
    const ratios: number[] = [];
    const known = new Map<string, number>();
    const indices: number[] = [];
    let changed = false;
    for (let t = 0; t < cut.sources.length; t++) {
      const source = cut.sources[t];
      if (source < starts[p] || source >= starts[p + 1]) continue;
      const from = (source - starts[p]) * 3;
      const corners = [part.indices[from], part.indices[from + 1], part.indices[from + 2]];
      if (removed?.[t]) {
        changed = true;
        continue;
      }
      const fileVertex = (joined: number): number =>
        corners.find((c) => head.of[p][c] === joined) ?? corners[0];
      const triangle = [0, 1, 2].map((k) => {
        const v = cut.indices[t * 3 + k];
        if (v < first) return fileVertex(v);
        changed = true;
        const a = fileVertex(cut.ends[(v - first) * 2]);
        const b = fileVertex(cut.ends[(v - first) * 2 + 1]);
        const key = `${v},${a},${b}`;
        let at = known.get(key);
        if (at === undefined) {
          at = fileVertices + ratios.length;
          known.set(key, at);
          ends.push(a, b);
          ratios.push(cut.ratios[v - first]);
          of.push(v);
        }
        return at;
      });
      if (head.insideOut) triangle.reverse();
      indices.push(...triangle);
    }
    const splits: SplitVertices | null =
      ratios.length > 0 ? { ends: Uint32Array.from(ends), ratios: Float32Array.from(ratios) } : null;
    const own = new Float64Array(of.length * 3);
    return {
      vertices: of.length,
      splits,
      indices: changed ? Uint32Array.from(indices) : null,
      fields: fields.map((field): PackedField => {
        for (let i = 0; i < of.length; i++) {
          for (let axis = 0; axis < 3; axis++) own[i * 3 + axis] = field[of[i] * 3 + axis];
        }
        return packField(toHeadOffsets(toHead, own, own));
      }),
      turnShares: Uint8Array.from(of, (v) => turn[v]),
    };
  });
}
