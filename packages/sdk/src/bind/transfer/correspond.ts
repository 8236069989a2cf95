import { vertexNormals } from '../../head/vertex-normals.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { createEdgeGraph, type EdgeGraph } from '../geometry/edge-graph.ts';
import { keepTriangles } from '../geometry/keep-triangles.ts';
import { triangleNormals } from '../geometry/triangle-normals.ts';
import { type BindTemplate, landmarkPositions } from '../template/bind-template.ts';
import { labelSides, type Side, SLITS } from './label-sides.ts';
import type { TemplateSides } from './label-template.ts';

/** For each vertex of a head the place on the registered template whose motion it takes. */
export interface Correspondence {
  /** Three template vertices each. */
  readonly vertices: Uint32Array;
  /** Their weights. */
  readonly weights: Float32Array;
  /** Metres to that place. */
  readonly distances: Float32Array;
  /** For each slit (mouth, left eye, right eye) the side of every vertex. */
  readonly sides: readonly Uint8Array[];
}

/** Triangles facing further away than this cosine are another layer of the face. */
const FACING = -0.1;
/** Edges of a crude head around its mouth and eyes, metres. */
const LARGE_EDGE = 0.05;
/** Borders of lips and lids are looked for within this distance from where they should be, metres. */
const SEED_REACH = 0.01;
/** Limit of a query in metres; what is further away does not move. */
const FAR = 0.08;

/**
 * Finds the place of each vertex of a surface on the registered template; around mouth and eyes only on its own side, which
 * is the one that is nearer along the surface, so that lips and lids part however close they lie.
 *
 * @param registered - V x 3, the registered template in the surface's frame.
 * @param only - The vertices that are asked for; the others get distance Infinity.
 * @param cutSides - Sides of vertices at a cut along the lips; 0 leaves them as they are found.
 * @param joined - Names of slits whose sides do not part on this surface.
 */
export function correspond(
  template: BindTemplate,
  templateSides: TemplateSides,
  registered: Float64Array,
  surface: { positions: Float64Array; indices: Uint32Array },
  only: (vertex: number) => boolean,
  cutSides?: Uint8Array,
  joined: readonly string[] = [],
): Correspondence {
  const count = surface.positions.length / 3;
  const normals = vertexNormals(
    surface.positions,
    surface.indices,
    new Float64Array(surface.positions.length),
  );
  const graph = createEdgeGraph(surface.positions, surface.indices);
  const { skin } = templateSides;
  const tree = new ClosestPointTree(registered, skin);
  const sides = surfaceSides(template, registered, surface, graph);
  SLITS.forEach(({ name }, s) => {
    if (joined.includes(name)) sides[s].fill(0);
  });
  cutSides?.forEach((side, v) => {
    if (side !== 0) sides[0][v] = side;
  });
  const faces = triangleNormals(registered, skin);
  const vertices = new Uint32Array(count * 3);
  const weights = new Float32Array(count * 3);
  const distances = new Float32Array(count).fill(Number.POSITIVE_INFINITY);
  let v = 0;
  const own: Side[] = [0, 0, 0];
  const sideFits = (t: number): boolean => {
    for (let s = 0; s < 3; s++) {
      const label = templateSides.sides[s][t];
      if (label !== 0 && own[s] !== 0 && label !== own[s]) return false;
    }
    return true;
  };
  const fits = (t: number): boolean =>
    sideFits(t) &&
    // beside a cut in the crease between lips, normals say nothing about where a lip faces
    ((cutSides?.[v] ?? 0) !== 0 ||
      faces[t * 3] * normals[v * 3] +
        faces[t * 3 + 1] * normals[v * 3 + 1] +
        faces[t * 3 + 2] * normals[v * 3 + 2] >
        FACING);
  for (; v < count; v++) {
    if (!only(v)) continue;
    for (let s = 0; s < 3; s++) own[s] = sides[s][v] as Side;
    const x = surface.positions[v * 3];
    const y = surface.positions[v * 3 + 1];
    const z = surface.positions[v * 3 + 2];
    let hit = tree.query(x, y, z, FAR, fits);
    // another layer at half the distance is a sign that the normal misleads
    const facing = hit.triangle < 0 ? Number.POSITIVE_INFINITY : hit.distance;
    if (facing > 0.004) {
      const kept = { ...hit };
      hit = tree.query(x, y, z, Math.min(FAR, facing * 0.5), sideFits);
      if (hit.triangle < 0) Object.assign(hit, kept);
    }
    if (hit.triangle < 0) continue;
    for (let c = 0; c < 3; c++) vertices[v * 3 + c] = skin[hit.triangle * 3 + c];
    weights[v * 3] = 1 - hit.second - hit.third;
    weights[v * 3 + 1] = hit.second;
    weights[v * 3 + 2] = hit.third;
    distances[v] = hit.distance;
  }
  return { vertices, weights, distances, sides };
}

/** Sides of a surface's vertices, by the way along it from where the registered template's borders of lips and lids lie. */
export function surfaceSides(
  template: BindTemplate,
  registered: Float64Array,
  surface: { positions: Float64Array; indices: Uint32Array },
  graph: EdgeGraph,
): Uint8Array[] {
  const points = landmarkPositions(template.landmarks, registered);
  const near = trianglesNear(
    surface,
    SLITS.flatMap(({ upper, lower }) => [...upper, ...lower]).map((id) =>
      points.subarray(id * 3, id * 3 + 3),
    ),
  );
  const tree = new ClosestPointTree(surface.positions, near);
  return SLITS.map(({ upper, lower, reach }) => {
    const seeds = (ids: readonly number[]) => {
      const out: number[] = [];
      for (const id of ids) {
        const hit = tree.query(points[id * 3], points[id * 3 + 1], points[id * 3 + 2], SEED_REACH);
        if (hit.triangle < 0) continue;
        const share = [1 - hit.second - hit.third, hit.second, hit.third];
        const corner = share.indexOf(Math.max(...share));
        out.push(near[hit.triangle * 3 + corner]);
      }
      return out;
    };
    return labelSides(graph, seeds(upper), seeds(lower), reach, 0).sides;
  });
}

/** The triangles with a corner in the box of some points, widened by the reach of seeds and by a large triangle's edge. */
function trianglesNear(
  { positions, indices }: { positions: Float64Array; indices: Uint32Array },
  points: readonly Float64Array[],
): Uint32Array {
  const room = SEED_REACH + LARGE_EDGE;
  const low = [0, 1, 2].map((axis) => Math.min(...points.map((p) => p[axis])) - room);
  const high = [0, 1, 2].map((axis) => Math.max(...points.map((p) => p[axis])) + room);
  return keepTriangles(indices, (t) => {
    const p = indices[t * 3] * 3;
    for (let axis = 0; axis < 3; axis++)
      if (positions[p + axis] < low[axis] || positions[p + axis] > high[axis]) return false;
    return true;
  });
}
