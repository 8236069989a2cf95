import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { createEdgeGraph, type EdgeGraph } from '../geometry/edge-graph.ts';
import type { PartRole } from '../head-rig.ts';
import type { BindTemplate, TemplateGroup } from '../template/bind-template.ts';
import { mapOffsets } from './local-maps.ts';

/** Vertices of an attached part nearer than this to the skin move with it; the others with the one of those that bears them; metres. */
const ROOT = 0.002;
/** A part has the side of a slit that this share of its roots have. */
const ONE_SIDE = 0.65;
/** A part that lies nearer than this to the template's lashes, on average, turns as they do, metres. */
const LASHES = 0.006;
const FAR = 0.03;
/** Rounds of averaging over neighbours. */
const SMOOTHING = 3;

const LASH_GROUPS: readonly TemplateGroup[] = [
  'leftUpperLashes',
  'leftLowerLashes',
  'rightUpperLashes',
  'rightLowerLashes',
];

/** Where a vertex of an attached part takes its motion from. */
interface Hold {
  readonly vertex: number;
  /** Three vertices of the skin, and weights. */
  readonly skin: readonly number[];
  readonly weights: readonly number[];
  /** Vertices of the template's lashes at this vertex's place and at its root's; -1 where there are none. */
  readonly lash: number;
  readonly lashRoot: number;
}

export interface SkinOfHead {
  readonly positions: Float64Array;
  /** Triangles of all parts. */
  readonly indices: Uint32Array;
  /** Triangles of the skin. */
  readonly skin: Uint32Array;
  readonly roles: readonly PartRole[];
  /** Component of each vertex. */
  readonly components: Uint32Array;
  /** For each slit the side of every vertex. */
  readonly sides: readonly Uint8Array[];
}

/**
 * Lets lashes, brows, beards move as the skin that bears them: their roots as the skin there, what stands off as its root. A part
 * on one lid follows that lid only, and lashes turn with it as the template's do.
 *
 * @param registered - V x 3, the registered template.
 * @param maps - 3 x 3 per template vertex.
 * @param fields - xyz per vertex for each control; those of attached vertices are replaced.
 */
export function followSkin(
  template: BindTemplate,
  registered: Float64Array,
  maps: Float64Array,
  head: SkinOfHead,
  fields: readonly Float32Array[],
): void {
  const graph = createEdgeGraph(
    head.positions,
    head.indices,
    (t) => head.roles[head.indices[t * 3]] === 'attached',
  );
  const holds = findHolds(template, registered, head, graph);
  if (holds.length === 0) return;
  const turning = holds.some(({ lash }) => lash >= 0);
  const mapped = new Float64Array(template.positions.length);
  fields.forEach((field, k) => {
    if (turning) mapOffsets(maps, template.fields[k], mapped);
    for (const { vertex, skin, weights, lash, lashRoot } of holds) {
      for (let axis = 0; axis < 3; axis++) {
        let sum = lash < 0 ? 0 : mapped[lash * 3 + axis] - mapped[lashRoot * 3 + axis];
        for (let c = 0; c < 3; c++) sum += weights[c] * field[skin[c] * 3 + axis];
        field[vertex * 3 + axis] = sum;
      }
    }
    for (let round = 0; round < SMOOTHING; round++) smooth(field, holds, graph);
  });
}

/** Neighbours may have found roots apart from each other, at the corner of an eye for instance. */
function smooth(field: Float32Array, holds: readonly Hold[], { first, neighbours }: EdgeGraph): void {
  const means = new Float32Array(holds.length * 3);
  holds.forEach(({ vertex }, i) => {
    const count = first[vertex + 1] - first[vertex] + 1;
    for (let axis = 0; axis < 3; axis++) {
      let sum = field[vertex * 3 + axis];
      for (let n = first[vertex]; n < first[vertex + 1]; n++) sum += field[neighbours[n] * 3 + axis];
      means[i * 3 + axis] = sum / count;
    }
  });
  holds.forEach(({ vertex }, i) => {
    field.set(means.subarray(i * 3, i * 3 + 3), vertex * 3);
  });
}

