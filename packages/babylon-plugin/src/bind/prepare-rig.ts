import { ParleyError } from '@parley/sdk';
import {
  type AddedPart,
  addPackedField,
  applySimilarity,
  type BindReport,
  type HeadMesh,
  type HeadRig,
  type Lists,
  type SplitVertices,
  splitPositions,
  trianglesOfVertices,
  weld,
} from '@parley/sdk/bind';
import { type BasisEntries, type PackedBasis, packEntries } from '../basis/pack-basis.ts';
import { IDENTITY, inverseLinear, type Linear, linearOf, normalsToLocal } from './linear.ts';

/** A mesh of the scene, and which parts of the head its vertices are. */
export interface RigTarget {
  /** Vertices of the mesh as it was loaded. */
  readonly vertices: number;
  readonly pieces: readonly RigPiece[];
}

/** A part of the head as a range of a mesh's triangles. */
export interface RigPiece {
  /** Index in `HeadMesh.parts`. */
  readonly part: number;
  /** For each vertex of the part that of the mesh; null when they are the same. */
  readonly vertices: Uint32Array | null;
}

/** What a mesh of the scene needs to show a rig. */
export interface PreparedTarget {
  /** Vertices that are added to the mesh's, in its own numbers; null where nothing was cut. */
  readonly splits: SplitVertices | null;
  /** For each piece its triangles anew, in the mesh's numbers; null where they stay. */
  readonly indices: readonly (Uint32Array | null)[];
  /** Null when nothing moves or turns the mesh. */
  readonly packed: PackedBasis | null;
  /** Centre of the head's rotation in the mesh's space. */
  readonly pivot: readonly [number, number, number];
  /** xyz of every vertex in the mesh's space, for meshes that came without; else null. */
  readonly normals: Float32Array | null;
  /** Furthest that a control at full strength moves a vertex, in the mesh's unit. */
  readonly reach: number;
}

/** Geometry that the head did not have, ready to draw in the head's frame. */
export interface PreparedAddition {
  readonly name: string;
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  /** rgba of every vertex, sRGB 0 to 1, darker the deeper it lies in the mouth. */
  readonly colours: Float32Array;
  readonly indices: Uint32Array;
  readonly packed: PackedBasis;
}

/** A rig in the form that meshes of a scene take. */
export interface PreparedRig {
  readonly controls: readonly string[];
  readonly targets: readonly PreparedTarget[];
  readonly additions: readonly PreparedAddition[];
  readonly pivot: HeadRig['pivot'];
  readonly eyes: HeadRig['eyes'];
  readonly report: BindReport;
}

/** Moves below this are left out, millimetres of a head of adult size. */
const SMALLEST_MOVE_MM = 0.02;
/** Changes of a unit normal below this are left out: a quarter of a degree. */
const SMALLEST_TILT = 0.004;
/** Vertices at one place whose motion differs by this part of the largest are two: lips that part. */
const SAME_MOTION = 1e-3;
/** Depth behind the front teeth at which the inside of a mouth is darkest, metres, and how dark. */
const DARK_DEPTH_M = 0.035;
const DARKEST = 0.16;

/**
 * Turns a rig into what meshes of a scene need: normals for every control, linearised at full strength, and the vertex basis
 * packed for the GPU. Costs most of a second for a head of 100,000 vertices, so it is made for a worker.
 *
 * @param mesh - The head that the rig belongs to; positions in the head's frame.
 * @param targets - The meshes, whose pieces name every part of the head once.
 * @throws ParleyError `rig-of-another-head` when the rig has other parts or vertices than the head.
 */
export function prepareRig(mesh: HeadMesh, rig: HeadRig, targets: readonly RigTarget[]): PreparedRig {
  const fits =
    rig.parts.length === mesh.parts.length &&
    rig.parts.every(
      ({ vertices, splits }, p) =>
        vertices === mesh.parts[p].positions.length / 3 + (splits?.ratios.length ?? 0),
    );
  if (!fits) {
    throw new ParleyError(
      'rig-of-another-head',
      'the rig has other parts or vertices than the head: bind the head again',
    );
  }
  const { insideOut, toTemplate } = rig.report;
  const limit = SMALLEST_MOVE_MM / 1000 / toTemplate.scale;
  const surfaces = rig.parts.map(({ splits, indices }, p) => ({
    positions: splitPositions(mesh.parts[p].positions, splits),
    indices: indices ?? mesh.parts[p].indices,
  }));
  const joined = joinByMotion(surfaces, rig);
  const normals = restNormals(joined.positions, joined.indices);
  if (insideOut) for (let i = 0; i < normals.length; i++) normals[i] = -normals[i];
  const entries = entriesOfPlaces(joined, normals, insideOut ? -1 : 1, limit);
  return {
    controls: rig.controls,
    targets: targets.map((target) => prepareTarget(mesh, rig, target, joined, normals, entries)),
    additions: rig.added.map((part) => prepareAddition(part, rig, limit)),
    pivot: rig.pivot,
    eyes: rig.eyes,
    report: rig.report,
  };
}

