import {
  type BindTemplate,
  type HandPoints,
  type HeadMesh,
  landmarkPositions,
} from '../../src/bind/index.ts';
import { seededRandom } from '../seeded-random.ts';

/** Points of the template's surface: three vertices and weights each. */
interface TemplatePoints {
  readonly vertices: number[];
  readonly weights: number[];
}

/** A head made in code, of a person that nobody drew, with what is known about it. */
export interface Stranger {
  readonly mesh: HeadMesh;
  readonly face: HandPoints;
  /** For each vertex of the skin part the place on the template that it was made of. */
  readonly places: TemplatePoints;
  /** For each part after the skin the template vertex of each of its vertices. */
  readonly sources: readonly (readonly number[])[];
  /** Units of the head per metre. */
  readonly scale: number;
  /** Turns and scales offsets in metres to the head's frame. */
  readonly turn: (offset: readonly number[]) => number[];
}

export interface StrangerOptions {
  readonly seed: number;
  /** Standard deviations of the identity modes. */
  readonly strength?: number;
  /** How the skin's triangles are made. */
  readonly remesh?: 'none' | 'subdivide' | 'cluster';
  /** Parts that the head has besides its skin. */
  readonly eyes?: boolean;
  readonly teeth?: boolean;
  readonly lashes?: boolean;
  /** Keeps only what lies further forward than this, metres: a mask with a border. */
  readonly maskFrom?: number;
  /** Leaves the inside of the mouth away and closes the lips with triangles. */
  readonly sealed?: boolean;
  readonly noiseMm?: number;
  readonly reversed?: boolean;
}

