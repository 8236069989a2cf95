import type { MouthBorder } from './mouth-opening.ts';

/** The inner side of lips: rings of vertices from the border of a mouth's opening to the hollow of the template's mouth. */
export interface LipRoll {
  /** For each vertex the one of the border that it hangs on. */
  readonly border: Uint32Array;
  /** Two vertices of the socket's border for each, and how far it is from the first to the second. */
  readonly socket: Uint32Array;
  readonly ratios: Float64Array;
  /** How much of its motion is the socket's, 0 to 1; the rest is the border's. */
  readonly shares: Float64Array;
  /** xyz. */
  readonly positions: Float64Array;
  /** Triangles of the visible inner side of the lips, and of what joins it to the hollow. */
  readonly lips: Uint32Array;
  readonly hollow: Uint32Array;
}

/**
 * Rings between border and socket: how far back from the border, metres; part of the way to the socket's height; part of the
 * motion that is the socket's. A lip's edge is round: it goes back before it goes up.
 */
const RINGS = [
  { back: 0, rise: 0, share: 0 },
  { back: 0.0009, rise: 0.015, share: 0.05 },
  { back: 0.0022, rise: 0.1, share: 0.15 },
  { back: 0.0034, rise: 0.36, share: 0.4 },
  { back: Number.NaN, rise: 1, share: 1 },
] as const;
/** Nearer to a corner than this, along the border, upper and lower lip come together; metres. */
const CORNER = 0.006;
/** The border's direction is that of this much of it to both sides, metres. */
const ALONG = 0.004;

/**
 * Rolls lips inwards from the border of an opening.
 *
 * @param surface - Positions of the head's skin, xyz per vertex.
 * @param template - Positions of the registered template with its mouth where it will be.
 */
export function rollLips(
  surface: Float64Array,
  opening: MouthBorder,
  template: Float64Array,
  socket: MouthBorder,
): LipRoll {
  const count = opening.vertices.length;
  const rings = RINGS.length;
  const roll = {
    border: new Uint32Array(count * rings),
    socket: new Uint32Array(count * rings * 2),
    ratios: new Float64Array(count * rings),
    shares: new Float64Array(count * rings),
    positions: new Float64Array(count * rings * 3),
  };
  const ways = lengthsAlong(surface, opening);
  const backs = backwards(surface, opening, ways);
  opening.vertices.forEach((v, i) => {
    const upper = i <= opening.leftCorner;
    const [start, end] = upper ? [0, ways[opening.leftCorner]] : [ways[opening.leftCorner], ways[count]];
    const fraction = (ways[i] - start) / (end - start || 1);
    const held = placeAlong(template, socket, upper, fraction);
    const toCorner = Math.min(1, Math.min(ways[i] - start, end - ways[i]) / CORNER);
    const opens = toCorner * toCorner * (3 - 2 * toCorner);
    const p = [0, 1, 2].map((axis) => surface[v * 3 + axis]);
    const q = [0, 1, 2].map(
      (axis) => template[held.from * 3 + axis] * (1 - held.ratio) + template[held.to * 3 + axis] * held.ratio,
    );
    const [bx, bz] = backs[i];
    const deep = Math.max(RINGS[2].back, (q[0] - p[0]) * bx + (q[2] - p[2]) * bz);
    RINGS.forEach(({ back, rise, share }, r) => {
      const at = r * count + i;
      roll.border[at] = v;
      roll.socket.set([held.from, held.to], at * 2);
      roll.ratios[at] = held.ratio;
      roll.shares[at] = share;
      if (r === rings - 1) roll.positions.set(q, at * 3);
      else {
        const step = Math.min(back, deep);
        const height = rise * (q[1] - p[1]) * opens;
        roll.positions.set([p[0] + bx * step, p[1] + height, p[2] + bz * step], at * 3);
      }
    });
  });
  const strip = (r: number): number[] => {
    const out: number[] = [];
    for (let i = 0; i < count; i++) {
      const [a, b] = [r * count + i, r * count + ((i + 1) % count)];
      out.push(a, a + count, b, b, a + count, b + count);
    }
    return out;
  };
  return {
    ...roll,
    lips: Uint32Array.from([0, 1, 2].flatMap(strip)),
    hollow: Uint32Array.from(strip(3)),
  };
}