/** Surfaces as one, joined where vertices lie at one place and move alike. */
interface Joined {
  /** Place of every vertex of every part. */
  readonly of: readonly Uint32Array[];
  /** xyz of every place. */
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  /** For each control, the places that it moves and by how much. */
  readonly fields: readonly { readonly places: Uint32Array; readonly offsets: Float32Array }[];
}

interface Surface {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
}

function joinByMotion(
  surfaces: readonly Surface[],
  { parts, controls }: Pick<HeadRig, 'parts' | 'controls'>,
): Joined {
  const firsts: number[] = [];
  let vertices = 0;
  for (const { positions } of surfaces) {
    firsts.push(vertices);
    vertices += positions.length / 3;
  }
  const all = new Float32Array(vertices * 3);
  surfaces.forEach(({ positions }, p) => {
    all.set(positions, firsts[p] * 3);
  });
  const motion = motionOf(parts, firsts, vertices);
  const { places: spots, count: spotCount } = weld(all);
  const alike = largestOf(motion) * SAME_MOTION;
  // places at one spot, as linked lists
  const firstAt = new Int32Array(spotCount).fill(-1);
  const next = new Int32Array(vertices);
  const vertexOf = new Uint32Array(vertices);
  const of = new Uint32Array(vertices);
  let count = 0;
  for (let v = 0; v < vertices; v++) {
    let place = firstAt[spots[v]];
    while (place >= 0 && Math.abs(motion[vertexOf[place]] - motion[v]) > alike) place = next[place];
    if (place < 0) {
      place = count++;
      vertexOf[place] = v;
      next[place] = firstAt[spots[v]];
      firstAt[spots[v]] = place;
    }
    of[v] = place;
  }
  const positions = new Float32Array(count * 3);
  for (let place = 0; place < count; place++)
    for (let axis = 0; axis < 3; axis++) positions[place * 3 + axis] = all[vertexOf[place] * 3 + axis];
  const indices = new Uint32Array(surfaces.reduce((sum, surface) => sum + surface.indices.length, 0));
  let at = 0;
  surfaces.forEach((surface, p) => {
    for (let i = 0; i < surface.indices.length; i++) indices[at++] = of[firsts[p] + surface.indices[i]];
  });
  const stamp = new Int32Array(count).fill(-1);
  const fields = controls.map((_, k) => {
    const places: number[] = [];
    const offsets: number[] = [];
    parts.forEach((part, p) => {
      const field = part.fields[k];
      for (let i = 0; i < field.vertices.length; i++) {
        const place = of[firsts[p] + field.vertices[i]];
        if (stamp[place] === k) continue;
        stamp[place] = k;
        places.push(place);
        for (let axis = 0; axis < 3; axis++) offsets.push(field.offsets[i * 3 + axis] * field.scale);
      }
    });
    return { places: Uint32Array.from(places), offsets: Float32Array.from(offsets) };
  });
  const ofParts = surfaces.map((surface, p) =>
    of.subarray(firsts[p], firsts[p] + surface.positions.length / 3),
  );
  return { of: ofParts, positions, indices, fields };
}

/** One number for each vertex that differs wherever motions do: its offsets along a direction that changes with the control. */
function motionOf(parts: HeadRig['parts'], firsts: readonly number[], vertices: number): Float32Array {
  const motion = new Float32Array(vertices);
  parts.forEach(({ fields }, p) => {
    fields.forEach(({ vertices: moved, offsets, scale }, k) => {
      const [x, y, z] = [0, 2, 4].map((phase) => scale * Math.sin(1 + k * 2.4 + phase));
      for (let i = 0; i < moved.length; i++)
        motion[firsts[p] + moved[i]] += x * offsets[i * 3] + y * offsets[i * 3 + 1] + z * offsets[i * 3 + 2];
    });
  });
  return motion;
}

