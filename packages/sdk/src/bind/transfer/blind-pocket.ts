import type { EdgeGraph } from '../geometry/edge-graph.ts';
import type { PartRole } from '../head-rig.ts';
import type { BindTemplate } from '../template/bind-template.ts';
import type { LipCut } from './cut-lips.ts';
import { type LipLine, lineAt } from './lip-line.ts';

/** What lies further than this behind the face is no outer side of a lip, metres; a pocket is found from twice that on. */
const HIDDEN = 0.0022;
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
  match: { readonly vertices: Uint32Array },
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
  return Uint8Array.from({ length: cut.indices.length / 3 }, (_, t) =>
    pocket[cut.indices[t * 3]] && pocket[cut.indices[t * 3 + 1]] && pocket[cut.indices[t * 3 + 2]] ? 1 : 0,
  );
}
