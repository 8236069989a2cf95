import { type LipLine, lineAt, type Surface } from './lip-line.ts';
import { unfoldHeights } from './unfold-heights.ts';

/** Triangles of a surface after a cut along the lips. */
export interface LipCut {
  /** Vertices of the surface as before, then two per cut edge (upper, lower), one at the ends of the line. */
  readonly positions: Float64Array;
  readonly indices: Uint32Array;
  /** For each triangle the one it comes from. */
  readonly sources: Uint32Array;
  /** Two ends of each new vertex. */
  readonly ends: Uint32Array;
  readonly ratios: Float32Array;
  /**
   * Side of each vertex, the new ones included: 1 for what lies above the cut at it, 2 for what lies below, 0 for what it does not
   * touch or leaves joined.
   */
  readonly sides: Uint8Array;
}

/** The cut follows the front layer only: what lies further behind the line than this, or above or below it, stays. */
const BEHIND = 0.012;
const BESIDE = 0.025;
/** A valley shallower than SHALLOW says little about where its line bends, one deeper than DEEP everything; metres. */
const SHALLOW = 0.0003;
const DEEP = 0.0012;
/** How far the line of a shallow valley is averaged, metres. */
const STRAIGHT = 0.005;

/**
 * Cuts the triangles that the lip line crosses, so that upper and lower lip can part. A vertex very near the line would leave
 * slivers; the line is bent to it instead.
 *
 * @param takesPart - Says which triangles may be cut.
 */
export function cutLips(surface: Surface, line: LipLine, takesPart: (triangle: number) => boolean): LipCut {
  const { positions, indices } = surface;
  const count = positions.length / 3;
  const last = line.x.length - 1;
  const left = line.x[0];
  const right = line.x[last];
  const heights = new Float64Array(count);
  const lineY = straightened(line);
  const near = new Uint8Array(count);
  for (let v = 0; v < count; v++) {
    const x = positions[v * 3];
    heights[v] = positions[v * 3 + 1] - lineAt(line.x, lineY, x);
    near[v] =
      x > left - 0.003 &&
      x < right + 0.003 &&
      Math.abs(heights[v]) < BESIDE &&
      positions[v * 3 + 2] > lineAt(line.x, line.z, x) - BEHIND
        ? 1
        : 0;
  }
  const above = unfoldHeights(surface, heights, near, takesPart);
  const newPositions: number[] = [];
  const ends: number[] = [];
  const ratios: number[] = [];
  const sides: number[] = [];
  const split = new Map<number, [upper: number, lower: number]>();
  const add = (a: number, b: number, t: number, side: number): number => {
    for (let axis = 0; axis < 3; axis++)
      newPositions.push(positions[a * 3 + axis] + t * (positions[b * 3 + axis] - positions[a * 3 + axis]));
    ends.push(a, b);
    ratios.push(t);
    sides.push(side);
    return count + ratios.length - 1;
  };
  const splitEdge = (a: number, b: number): [number, number] => {
    const [low, high] = a < b ? [a, b] : [b, a];
    const key = low * count + high;
    const known = split.get(key);
    if (known) return known;
    const t = Math.max(0.02, Math.min(0.98, above[low] / (above[low] - above[high])));
    const x = positions[low * 3] + t * (positions[high * 3] - positions[low * 3]);
    const joined = x <= left || x >= right;
    const upper = add(low, high, t, joined ? 0 : 1);
    const pair: [number, number] = [upper, joined ? upper : add(low, high, t, 2)];
    split.set(key, pair);
    return pair;
  };
  const out: number[] = [];
  const sources: number[] = [];
  const beside = new Uint8Array(count);
  const keep = (t: number, ...corners: number[]) => {
    for (let i = 0; i < corners.length; i += 3) {
      out.push(corners[i], corners[i + 1], corners[i + 2]);
      sources.push(t);
    }
  };
  const isAbove = (v: number) => above[v] >= 0;
  const crossingX = (a: number, b: number) => {
    const t = above[a] / (above[a] - above[b]);
    return positions[a * 3] + t * (positions[b * 3] - positions[a * 3]);
  };
  for (let t = 0; t < indices.length / 3; t++) {
    const corners = [indices[t * 3], indices[t * 3 + 1], indices[t * 3 + 2]];
    const up = corners.map(isAbove);
    const mixed = up.includes(true) && up.includes(false);
    if (!mixed || !takesPart(t) || corners.some((v) => near[v] === 0)) {
      keep(t, ...corners);
      continue;
    }
    const lone = up.filter((u) => u).length === 1 ? up.indexOf(true) : up.indexOf(false);
    const [i, j, k] = [corners[lone], corners[(lone + 1) % 3], corners[(lone + 2) % 3]];
    const crossings = [crossingX(i, j), crossingX(i, k)];
    if (!crossings.some((x) => x > left && x < right)) {
      keep(t, ...corners);
      continue;
    }
    const side = up[lone] ? 0 : 1;
    for (const v of corners)
      if (positions[v * 3] > left && positions[v * 3] < right) beside[v] = isAbove(v) ? 1 : 2;
    const first = splitEdge(i, j);
    const second = splitEdge(i, k);
    keep(t, i, first[side], second[side]);
    keep(t, first[1 - side], j, k);
    keep(t, first[1 - side], k, second[1 - side]);
  }
  const joined = new Float64Array(positions.length + newPositions.length);
  joined.set(positions);
  joined.set(newPositions, positions.length);
  const allSides = new Uint8Array(count + sides.length);
  allSides.set(beside);
  allSides.set(sides, count);
  return {
    positions: joined,
    indices: Uint32Array.from(out),
    sources: Uint32Array.from(sources),
    ends: Uint32Array.from(ends),
    ratios: Float32Array.from(ratios),
    sides: allSides,
  };
}

