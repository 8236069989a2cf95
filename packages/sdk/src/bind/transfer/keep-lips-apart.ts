import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { keepTriangles } from '../geometry/keep-triangles.ts';
import { triangleNormals } from '../geometry/triangle-normals.ts';

/** For each kind of control the part of its closing motion that is taken away where lips touch; the first that fits counts. */
export type ReleasedShares = readonly (readonly [control: RegExp, share: number])[];

/**
 * For the template. What rounds, rolls or lifts lips also closes an open mouth, so half of it stays; mouthClose does nothing else.
 */
export const TEMPLATE_RELEASE: ReleasedShares = [
  [/^mouth(Pucker|Roll|Shrug)/, 0.5],
  [/^mouthClose$/, 0],
  [/^(mouth|jaw|cheek|noseSneer)/, 1],
];

/** For a head that got its fields from such a template: makes good what lips of another shape lost on the way. */
export const HEAD_RELEASE: ReleasedShares = [
  [/^mouth(Pucker|Roll|Shrug)/, 0.3],
  ...TEMPLATE_RELEASE.slice(1),
];

/** Lips nearer than this touch, metres. */
const TOUCHING = 0.0015;
/** A lip's way inside the other one that counts as contact, metres. */
const INSIDE = 0.003;
/** Vertices nearer than this to the other lip are copies that a cut made, metres. */
const SAME_PLACE = 1e-7;
/** Edge of a cell that is represented by one contact, metres. */
const CELL = 0.0012;
/** How far contacts are averaged, and from which distance on a lip's vertices keep their motion, metres. */
const AVERAGED = 0.003;
const REACH = 0.009;

/** One place where the lips touch at rest. */
interface Contact {
  /** Vertex of one lip, and the triangle of the other with its weights. */
  readonly vertex: number;
  readonly corners: readonly number[];
  readonly weights: readonly number[];
  /** Out of the other lip. */
  readonly normal: readonly [number, number, number];
  /** 1 when the vertex is the upper lip's, 2 when the lower's. */
  readonly side: number;
}

/**
 * Changes fields so that lips which touch at rest are not driven into each other: the part of each control's motion that brings
 * touching places together is taken away, half of it from each lip, and less and less with the distance from where they touch.
 * What stays is linear: any mixture of controls that do not close the lips keeps them apart.
 *
 * @param positions - xyz per vertex.
 * @param indices - Triangles of the skin.
 * @param sides - 1 for vertices of the upper lip, 2 for the lower, 0 for all others.
 * @param fields - Changed in place.
 * @param release - How much of it.
 */
export function keepLipsApart(
  positions: Float64Array,
  indices: Uint32Array,
  sides: Uint8Array,
  controls: readonly string[],
  fields: readonly Float32Array[],
  release: ReleasedShares,
): void {
  const contacts = findContacts(positions, indices, sides);
  if (contacts.length === 0) return;
  const pulls = [1, 2].map((side) => pullsOf(positions, sides, side, contacts));
  const shift = new Float64Array(contacts.length * 3);
  controls.forEach((name, k) => {
    const share = release.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
    if (share === 0) return;
    const field = fields[k];
    let any = false;
    contacts.forEach(({ vertex, corners, weights, normal, side }, c) => {
      let closing = 0;
      for (let axis = 0; axis < 3; axis++) {
        const other = corners.reduce((sum, v, i) => sum + weights[i] * field[v * 3 + axis], 0);
        closing -= normal[axis] * (field[vertex * 3 + axis] - other);
      }
      const apart = Math.max(0, closing) * share * 0.5;
      any ||= apart > 1e-6;
      // towards the outside of the lower lip's contact is up for the upper lip
      const sign = side === 1 ? 1 : -1;
      for (let axis = 0; axis < 3; axis++) shift[c * 3 + axis] = sign * normal[axis] * apart;
    });
    if (!any) return;
    pulls.forEach((list, i) => {
      const sign = i === 0 ? 1 : -1;
      for (const { vertex, from, weights } of list) {
        let [x, y, z] = [0, 0, 0];
        for (let j = 0; j < from.length; j++) {
          const c = from[j] * 3;
          const w = weights[j];
          x += w * shift[c];
          y += w * shift[c + 1];
          z += w * shift[c + 2];
        }
        field[vertex * 3] += sign * x;
        field[vertex * 3 + 1] += sign * y;
        field[vertex * 3 + 2] += sign * z;
      }
    });
  });
}