function findHolds(
  template: BindTemplate,
  registered: Float64Array,
  head: SkinOfHead,
  graph: EdgeGraph,
): Hold[] {
  const { positions, skin, roles, components, sides } = head;
  const members = new Map<number, number[]>();
  components.forEach((c, v) => {
    if (roles[v] !== 'attached') return;
    const list = members.get(c);
    if (list) list.push(v);
    else members.set(c, [v]);
  });
  if (members.size === 0) return [];
  const tree = new ClosestPointTree(positions, skin);
  const at = (v: number) => [positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2]] as const;
  const holds: Hold[] = [];
  for (const vertices of members.values()) {
    const distances = vertices.map((v) => {
      const hit = tree.query(...at(v), FAR);
      return hit.triangle < 0 ? Number.POSITIVE_INFINITY : hit.distance;
    });
    const least = Math.min(...distances);
    if (!Number.isFinite(least)) continue;
    const roots = vertices.filter((_, i) => distances[i] <= Math.max(ROOT, least + ROOT / 4));
    const own = sides.map((labels) => sideOf(roots, at, tree, skin, labels));
    const fits = (t: number): boolean =>
      own.every((side, s) => {
        if (side === 0) return true;
        for (let c = 0; c < 3; c++) if (sides[s][skin[t * 3 + c]] === 3 - side) return false;
        return true;
      });
    const rootOf = nearestRoots(graph, roots);
    const lashes = lashVertices(template, registered, vertices, at);
    for (const vertex of vertices) {
      const root = rootOf.get(vertex) ?? vertex;
      let hit = tree.query(...at(root), FAR, fits);
      if (hit.triangle < 0) hit = tree.query(...at(root), FAR);
      if (hit.triangle < 0) continue;
      holds.push({
        vertex,
        skin: [0, 1, 2].map((c) => skin[hit.triangle * 3 + c]),
        weights: [1 - hit.second - hit.third, hit.second, hit.third],
        lash: lashes ? nearestOf(registered, lashes, at(vertex)) : -1,
        lashRoot: lashes ? nearestOf(registered, lashes, at(root)) : -1,
      });
    }
  }
  return holds;
}

/** The side on which most of some vertices lie, or 0. */
function sideOf(
  vertices: readonly number[],
  at: (v: number) => readonly [number, number, number],
  tree: ClosestPointTree,
  skin: Uint32Array,
  labels: Uint8Array,
): number {
  const count = [0, 0, 0];
  for (const v of vertices) {
    const hit = tree.query(...at(v), FAR);
    if (hit.triangle < 0) continue;
    for (let c = 0; c < 3; c++) count[labels[skin[hit.triangle * 3 + c]]]++;
  }
  const all = count[0] + count[1] + count[2];
  if (count[1] > ONE_SIDE * all) return 1;
  return count[2] > ONE_SIDE * all ? 2 : 0;
}

/** For each vertex that edges join to one of `roots` the nearest of them, in steps. */
function nearestRoots({ first, neighbours }: EdgeGraph, roots: readonly number[]): Map<number, number> {
  const rootOf = new Map(roots.map((v) => [v, v]));
  let border = [...roots];
  while (border.length > 0) {
    const next: number[] = [];
    for (const v of border) {
      for (let i = first[v]; i < first[v + 1]; i++) {
        if (rootOf.has(neighbours[i])) continue;
        rootOf.set(neighbours[i], rootOf.get(v) as number);
        next.push(neighbours[i]);
      }
    }
    border = next;
  }
  return rootOf;
}

/** Vertices of the template's lashes that lie where a part lies, or null. */
function lashVertices(
  template: BindTemplate,
  registered: Float64Array,
  vertices: readonly number[],
  at: (v: number) => readonly [number, number, number],
): number[] | null {
  let best: number[] | null = null;
  let least = LASHES;
  for (const name of LASH_GROUPS) {
    const range = template.groups[name];
    if (!range) continue;
    const lashes = Array.from({ length: range.count }, (_, i) => range.first + i);
    const stride = Math.max(1, Math.floor(vertices.length / 60));
    let sum = 0;
    let count = 0;
    for (let i = 0; i < vertices.length; i += stride) {
      const place = at(vertices[i]);
      sum += away(registered, nearestOf(registered, lashes, place), place);
      count++;
    }
    if (sum / count >= least) continue;
    least = sum / count;
    best = lashes;
  }
  return best;
}

function nearestOf(
  positions: Float64Array,
  vertices: readonly number[],
  place: readonly [number, number, number],
): number {
  let best = vertices[0];
  let least = Number.POSITIVE_INFINITY;
  for (const v of vertices) {
    const distance = away(positions, v, place);
    if (distance >= least) continue;
    least = distance;
    best = v;
  }
  return best;
}

function away(positions: Float64Array, v: number, [x, y, z]: readonly [number, number, number]): number {
  return Math.hypot(positions[v * 3] - x, positions[v * 3 + 1] - y, positions[v * 3 + 2] - z);
}
