import type { EdgeGraph } from '../geometry/edge-graph.ts';
import type { PartRole } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import type { Correspondence } from './correspond.ts';
import type { LipCut } from './cut-lips.ts';
import { type LipLine, lineAt } from './lip-line.ts';

/** What lies further than this behind the face is no outer side of a lip, metres; a pocket is found from twice that on. */
const HIDDEN = 0.0022;
/** What lies deeper than this and would be drawn out further than TORN by an open jaw is the pocket's, too: it would hang in the mouth as a web; metres. */
const WEB = 0.0006;
const TORN = 0.004;
/** So would what lies only partly deeper, where it is drawn out to this many times its size. */
const STRETCHED = 3;
/** A pocket reaches this far above and below the line of the lips and beyond its ends, metres. */
const HIGH = 0.03;
const WIDE = 0.01;

/**
 * Triangles of a blind mouth pocket: what is hidden behind the lips and joined to where the template has the inside of its mouth.
 *
 * @param graph - Joins the skin's vertices.
 * @param depthOf - How far a point lies behind the face, metres.
 * @returns 1 for each triangle of the pocket.
 */
export function pocketTriangles(
  template: BindTemplate,
  cut: LipCut,
  match: Pick<Correspondence, 'vertices' | 'weights'>,
  roles: readonly PartRole[],
  line: LipLine,
  graph: EdgeGraph,
  depthOf: (x: number, y: number, z: number) => number,
): Uint8Array {
  const inMouth = new Uint8Array(template.skinVertices);
  for (const { material, first, count } of template.materials) {
    if (material !== 'mouth') continue;
    for (let i = first * 3; i < (first + count) * 3; i++) {
      const v = template.indices[i];
      if (v < template.skinVertices) inMouth[v] = 1;
    }
  }
  const last = line.x.length - 1;
  const hidden = (v: number, depth: number): boolean => {
    const [x, y, z] = cut.positions.subarray(v * 3, v * 3 + 3);
    return (
      x > line.x[0] - WIDE &&
      x < line.x[last] + WIDE &&
      Math.abs(y - lineAt(line.x, line.y, x)) < HIGH &&
      z < lineAt(line.x, line.z, x) - depth * 0.5 &&
      depthOf(x, y, z) > depth
    );
  };
  const pocket = new Uint8Array(roles.length);
  let border: number[] = [];
  for (let v = 0; v < roles.length; v++) {
    if (roles[v] !== 'skin' || !hidden(v, HIDDEN * 2)) continue;
    if ([0, 1, 2].some((c) => inMouth[match.vertices[v * 3 + c]] === 0)) continue;
    pocket[v] = 1;
    border.push(v);
  }
  while (border.length > 0) {
    const next: number[] = [];
    for (const v of border) {
      for (let i = graph.first[v]; i < graph.first[v + 1]; i++) {
        const other = graph.neighbours[i];
        if (pocket[other] === 1 || !hidden(other, HIDDEN)) continue;
        pocket[other] = 1;
        next.push(other);
      }
    }
    border = next;
  }
  const jaw = template.fields[template.controls.indexOf('jawOpen')];
  const falls = (v: number): number =>
    jaw
      ? [0, 1, 2].reduce(
          (sum, c) => sum + match.weights[v * 3 + c] * jaw[match.vertices[v * 3 + c] * 3 + 1],
          0,
        )
      : 0;
  return Uint8Array.from({ length: cut.indices.length / 3 }, (_, t) => {
    const corners = [cut.indices[t * 3], cut.indices[t * 3 + 1], cut.indices[t * 3 + 2]];
    const inPocket = (v: number): boolean => pocket[v] === 1;
    if (corners.every(inPocket)) return 1;
    const inside = corners.filter((v) => inPocket(v) || (roles[v] === 'skin' && hidden(v, WEB))).length;
    if (inside === 0) return 0;
    const ways = corners.map(falls);
    const torn = Math.max(...ways) - Math.min(...ways);
    if (torn < TORN) return 0;
    return inside === 3 || torn > STRETCHED * longestEdge(cut.positions, corners) ? 1 : 0;
  });
}

function longestEdge(positions: Float64Array, corners: readonly number[]): number {
  return Math.max(
    ...corners.map((v, i) => {
      const o = corners[(i + 1) % 3];
      return Math.hypot(...[0, 1, 2].map((axis) => positions[v * 3 + axis] - positions[o * 3 + axis]));
    }),
  );
}