/**
 * Lets rolled lips follow a socket that was moved.
 *
 * @param sources - Template vertex of each vertex of the mouth.
 * @param from - Where the mouth's vertices were, xyz.
 * @param to - Where they are now.
 */
export function followSocket(
  roll: LipRoll,
  sources: Uint32Array,
  from: Float64Array,
  to: Float64Array,
): LipRoll {
  const at = new Map(Array.from(sources, (v, i) => [v, i] as const));
  const moved = (v: number, axis: number): number => {
    const i = at.get(v);
    return i === undefined ? 0 : to[i * 3 + axis] - from[i * 3 + axis];
  };
  const positions = roll.positions.map((place, i) => {
    const ring = Math.floor(i / 3);
    const [a, b] = roll.socket.subarray(ring * 2, ring * 2 + 2);
    const ratio = roll.ratios[ring];
    return place + roll.shares[ring] * (moved(a, i % 3) * (1 - ratio) + moved(b, i % 3) * ratio);
  });
  return { ...roll, positions };
}

/** The way along a border to each of its vertices, and all the way round. */
function lengthsAlong(positions: Float64Array, { vertices }: MouthBorder): Float64Array {
  const ways = new Float64Array(vertices.length + 1);
  vertices.forEach((v, i) => {
    const o = vertices[(i + 1) % vertices.length] * 3;
    ways[i + 1] =
      ways[i] + Math.hypot(...[0, 1, 2].map((axis) => positions[o + axis] - positions[v * 3 + axis]));
  });
  return ways;
}

/** For each vertex of a border the direction into the mouth, x and z: across the border's own, seen from above. */
function backwards(
  positions: Float64Array,
  { vertices, leftCorner }: MouthBorder,
  ways: Float64Array,
): (readonly [x: number, z: number])[] {
  const count = vertices.length;
  const across = (from: number, to: number, at: number, sign: 1 | -1): readonly [number, number] => {
    let [low, high] = [at, at];
    while (low > from && ways[at] - ways[low] < ALONG) low--;
    while (high < to && ways[high] - ways[at] < ALONG) high++;
    const a = vertices[low] * 3;
    const b = vertices[high % count] * 3;
    const [x, z] = [positions[b] - positions[a], positions[b + 2] - positions[a + 2]];
    const length = Math.hypot(x, z) || 1;
    return [(sign * z) / length, (-sign * x) / length];
  };
  return vertices.map((_, i) => {
    const upper = across(0, leftCorner, i === 0 ? 0 : Math.min(i, leftCorner), 1);
    const lower = across(leftCorner, count, i === 0 ? count : Math.max(i, leftCorner), -1);
    if (i !== 0 && i !== leftCorner) return i < leftCorner ? upper : lower;
    const [x, z] = [upper[0] + lower[0], upper[1] + lower[1]];
    const length = Math.hypot(x, z) || 1;
    return [x / length, z / length];
  });
}

/** The place at a fraction of the upper or lower half of a border, in the order of its vertices. */
function placeAlong(
  positions: Float64Array,
  border: MouthBorder,
  upper: boolean,
  fraction: number,
): { from: number; to: number; ratio: number } {
  const { vertices, leftCorner } = border;
  const ways = lengthsAlong(positions, border);
  const [first, last] = upper ? [0, leftCorner] : [leftCorner, vertices.length];
  const way = ways[first] + fraction * (ways[last] - ways[first]);
  let i = first;
  while (i < last - 1 && ways[i + 1] < way) i++;
  const ratio = Math.max(0, Math.min(1, (way - ways[i]) / (ways[i + 1] - ways[i] || 1)));
  return { from: vertices[i], to: vertices[(i + 1) % vertices.length], ratio };
}
