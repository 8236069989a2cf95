import type { BindTemplate } from '../template/bind-template.ts';
import { DEPTH_MAP_SIZE, depthMap, type LipLine, lineAt, type Surface } from './lip-line.ts';
import { type MouthBorder, socketBorder } from './mouth-opening.ts';
import { type LipRoll, rollLips } from './roll-lips.ts';

/** The template's mouth for a head that has none: vertices of the template and triangles between them. */
export interface MouthGeometry {
  /** Template vertex of each vertex. */
  readonly sources: Uint32Array;
  /** xyz in the template's frame. */
  readonly positions: Float64Array;
  /** Vertices of {@link roll} follow those of the template. */
  readonly indices: Uint32Array;
  /** The inner side of the lips, where the head's skin has a border to begin at; else it is the template's. */
  readonly roll: LipRoll | null;
  readonly ranges: readonly { readonly material: string; readonly first: number; readonly count: number }[];
  /** Share of the teeth's vertices that stand out of the head after they were pushed back. */
  readonly outside: number;
  /** How far the teeth were pushed back, metres. */
  readonly pushedBack: number;
}

/** Teeth keep this distance from the skin outside, metres. */
const ROOM = 0.003;
/** Teeth are pushed back by no more than this, metres. */
const LARGEST_PUSH = 0.008;
/** The inner side of the lips belongs to the mouth from this depth on, metres. */
const BEHIND_LIPS = 0.0008;
/**
 * How far the lining of the lips stays behind the face, metres: close behind lips that were cut and have no inner side of their
 * own, further where they have one.
 */
const LINING_OF_CUT_LIPS = 0.0005;
const LINING_OF_OWN_LIPS = 0.003;
/** Lips that were cut are lined up to this far above and below the line, metres. */
const LINED = 0.0025;

/**
 * Takes the inside of the mouth, teeth and tongue of the registered template.
 *
 * @param depthOf - How far a point lies behind the face, metres; negative in front of it.
 * @param sealed - True when the lips were cut apart along `line`.
 * @param opening - The border of the opening between the lips of `surface`, the head's positions.
 */