/** Makes a head: random identity, pose and size; vertices of each part in random order. */
export function makeStranger(template: BindTemplate, options: StrangerOptions): Stranger {
  const random = seededRandom(options.seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const shape = template.positions.slice();
  template.modes.forEach((mode, k) => {
    const c = k === 0 ? 0.3 : normal() * (options.strength ?? 0.8);
    for (let i = 0; i < shape.length; i++) shape[i] += c * mode[i];
  });
  const q = [normal(), normal(), normal(), normal()];
  const length = Math.hypot(...q);
  const [w, x, y, z] = q.map((value) => value / length);
  const rotation = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
    [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
    [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
  ];
  const scale = 10 ** (random() * 4 - 2);
  const shift = [normal() * scale, normal() * scale, normal() * scale];
  const turn = (p: readonly number[]) =>
    rotation.map((row) => scale * (row[0] * p[0] + row[1] * p[1] + row[2] * p[2]));
  const place = (p: readonly number[]) => turn(p).map((value, axis) => value + shift[axis]);

  const material = new Map<number, string>();
  for (const range of template.materials) {
    for (let t = range.first; t < range.first + range.count; t++) material.set(t, range.material);
  }
  const skin: number[] = [];
  const weld = new Map<number, number>();
  if (options.sealed) for (const [upper, lower] of template.lipPairs) weld.set(upper, lower);
  const behind = mouthInside(template);
  for (let t = 0; t < template.indices.length / 3; t++) {
    const corners = [0, 1, 2].map((c) => template.indices[t * 3 + c]);
    if (corners[0] >= template.skinVertices) continue;
    if (corners.some((v) => template.positions[v * 3 + 2] < (options.maskFrom ?? -1))) continue;
    if (options.sealed && (material.get(t) === 'mouth' || corners.every((v) => behind.has(v)))) continue;
    skin.push(...corners.map((v) => weld.get(v) ?? v));
  }
  const remeshed = remesh(skin, shape, options.remesh ?? 'none', random);
  const orders: (readonly number[])[] = [];
  const skinPart = part('skin', remeshed.points, remeshed.triangles, shape, place, random, options);
  const parts = [skinPart.part];
  const groups = [
    ...(options.eyes === false ? [] : (['leftEye', 'rightEye'] as const)),
    ...(options.teeth ? (['upperTeeth', 'lowerTeeth', 'tongue'] as const) : []),
    ...(options.lashes ? (['leftUpperLashes', 'leftLowerLashes'] as const) : []),
  ];
  for (const name of groups) {
    const range = template.groups[name];
    if (!range) continue;
    const triangles: number[] = [];
    for (let t = 0; t < template.indices.length; t += 3) {
      if (template.indices[t] < range.first || template.indices[t] >= range.first + range.count) continue;
      for (let c = 0; c < 3; c++) triangles.push(template.indices[t + c] - range.first);
    }
    const points = Array.from({ length: range.count }, (_, i) => ({
      vertices: [range.first + i, range.first + i, range.first + i],
      weights: [1, 0, 0],
    }));
    const made = part(name, points, triangles, shape, place, random, options);
    parts.push(made.part);
    orders.push(made.order.map((i) => range.first + i));
  }
  const landmarks = landmarkPositions(template.landmarks, shape);
  const points = Array.from({ length: landmarks.length / 3 }, (_, landmark) => ({
    landmark,
    position: place(
      [0, 1, 2].map((axis) => landmarks[landmark * 3 + axis] + ((options.noiseMm ?? 0) / 1000) * normal()),
    ) as [number, number, number],
  }));
  return {
    sources: orders,
    mesh: { format: 'obj', parts, joints: [], warnings: [] },
    face: { points, insideOut: options.reversed ?? false },
    places: {
      vertices: skinPart.order.flatMap((i) => remeshed.points[i].vertices),
      weights: skinPart.order.flatMap((i) => remeshed.points[i].weights),
    },
    scale,
    turn,
  };
}

interface Place {
  readonly vertices: number[];
  readonly weights: number[];
}

/** Vertices of the lips that lie further inside than where the lips touch. */
function mouthInside(template: BindTemplate): Set<number> {
  const contact = new Set(template.lipPairs.flat());
  const mouth: number[] = [];
  for (const { material, first, count } of template.materials) {
    if (material !== 'mouth') continue;
    for (let i = first * 3; i < (first + count) * 3; i++)
      if (template.indices[i] < template.skinVertices) mouth.push(template.indices[i]);
  }
  const neighbours = new Map<number, Set<number>>();
  for (let t = 0; t < template.indices.length; t += 3) {
    if (template.indices[t] >= template.skinVertices) continue;
    for (let c = 0; c < 3; c++) {
      const v = template.indices[t + c];
      const set = neighbours.get(v) ?? new Set<number>();
      set.add(template.indices[t + ((c + 1) % 3)]).add(template.indices[t + ((c + 2) % 3)]);
      neighbours.set(v, set);
    }
  }
  const inside = new Set<number>(mouth);
  const waiting = [...inside];
  for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
    for (const other of neighbours.get(v) ?? []) {
      if (inside.has(other) || contact.has(other)) continue;
      inside.add(other);
      waiting.push(other);
    }
  }
  // where the line of contact does not close, the flood would take the whole head
  return inside.size < template.skinVertices / 3 ? new Set([...inside, ...contact]) : new Set([...mouth]);
}

function remesh(
  skin: readonly number[],
  shape: Float64Array,
  how: 'none' | 'subdivide' | 'cluster',
  random: () => number,
): { points: Place[]; triangles: number[] } {
  const of = new Map<number, number>();
  const points: Place[] = [];
  const vertex = (v: number): number => {
    let at = of.get(v);
    if (at === undefined) {
      at = points.length;
      of.set(v, at);
      points.push({ vertices: [v, v, v], weights: [1, 0, 0] });
    }
    return at;
  };
  if (how === 'none') return { triangles: skin.map(vertex), points };
  if (how === 'cluster') {
    // vertices in one cell become the one that came first
    const cells = new Map<string, number>();
    const size = 0.0035;
    const clustered = skin.map((v) => {
      const key = [0, 1, 2].map((axis) => Math.floor(shape[v * 3 + axis] / size)).join();
      const known = cells.get(key);
      if (known === undefined) cells.set(key, v);
      return known ?? v;
    });
    const triangles: number[] = [];
    for (let t = 0; t < clustered.length; t += 3) {
      const [a, b, c] = clustered.slice(t, t + 3);
      if (a !== b && b !== c && c !== a) triangles.push(vertex(a), vertex(b), vertex(c));
    }
    return { points, triangles };
  }
  // every triangle gets a point somewhere inside, every edge one on it
  const edges = new Map<string, number>();
  const between = (a: number, b: number): number => {
    const key = a < b ? `${a},${b}` : `${b},${a}`;
    let at = edges.get(key);
    if (at === undefined) {
      at = points.length;
      edges.set(key, at);
      const t = 0.35 + 0.3 * random();
      points.push({ vertices: [Math.min(a, b), Math.max(a, b), a], weights: [t, 1 - t, 0] });
    }
    return at;
  };
  const triangles: number[] = [];
  for (let t = 0; t < skin.length; t += 3) {
    const [a, b, c] = skin.slice(t, t + 3);
    const [ab, bc, ca] = [between(a, b), between(b, c), between(c, a)];
    triangles.push(vertex(a), ab, ca, ab, vertex(b), bc, ca, bc, vertex(c), ab, bc, ca);
  }
  return { points, triangles };
}

function part(
  name: string,
  points: readonly Place[],
  triangles: readonly number[],
  shape: Float64Array,
  place: (p: readonly number[]) => number[],
  random: () => number,
  { reversed }: StrangerOptions,
) {
  const order = Array.from(points.keys());
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const at = new Map(order.map((i, index) => [i, index]));
  const positions = Float32Array.from(
    order.flatMap((i) =>
      place(
        [0, 1, 2].map((axis) =>
          points[i].vertices.reduce((sum, v, c) => sum + points[i].weights[c] * shape[v * 3 + axis], 0),
        ),
      ),
    ),
  );
  const indices = Uint32Array.from(triangles, (i) => at.get(i) ?? 0);
  if (reversed) {
    for (let t = 0; t < indices.length; t += 3)
      [indices[t + 1], indices[t + 2]] = [indices[t + 2], indices[t + 1]];
  }
  return {
    order,
    part: {
      name,
      node: name,
      positions,
      indices,
      material: '',
      opaque: true,
      sourceVertices: Uint32Array.from(order.keys()),
      morphs: [],
    },
  };
}