function findContacts(positions: Float64Array, indices: Uint32Array, sides: Uint8Array): Contact[] {
  const contacts: Contact[] = [];
  for (const side of [1, 2]) {
    const others = keepTriangles(indices, (t) =>
      [0, 1, 2].every((c) => sides[indices[t * 3 + c]] === 3 - side),
    );
    const tree = new ClosestPointTree(positions, others);
    const normals = triangleNormals(positions, others);
    for (let v = 0; v < sides.length; v++) {
      if (sides[v] !== side) continue;
      const hit = tree.query(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2], INSIDE);
      if (hit.triangle < 0) continue;
      const t = hit.triangle * 3;
      let normal: Contact['normal'] = [normals[t], normals[t + 1], normals[t + 2]];
      if (hit.distance < SAME_PLACE) {
        // one skin that was cut: its normal says nothing about where the other lip is
        normal = [0, side === 1 ? 1 : -1, 0];
      } else {
        const height =
          (positions[v * 3] - hit.x) * normal[0] +
          (positions[v * 3 + 1] - hit.y) * normal[1] +
          (positions[v * 3 + 2] - hit.z) * normal[2];
        if (height > TOUCHING || Math.abs(height) < 0.7 * hit.distance) continue;
      }
      contacts.push({
        vertex: v,
        corners: [others[t], others[t + 1], others[t + 2]],
        weights: [1 - hit.second - hit.third, hit.second, hit.third],
        normal,
        side,
      });
    }
  }
  return thinned(contacts, positions);
}

/** One contact of each side for every cell: fine meshes have thousands, and they say the same. */
function thinned(contacts: readonly Contact[], positions: Float64Array): Contact[] {
  const cells = new Map<string, Contact>();
  for (const contact of contacts) {
    const at = contact.vertex * 3;
    const cell = [0, 1, 2].map((axis) => Math.floor(positions[at + axis] / CELL));
    const key = `${contact.side},${cell.join()}`;
    if (!cells.has(key)) cells.set(key, contact);
  }
  return [...cells.values()];
}

interface Pull {
  readonly vertex: number;
  readonly from: Uint16Array;
  readonly weights: Float64Array;
}

/** For each vertex of a lip the contacts whose shift it takes, with weights that fade with its distance from all of them. */
function pullsOf(
  positions: Float64Array,
  sides: Uint8Array,
  side: number,
  contacts: readonly Contact[],
): Pull[] {
  const places = contacts.map(({ vertex, corners, weights, side: of }) =>
    [0, 1, 2].map((axis) =>
      of === side
        ? positions[vertex * 3 + axis]
        : corners.reduce((sum, v, i) => sum + weights[i] * positions[v * 3 + axis], 0),
    ),
  );
  const low = [0, 1, 2].map((axis) => Math.min(...places.map((place) => place[axis])) - REACH);
  const high = [0, 1, 2].map((axis) => Math.max(...places.map((place) => place[axis])) + REACH);
  const isNear = (v: number) =>
    [0, 1, 2].every((axis) => positions[v * 3 + axis] > low[axis] && positions[v * 3 + axis] < high[axis]);
  const out: Pull[] = [];
  const square = new Float64Array(places.length);
  const flat = Float64Array.from(places.flat());
  for (let v = 0; v < sides.length; v++) {
    if (sides[v] !== side || !isNear(v)) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (let c = 0; c < places.length; c++) {
      const dx = flat[c * 3] - positions[v * 3];
      const dy = flat[c * 3 + 1] - positions[v * 3 + 1];
      const dz = flat[c * 3 + 2] - positions[v * 3 + 2];
      square[c] = dx * dx + dy * dy + dz * dz;
      if (square[c] < nearest) nearest = square[c];
    }
    if (nearest >= REACH * REACH) continue;
    const t = 1 - Math.sqrt(nearest) / REACH;
    const fade = t * t * (3 - 2 * t);
    const from: number[] = [];
    const weights: number[] = [];
    let total = 0;
    for (let c = 0; c < places.length; c++) {
      // relative to the nearest, so that far vertices too have weights
      const w = Math.exp((nearest - square[c]) / (AVERAGED * AVERAGED));
      if (w < 0.01) continue;
      from.push(c);
      weights.push(w);
      total += w;
    }
    out.push({
      vertex: v,
      from: Uint16Array.from(from),
      weights: Float64Array.from(weights, (w) => (w / total) * fade),
    });
  }
  return out;
}