/** Heights of the line, the straighter the shallower the valley is that it follows: what is no lip's edge shall not show as one. */
function straightened({ x, y, depth }: LipLine): Float64Array {
  const sigma = STRAIGHT * Math.max(0, Math.min(1, (DEEP - depth) / (DEEP - SHALLOW)));
  if (sigma === 0) return y;
  return y.map((_, i) => {
    let sum = 0;
    let moment = 0;
    let total = 0;
    let spread = 0;
    let height = 0;
    // A line through the neighbours, so that the ends stay where they are.
    for (let j = 0; j < x.length; j++) {
      const d = x[j] - x[i];
      const w = Math.exp(-0.5 * (d / sigma) ** 2);
      total += w;
      moment += w * d;
      spread += w * d * d;
      sum += w * y[j];
      height += w * d * y[j];
    }
    return (spread * sum - moment * height) / (total * spread - moment * moment);
  });
}

/** A surface whose lips part already, in the form of a cut one. */
export function uncutSurface({ positions, indices }: Surface): LipCut {
  return {
    positions,
    indices,
    sources: Uint32Array.from({ length: indices.length / 3 }, (_, t) => t),
    ends: new Uint32Array(0),
    ratios: new Float32Array(0),
    sides: new Uint8Array(positions.length / 3),
  };
}

/** A cut's ends lie on edges that other triangles still have whole: they move as those edges do. */
export function joinEnds(fields: readonly Float32Array[], cut: LipCut, first: number): void {
  cut.sides.subarray(first).forEach((side, i) => {
    if (side !== 0) return;
    const a = cut.ends[i * 2] * 3;
    const b = cut.ends[i * 2 + 1] * 3;
    const t = cut.ratios[i];
    for (const field of fields) {
      for (let axis = 0; axis < 3; axis++)
        field[(first + i) * 3 + axis] = field[a + axis] + t * (field[b + axis] - field[a + axis]);
    }
  });
}
