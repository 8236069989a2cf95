import { addTriangleNormal } from '@parley/sdk';
import { type Lists, trianglesOfVertices } from '@parley/sdk/bind';
import type { Joined } from './join-by-motion.ts';

/** Changes of a unit normal below this are left out: a quarter of a degree. */
const SMALLEST_TILT = 0.004;

/** Entries of all places: place `p` has those from `starts[p]` to `starts[p + 1]`. */
export interface PlaceEntries {
  readonly starts: Uint32Array;
  readonly controls: Uint16Array;
  /** Six numbers each, in the head's frame: see {@link BasisEntries}. */
  readonly deltas: Float32Array;
}

/**
 * What every control does to places and to their normals, linearised at full strength.
 *
 * @param normals - Unit normals at rest, xyz of every place.
 * @param sign - -1 where the triangles look inwards.
 * @param limit - Moves below this are left out, in the unit of the positions.
 */
export function entriesOfPlaces(
  { positions, indices, fields }: Pick<Joined, 'positions' | 'indices' | 'fields'>,
  normals: Float32Array,
  sign: number,
  limit: number,
): PlaceEntries {
  const places = positions.length / 3;
  const triangles: Lists = trianglesOfVertices(places, indices);
  const sums = new Float32Array(positions.length);
  for (let t = 0; t < indices.length / 3; t++) addTriangleNormal(positions, indices, 3 * t, sign, sums);
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
        addTriangleNormal(positions, indices, 3 * t, -sign, newSums);
        addTriangleNormal(moved, indices, 3 * t, sign, newSums);
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
