import { createEdgeGraph } from '../geometry/edge-graph.ts';
import { invertSymmetric3 } from '../geometry/invert-symmetric3.ts';

/** Rounds of averaging over neighbours. */
const SMOOTHING = 30;
/** Where few edges tell, the map stays near the identity: part of the mean edge energy. */
const REGULAR = 0.02;

/**
 * How much of a map is taken, by how far it is from the identity (Frobenius): little where faces differ as people's do, for there motion
 * hardly depends on form (it is the same offsets for everyone in ICT-FaceKit, FLAME and MakeHuman), and a map's noise is all that shows;
 * half where a form is of its own kind. All of it would show every unevenness of the registration.
 */
const HUMAN = { size: 0.35, share: 0.15 } as const;
const ODD = { size: 0.8, share: 0.5 } as const;

/** Where the elements of a symmetric matrix, row by row, stand among its six numbers. */
const SYMMETRIC = [0, 1, 2, 1, 3, 4, 2, 4, 5];

/**
 * For each vertex the linear map that takes the surface around it from `from` to `to`, weakened where it is near the identity (Sumner, Popovic, "Deformation transfer
 * for triangle meshes", 2004, with least squares over smoothed neighbourhoods instead of triangles).
 *
 * @returns 3 x 3 per vertex, row by row.
 */
export function localMaps(from: Float64Array, to: Float64Array, indices: Uint32Array): Float64Array {
  const graph = createEdgeGraph(from, indices);
  const { vertices, first, neighbours } = graph;
  // six numbers of the symmetric A = sum e e', nine of B = sum (E - e) e'
  let sums = new Float64Array(vertices * 15);
  for (let v = 0; v < vertices; v++) {
    const s = v * 15;
    for (let i = first[v]; i < first[v + 1]; i++) {
      const o = neighbours[i] * 3;
      const p = v * 3;
      const e = [from[o] - from[p], from[o + 1] - from[p + 1], from[o + 2] - from[p + 2]];
      const d = [to[o] - to[p] - e[0], to[o + 1] - to[p + 1] - e[1], to[o + 2] - to[p + 2] - e[2]];
      let k = s;
      for (let row = 0; row < 3; row++)
        for (let column = row; column < 3; column++) sums[k++] += e[row] * e[column];
      for (let row = 0; row < 3; row++)
        for (let column = 0; column < 3; column++) sums[k++] += d[row] * e[column];
    }
  }
  let next = new Float64Array(sums.length);
  for (let round = 0; round < SMOOTHING; round++) {
    for (let v = 0; v < vertices; v++) {
      const s = v * 15;
      const degree = first[v + 1] - first[v];
      for (let k = 0; k < 15; k++) next[s + k] = sums[s + k];
      for (let i = first[v]; i < first[v + 1]; i++) {
        const o = neighbours[i] * 15;
        for (let k = 0; k < 15; k++) next[s + k] += sums[o + k];
      }
      for (let k = 0; k < 15; k++) next[s + k] /= degree + 1;
    }
    [sums, next] = [next, sums];
  }
  const maps = new Float64Array(vertices * 9);
  const inverse = new Float64Array(6);
  for (let v = 0; v < vertices; v++) {
    const s = v * 15;
    const [xx, xy, xz, yy, yz, zz] = sums.subarray(s, s + 6);
    const more = REGULAR * (xx + yy + zz) + 1e-18;
    invertSymmetric3(xx + more, xy, xz, yy + more, yz, zz + more, inverse, 0);
    const m = v * 9;
    let size = 0;
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += sums[s + 6 + row * 3 + k] * inverse[SYMMETRIC[k * 3 + column]];
        maps[m + row * 3 + column] = sum;
        size += sum ** 2;
      }
    }
    const share = shareOf(Math.sqrt(size));
    for (let k = 0; k < 9; k++) maps[m + k] *= share;
    maps[m] += 1;
    maps[m + 4] += 1;
    maps[m + 8] += 1;
  }
  return maps;
}

/** The part of a map of this size that is taken; no map strays further from the identity than a factor of about two. */
function shareOf(size: number): number {
  const t = Math.max(0, Math.min(1, (size - HUMAN.size) / (ODD.size - HUMAN.size)));
  const share = HUMAN.share + (ODD.share - HUMAN.share) * t * t * (3 - 2 * t);
  return Math.min(share, 1 / (size || 1));
}

/** Applies the maps to offsets, xyz per vertex. */
export function mapOffsets(
  maps: Float64Array,
  offsets: ArrayLike<number>,
  out = new Float64Array(offsets.length),
): Float64Array {
  for (let p = 0, m = 0; p < offsets.length; p += 3, m += 9) {
    const x = offsets[p];
    const y = offsets[p + 1];
    const z = offsets[p + 2];
    out[p] = maps[m] * x + maps[m + 1] * y + maps[m + 2] * z;
    out[p + 1] = maps[m + 3] * x + maps[m + 4] * y + maps[m + 5] * z;
    out[p + 2] = maps[m + 6] * x + maps[m + 7] * y + maps[m + 8] * z;
  }
  return out;
}
