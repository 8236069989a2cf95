import { ParleyError, vertexNormals } from '@parley/sdk';
import {
  type BindReport,
  type HeadMesh,
  type HeadRig,
  type SplitVertices,
  splitPositions,
} from '@parley/sdk/bind';
import { type BasisEntries, type PackedBasis, packEntries } from '../basis/pack-basis.ts';
import { entriesOfPlaces, type PlaceEntries } from './entries-of-places.ts';
import { type Joined, joinByMotion } from './join-by-motion.ts';
import { IDENTITY, inverseLinear, type Linear, linearOf, normalsToLocal } from './linear.ts';
import { type PreparedAddition, prepareAddition } from './prepare-addition.ts';

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
  const normals = vertexNormals(joined.positions, joined.indices, new Float32Array(joined.positions.length));
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