export function addMouth(
  template: BindTemplate,
  registered: Float64Array,
  depthOf: (x: number, y: number, z: number) => number,
  line: LipLine,
  sealed: boolean,
  surface: Float64Array,
  opening: MouthBorder | null,
): MouthGeometry {
  const { groups, indices, materials } = template;
  const positions = registered.slice();
  const ranges = [groups.upperTeeth, groups.lowerTeeth, groups.tongue].filter((range) => range !== undefined);
  let push = 0;
  for (const { first, count } of ranges.slice(0, 2)) {
    for (let v = first; v < first + count; v++) {
      const depth = depthOf(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]);
      push = Math.max(push, ROOM - depth);
    }
  }
  push = Math.min(push, LARGEST_PUSH);
  let outside = 0;
  let teeth = 0;
  for (const [i, { first, count }] of ranges.entries()) {
    for (let v = first; v < first + count; v++) {
      positions[v * 3 + 2] -= push;
      if (i === 2) continue;
      teeth++;
      if (depthOf(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]) < -0.001) outside++;
    }
  }
  const socket = socketBorder(template);
  const rolls = opening !== null && socket !== null;
  const isLining = (v: number) => {
    const [x, y, z] = positions.subarray(v * 3, v * 3 + 3);
    if (sealed && Math.abs(y - lineAt(line.x, line.y, x)) < LINED) return true;
    return depthOf(x, y, z) > BEHIND_LIPS;
  };
  const lining = Uint8Array.from({ length: template.skinVertices }, (_, v) => (isLining(v) ? 1 : 0));
  const room = sealed ? LINING_OF_CUT_LIPS : LINING_OF_OWN_LIPS;
  const of = new Map<number, number>();
  const sources: number[] = [];
  const out: number[] = [];
  const kept: { material: string; first: number; count: number }[] = [];
  for (const { material, first, count } of materials) {
    const start = out.length / 3;
    for (let t = first * 3; t < (first + count) * 3; t += 3) {
      const corners = [indices[t], indices[t + 1], indices[t + 2]];
      const inGroup = ranges.some(
        (range) => corners[0] >= range.first && corners[0] < range.first + range.count,
      );
      const hollow = corners[0] < template.skinVertices && material === 'mouth';
      const lipsInside = !rolls && material === 'lips' && corners.every((v) => lining[v] === 1);
      if (!inGroup && !hollow && !lipsInside) continue;
      for (const v of corners) {
        let at = of.get(v);
        if (at === undefined) {
          at = sources.length;
          of.set(v, at);
          sources.push(v);
        }
        out.push(at);
      }
    }
    if (out.length / 3 > start) kept.push({ material, first: start, count: out.length / 3 - start });
  }
  const points = new Float64Array(sources.length * 3);
  sources.forEach((v, i) => {
    points.set(positions.subarray(v * 3, v * 3 + 3), i * 3);
    if (v >= template.skinVertices) return;
    const depth = depthOf(points[i * 3], points[i * 3 + 1], points[i * 3 + 2]);
    points[i * 3 + 2] -= Math.max(0, room - depth);
  });
  let roll: LipRoll | null = null;
  if (rolls) {
    // the rings end at the hollow as it lies now
    sources.forEach((v, i) => {
      positions.set(points.subarray(i * 3, i * 3 + 3), v * 3);
    });
    roll = rollLips(surface, opening, positions, socket);
    for (const [material, list] of [
      ['lips', roll.lips],
      ['mouth', roll.hollow],
    ] as const) {
      kept.push({ material, first: out.length / 3, count: list.length / 3 });
      for (const v of list) out.push(sources.length + v);
    }
  }
  return {
    sources: Uint32Array.from(sources),
    positions: points,
    indices: Uint32Array.from(out),
    roll,
    ranges: kept,
    outside: teeth > 0 ? outside / teeth : 0,
    pushedBack: push,
  };
}

/** Half the size of the window that is looked at from the front, metres, and of the neighbourhood that is averaged. */
const WINDOW = 0.05;
const AROUND = 0.002;

/**
 * How far a point lies behind the front layer of a surface, seen along z around `centre`: negative in front of it. Where the
 * surface has a hole, as between parted lips, what lies around decides.
 */
export function depthBehind(
  surface: Surface,
  centre: readonly [x: number, y: number, z: number],
): (x: number, y: number, z: number) => number {
  const farthest = centre[2] - 0.06;
  const pixel = (2 * WINDOW) / DEPTH_MAP_SIZE;
  const left = centre[0] - WINDOW;
  const bottom = centre[1] - WINDOW;
  const map = depthMap(surface, left, bottom, pixel, farthest, centre[2] + 0.06);
  const reach = Math.round(AROUND / pixel);
  return (x, y, z) => {
    const column = Math.floor((x - left) / pixel);
    const row = Math.floor((y - bottom) / pixel);
    let sum = 0;
    let count = 0;
    for (let r = Math.max(0, row - reach); r <= Math.min(DEPTH_MAP_SIZE - 1, row + reach); r++) {
      for (let c = Math.max(0, column - reach); c <= Math.min(DEPTH_MAP_SIZE - 1, column + reach); c++) {
        const found = map[r * DEPTH_MAP_SIZE + c];
        if (found <= farthest) continue;
        sum += found;
        count++;
      }
    }
    return count > 0 ? sum / count - z : WINDOW;
  };
}

/** A mouth with all its places mapped. */
export function mapMouth(
  mouth: MouthGeometry,
  map: (positions: Float64Array) => Float64Array,
): MouthGeometry {
  const { roll } = mouth;
  return {
    ...mouth,
    positions: map(mouth.positions),
    roll: roll && { ...roll, positions: map(roll.positions) },
  };
}