/** Area-weighted sums of the triangles' normals, made unit by the caller. */
function addNormal(
  positions: Float32Array,
  indices: Uint32Array,
  triangle: number,
  sign: number,
  sums: Float32Array,
): void {
  const a = indices[triangle * 3] * 3;
  const b = indices[triangle * 3 + 1] * 3;
  const c = indices[triangle * 3 + 2] * 3;
  const ux = positions[b] - positions[a];
  const uy = positions[b + 1] - positions[a + 1];
  const uz = positions[b + 2] - positions[a + 2];
  const vx = positions[c] - positions[a];
  const vy = positions[c + 1] - positions[a + 1];
  const vz = positions[c + 2] - positions[a + 2];
  const nx = sign * (uy * vz - uz * vy);
  const ny = sign * (uz * vx - ux * vz);
  const nz = sign * (ux * vy - uy * vx);
  sums[a] += nx;
  sums[a + 1] += ny;
  sums[a + 2] += nz;
  sums[b] += nx;
  sums[b + 1] += ny;
  sums[b + 2] += nz;
  sums[c] += nx;
  sums[c + 1] += ny;
  sums[c + 2] += nz;
}

function restNormals(positions: Float32Array, indices: Uint32Array): Float32Array {
  const sums = new Float32Array(positions.length);
  for (let t = 0; t < indices.length / 3; t++) addNormal(positions, indices, t, 1, sums);
  for (let i = 0; i < sums.length; i += 3) {
    const length = Math.hypot(sums[i], sums[i + 1], sums[i + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) sums[i + axis] /= length;
  }
  return sums;
}

/** Entries of all places: place `p` has those from `starts[p]` to `starts[p + 1]`. */
interface PlaceEntries {
  readonly starts: Uint32Array;
  readonly controls: Uint16Array;
  /** Six numbers each, in the head's frame: see {@link BasisEntries}. */
  readonly deltas: Float32Array;
}

function entriesOfPlaces(
  { positions, indices, fields }: Pick<Joined, 'positions' | 'indices' | 'fields'>,
  normals: Float32Array,
  sign: number,
  limit: number,
): PlaceEntries {
  const places = positions.length / 3;
  const triangles: Lists = trianglesOfVertices(places, indices);
  const sums = new Float32Array(positions.length);
  for (let t = 0; t < indices.length / 3; t++) addNormal(positions, indices, t, sign, sums);
  const moved = Float32Array.from(positions);
  const newSums = Float32Array.from(sums);
  const seenTriangle = new Int32Array(indices.length / 3).fill(-1);
  const seenPlace = new Int32Array(places).fill(-1);
  const lists: { places: number[]; deltas: number[] }[] = [];
  const counts = new Uint32Array(places + 1);
  fields.forEach(({ places: own, offsets }, k) => {
    const list = { places: [] as number[], deltas: [] as number[] };
    lists.push(list);
    const touched: number[] = [];
    for (let i = 0; i < own.length; i++)
      for (let axis = 0; axis < 3; axis++) moved[own[i] * 3 + axis] += offsets[i * 3 + axis];
    for (let i = 0; i < own.length; i++) {
      for (let j = triangles.starts[own[i]]; j < triangles.starts[own[i] + 1]; j++) {
        const t = triangles.items[j];
        if (seenTriangle[t] === k) continue;
        seenTriangle[t] = k;
        addNormal(positions, indices, t, -sign, newSums);
        addNormal(moved, indices, t, sign, newSums);
        for (let c = 0; c < 3; c++) {
          const place = indices[t * 3 + c];
          if (seenPlace[place] === k) continue;
          seenPlace[place] = k;
          touched.push(place);
        }
      }
    }
    for (const place of touched) {
      const p = place * 3;
      const length = Math.hypot(newSums[p], newSums[p + 1], newSums[p + 2]);
      const dx = moved[p] - positions[p];
      const dy = moved[p + 1] - positions[p + 1];
      const dz = moved[p + 2] - positions[p + 2];
      // A triangle that a control folds flat says nothing about its normal.
      const nx = length > 0 ? newSums[p] / length - normals[p] : 0;
      const ny = length > 0 ? newSums[p + 1] / length - normals[p + 1] : 0;
      const nz = length > 0 ? newSums[p + 2] / length - normals[p + 2] : 0;
      if (Math.hypot(dx, dy, dz) > limit || Math.hypot(nx, ny, nz) > SMALLEST_TILT) {
        list.places.push(place);
        list.deltas.push(dx, dy, dz, nx, ny, nz);
        counts[place + 1]++;
      }
      for (let axis = 0; axis < 3; axis++) {
        moved[p + axis] = positions[p + axis];
        newSums[p + axis] = sums[p + axis];
      }
    }
  });
  for (let place = 0; place < places; place++) counts[place + 1] += counts[place];
  const fill = counts.slice(0, places);
  const controls = new Uint16Array(counts[places]);
  const deltas = new Float32Array(counts[places] * 6);
  lists.forEach((list, k) => {
    list.places.forEach((place, i) => {
      const at = fill[place]++;
      controls[at] = k;
      for (let j = 0; j < 6; j++) deltas[at * 6 + j] = list.deltas[i * 6 + j];
    });
  });
  return { starts: counts, controls, deltas };
}

function prepareTarget(
  mesh: HeadMesh,
  rig: HeadRig,
  { vertices, pieces }: RigTarget,
  joined: Joined,
  normals: Float32Array,
  entries: PlaceEntries,
): PreparedTarget {
  const ends: number[] = [];
  const ratios: number[] = [];
  const placeOf: number[] = new Array(vertices).fill(-1);
  const turn: number[] = new Array(vertices).fill(0);
  const indices = pieces.map(({ part, vertices: of }) => {
    const { splits, indices: changed, turnShares } = rig.parts[part];
    const fileVertices = mesh.parts[part].positions.length / 3;
    const firstSplit = vertices + ratios.length;
    const inMesh = (v: number): number =>
      v < fileVertices ? (of ? of[v] : v) : firstSplit + v - fileVertices;
    if (splits) {
      for (const end of splits.ends) ends.push(inMesh(end));
      ratios.push(...splits.ratios);
    }
    turnShares.forEach((share, v) => {
      placeOf[inMesh(v)] = joined.of[part][v];
      turn[inMesh(v)] = share / 255;
    });
    return changed && Uint32Array.from(changed, inMesh);
  });
  const first = mesh.parts[pieces[0].part];
  const linear = first.localToHead ? linearOf(first.localToHead) : IDENTITY;
  const inverse = inverseLinear(linear);
  const local = localEntries(placeOf, entries, inverse, linear, signOf(mesh, pieces, joined, normals));
  const turns = turn.some((share) => share > 0);
  const moves = local.entries.length > 0;
  return {
    splits: ratios.length > 0 ? { ends: Uint32Array.from(ends), ratios: Float32Array.from(ratios) } : null,
    indices,
    packed:
      moves || turns
        ? packEntries(rig.controls.length, local.entriesOf, local.entries, turns ? turn : null)
        : null,
    pivot: toLocalPoint(rig.pivot, first.localToHead, inverse),
    normals: first.normals
      ? null
      : normalsToLocal(
          Float32Array.from(
            { length: placeOf.length * 3 },
            (_, i) => normals[Math.max(0, placeOf[Math.floor(i / 3)]) * 3 + (i % 3)],
          ),
          linear,
        ),
    reach: local.reach,
  };
}

/** -1 where the file's normals look the other way than its triangles. */
function signOf(mesh: HeadMesh, pieces: readonly RigPiece[], joined: Joined, normals: Float32Array): 1 | -1 {
  let sum = 0;
  for (const { part } of pieces) {
    const own = mesh.parts[part].normals;
    if (!own) return 1;
    for (let i = 0; i < own.length; i++)
      sum += own[i] * normals[joined.of[part][Math.floor(i / 3)] * 3 + (i % 3)];
  }
  return sum < 0 ? -1 : 1;
}

function localEntries(
  placeOf: readonly number[],
  { starts, controls, deltas }: PlaceEntries,
  inverse: Linear,
  linear: Linear,
  sign: 1 | -1,
): { entriesOf: Int32Array; entries: BasisEntries[]; reach: number } {
  const known = new Map<number, number>();
  const entries: BasisEntries[] = [];
  let reach = 0;
  const entriesOf = Int32Array.from(placeOf, (place) => {
    if (place < 0 || starts[place] === starts[place + 1]) return -1;
    let at = known.get(place);
    if (at === undefined) {
      at = entries.length;
      known.set(place, at);
      const own = deltas.slice(starts[place] * 6, starts[place + 1] * 6);
      for (let i = 0; i < own.length; i += 6) {
        const [x, y, z, nx, ny, nz] = own.subarray(i, i + 6);
        for (let row = 0; row < 3; row++)
          own[i + row] = inverse[row * 3] * x + inverse[row * 3 + 1] * y + inverse[row * 3 + 2] * z;
        reach = Math.max(reach, Math.hypot(own[i], own[i + 1], own[i + 2]));
        own.set([nx * sign, ny * sign, nz * sign], i + 3);
        own.set(normalsToLocal(own.subarray(i + 3, i + 6), linear, false), i + 3);
      }
      entries.push({ controls: controls.subarray(starts[place], starts[place + 1]), deltas: own });
    }
    return at;
  });
  return { entriesOf, entries, reach };
}

function toLocalPoint(
  point: readonly [number, number, number],
  localToHead: Float64Array | undefined,
  inverse: Linear,
): [number, number, number] {
  const p = localToHead ? point.map((value, axis) => value - localToHead[12 + axis]) : point;
  const at = (row: number): number =>
    inverse[row * 3] * p[0] + inverse[row * 3 + 1] * p[1] + inverse[row * 3 + 2] * p[2];
  return [at(0), at(1), at(2)];
}

function prepareAddition(part: AddedPart, rig: HeadRig, limit: number): PreparedAddition {
  // Colours change at triangles, so that vertices of two colours become two.
  const sources: number[] = [];
  const rgb: (readonly number[])[] = [];
  const indices = new Uint32Array(part.indices.length);
  for (const { first, count, rgb: colour } of part.colours) {
    const own = new Map<number, number>();
    for (let i = first * 3; i < (first + count) * 3; i++) {
      const source = part.indices[i];
      let at = own.get(source);
      if (at === undefined) {
        at = sources.length;
        own.set(source, at);
        sources.push(source);
        rgb.push(colour);
      }
      indices[i] = at;
    }
  }
  const fields = part.fields.map((field) => {
    const all = new Float32Array(part.positions.length);
    addPackedField(field, 1, all);
    return { places: field.vertices, offsets: Float32Array.from(gather(all, field.vertices)) };
  });
  const surface = { positions: part.positions, indices: part.indices, fields };
  const normals = restNormals(part.positions, part.indices);
  const { starts, controls, deltas } = entriesOfPlaces(surface, normals, 1, limit);
  const entries = Array.from(
    { length: part.positions.length / 3 },
    (_, v): BasisEntries => ({
      controls: controls.subarray(starts[v], starts[v + 1]),
      deltas: deltas.subarray(starts[v] * 6, starts[v + 1] * 6),
    }),
  );
  return {
    name: part.name,
    positions: Float32Array.from(gather(part.positions, sources)),
    normals: Float32Array.from(gather(normals, sources)),
    colours: shadedColours(gather(part.positions, sources), rgb, rig),
    indices,
    packed: packEntries(
      rig.controls.length,
      Int32Array.from(sources),
      entries,
      Float32Array.from(sources, (v) => part.turnShares[v] / 255),
    ),
  };
}

/** No light reaches the depth of a mouth, which no light of a scene knows. */
function shadedColours(
  positions: readonly number[],
  rgb: readonly (readonly number[])[],
  { report }: HeadRig,
): Float32Array {
  const inTemplate = applySimilarity(report.toTemplate, positions);
  let front = Number.NEGATIVE_INFINITY;
  for (let i = 2; i < inTemplate.length; i += 3) front = Math.max(front, inTemplate[i]);
  return Float32Array.from({ length: rgb.length * 4 }, (_, i) => {
    if (i % 4 === 3) return 1;
    const v = Math.floor(i / 4);
    const depth = Math.min(1, (front - inTemplate[v * 3 + 2]) / DARK_DEPTH_M);
    return rgb[v][i % 4] * (1 - (1 - DARKEST) * depth ** 0.8);
  });
}

function gather(triples: Float32Array, vertices: ArrayLike<number>): number[] {
  const out: number[] = [];
  for (let i = 0; i < vertices.length; i++)
    for (let axis = 0; axis < 3; axis++) out.push(triples[vertices[i] * 3 + axis]);
  return out;
}

function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
