import type { BindTemplate } from '../template/bind-template.ts';
import { type LipLine, lineAt } from './lip-line.ts';

/** A closed border around a mouth, seen from the front: along the upper lip from the person's right to the left, then back along the lower. */
export interface MouthBorder {
  readonly vertices: readonly number[];
  /** Where in `vertices` the left corner stands; the right one is the first. */
  readonly leftCorner: number;
}

/** How far from the line of the lips a border may lie: beyond its ends, above and below, behind; metres. */
const BESIDE = 0.012;
const HIGH = 0.02;
const BEHIND = 0.03;
/** A border shorter than this part of the lips is not the mouth's. */
const SHORTEST = 0.6;

/**
 * The border of the opening that a head's skin has between its lips, after a cut or where a blind pocket was taken away.
 *
 * @param indices - Triangles of the skin, without what was taken away.
 * @param sides - 1 for vertices of the upper lip, 2 for the lower, 0 for others.
 * @returns null when the opening has no single border.
 */
export function findOpening(
  positions: Float64Array,
  indices: Uint32Array,
  sides: Uint8Array,
  line: LipLine,
): MouthBorder | null {
  const last = line.x.length - 1;
  const isNear = (v: number): boolean => {
    const [x, y, z] = positions.subarray(v * 3, v * 3 + 3);
    return (
      x > line.x[0] - BESIDE &&
      x < line.x[last] + BESIDE &&
      Math.abs(y - lineAt(line.x, line.y, x)) < HIGH &&
      z > lineAt(line.x, line.z, x) - BEHIND
    );
  };
  const uses = new Map<string, readonly [from: number, to: number]>();
  const near = new Map<number, boolean>();
  const known = (v: number): boolean => {
    let is = near.get(v);
    if (is === undefined) {
      is = isNear(v);
      near.set(v, is);
    }
    return is;
  };
  for (let t = 0; t < indices.length; t += 3) {
    if (!known(indices[t]) || !known(indices[t + 1]) || !known(indices[t + 2])) continue;
    for (let c = 0; c < 3; c++) toggle(uses, indices[t + c], indices[t + ((c + 1) % 3)]);
  }
  // the box's own border is none of the skin's
  for (let t = 0; t < indices.length; t += 3) {
    const inside = [0, 1, 2].map((c) => known(indices[t + c]));
    if (inside.every((is) => is)) continue;
    for (let c = 0; c < 3; c++)
      if (inside[c] && inside[(c + 1) % 3]) toggle(uses, indices[t + c], indices[t + ((c + 1) % 3)]);
  }
  const cycle = widestCycle([...uses.values()], positions);
  if (!cycle) return null;
  const border = startAtRight(cycle, positions);
  if (width(border.vertices, positions) < SHORTEST * (line.x[last] - line.x[0])) return null;
  const count = (from: number, to: number, side: number): number =>
    border.vertices.slice(from, to).filter((v) => sides[v] === side).length;
  const { leftCorner, vertices } = border;
  const rest = vertices.length;
  const upperFirst =
    count(0, leftCorner, 1) -
    count(0, leftCorner, 2) -
    count(leftCorner, rest, 1) +
    count(leftCorner, rest, 2);
  return upperFirst >= 0 ? border : reversed(border);
}

const socketsOf = new WeakMap<BindTemplate, MouthBorder | null>();

/** Where the template's lips end inside and the hollow of its mouth begins; null for a template whose materials do not say. */
export function socketBorder(template: BindTemplate): MouthBorder | null {
  const before = socketsOf.get(template);
  if (before !== undefined) return before;
  const uses = new Map<string, readonly [number, number]>();
  for (const { material, first, count } of template.materials) {
    if (material !== 'mouth') continue;
    for (let t = first * 3; t < (first + count) * 3; t += 3) {
      if (template.indices[t] >= template.skinVertices) continue;
      for (let c = 0; c < 3; c++) toggle(uses, template.indices[t + c], template.indices[t + ((c + 1) % 3)]);
    }
  }
  const cycle = widestCycle([...uses.values()], template.positions);
  let border = cycle && startAtRight(cycle, template.positions);
  if (border) {
    const { leftCorner, vertices } = border;
    const height = (list: readonly number[]): number =>
      list.reduce((sum, v) => sum + template.positions[v * 3 + 1], 0) / Math.max(1, list.length);
    if (height(vertices.slice(1, leftCorner)) < height(vertices.slice(leftCorner + 1)))
      border = reversed(border);
  }
  socketsOf.set(template, border);
  return border;
}

/** Keeps edges that one triangle has and drops those that two share. */
function toggle(uses: Map<string, readonly [number, number]>, from: number, to: number): void {
  const key = from < to ? `${from},${to}` : `${to},${from}`;
  if (!uses.delete(key)) uses.set(key, [from, to]);
}

/** The closed path of edges that is widest in x. */
function widestCycle(
  edges: readonly (readonly [number, number])[],
  positions: Float64Array,
): number[] | null {
  const next = new Map<number, number[]>();
  for (const [from, to] of edges) {
    const list = next.get(from);
    if (list) list.push(to);
    else next.set(from, [to]);
  }
  let best: number[] | null = null;
  for (const start of [...next.keys()]) {
    const path: number[] = [];
    const at = new Map<number, number>();
    let v: number | undefined = start;
    while (v !== undefined) {
      const before = at.get(v);
      if (before !== undefined) {
        const cycle = path.slice(before);
        if (cycle.length > 4 && (!best || width(cycle, positions) > width(best, positions))) best = cycle;
        for (const each of cycle) at.delete(each);
        path.length = before;
      }
      at.set(v, path.length);
      path.push(v);
      v = next.get(v)?.pop();
    }
  }
  return best;
}

function width(vertices: readonly number[], positions: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of vertices) {
    low = Math.min(low, positions[v * 3]);
    high = Math.max(high, positions[v * 3]);
  }
  return high - low;
}

function startAtRight(cycle: readonly number[], positions: Float64Array): MouthBorder {
  const xs = cycle.map((v) => positions[v * 3]);
  const right = xs.indexOf(Math.min(...xs));
  const vertices = [...cycle.slice(right), ...cycle.slice(0, right)];
  return { vertices, leftCorner: (xs.indexOf(Math.max(...xs)) - right + xs.length) % xs.length };
}

/** The other way round, from the same corner. */
function reversed({ vertices, leftCorner }: MouthBorder): MouthBorder {
  return {
    vertices: [vertices[0], ...vertices.slice(1).reverse()],
    leftCorner: vertices.length - leftCorner,
  };
}
