import { vertexNormals } from '@parley/sdk';
import { type AddedPart, addPackedField, applySimilarity, type HeadRig } from '@parley/sdk/bind';
import { type BasisEntries, type PackedBasis, packEntries } from '../basis/pack-basis.ts';
import { entriesOfPlaces } from './entries-of-places.ts';

/** Depth behind the front teeth at which the inside of a mouth is darkest, metres, and how dark. */
const DARK_DEPTH_M = 0.035;
const DARKEST = 0.16;

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

/** @param limit - Moves below this are left out, in the head's unit. */
export function prepareAddition(part: AddedPart, rig: HeadRig, limit: number): PreparedAddition {
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
  const normals = vertexNormals(part.positions, part.indices, new Float32Array(part.positions.length));
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
