import type { SparseField } from '@parley/sdk';
import { halfFloatBits, halfFloatValue } from './half-float.ts';
import type { MeshBasis } from './mesh-basis.ts';

/** Texels per row of a basis texture, a power of two; the shaders divide by it with a shift. */
export const BASIS_TEXTURE_WIDTH = 2048;

/** What the largest position delta is stored as: far above the half-precision subnormals, far below the largest half. */
const LARGEST_POSITION = 1024;

/**
 * A basis in the layout that the vertex shader reads: one texel (RGBA32UI) for each vertex, that says where its entries are, then
 * the entries. A vertex has an entry for each control that moves it and for no other, so that a whole body costs little more than
 * its face, and vertices at one place share theirs.
 *
 * | texel  | x                     | y                 | z                     | w               |
 * | ------ | --------------------- | ----------------- | --------------------- | --------------- |
 * | vertex | texel of first entry  | number of entries | turn weight, a half   | 0               |
 * | entry  | halves px, py         | halves pz, nx     | halves ny, nz         | control's index |
 */
export interface PackedBasis {
  /** Vertices of the mesh. */
  readonly vertices: number;
  /** Shape controls that entries may name: weights to be given. */
  readonly shapes: number;
  /** Rows of {@link BASIS_TEXTURE_WIDTH} texels. */
  readonly texels: Uint32Array<ArrayBuffer>;
  readonly height: number;
  /** Mesh units per unit of a stored position delta. */
  readonly unit: number;
}

/** Entries of one vertex, or of several at one place, while a basis is put together. */
export interface BasisEntries {
  /** Index of the control of each entry. */
  readonly controls: ArrayLike<number>;
  /** Position and normal delta of each entry: px, py, pz, nx, ny, nz. */
  readonly deltas: ArrayLike<number>;
}

/**
 * Packs entries.
 *
 * @param entriesOf - For each vertex its entries, or -1 for one that nothing moves.
 * @param turnWeights - Share of the head's rotation for each vertex, 0 to 1; null when nothing turns by itself.
 */
export function packEntries(
  shapes: number,
  entriesOf: ArrayLike<number>,
  entries: readonly BasisEntries[],
  turnWeights: ArrayLike<number> | null,
): PackedBasis {
  const vertices = entriesOf.length;
  let count = 0;
  let largest = 0;
  for (const { controls, deltas } of entries) {
    count += controls.length;
    for (let i = 0; i < deltas.length; i++) if (i % 6 < 3) largest = Math.max(largest, Math.abs(deltas[i]));
  }
  const unit = largest > 0 ? largest / LARGEST_POSITION : 1;
  const height = Math.max(1, Math.ceil((vertices + count) / BASIS_TEXTURE_WIDTH));
  const texels = new Uint32Array(BASIS_TEXTURE_WIDTH * height * 4);
  const firsts = new Uint32Array(entries.length);
  let at = vertices;
  entries.forEach(({ controls, deltas }, i) => {
    firsts[i] = at;
    for (let k = 0; k < controls.length; k++, at++) {
      const d = k * 6;
      texels[at * 4] = pair(deltas[d] / unit, deltas[d + 1] / unit);
      texels[at * 4 + 1] = pair(deltas[d + 2] / unit, deltas[d + 3]);
      texels[at * 4 + 2] = pair(deltas[d + 4], deltas[d + 5]);
      texels[at * 4 + 3] = controls[k];
    }
  });
  for (let v = 0; v < vertices; v++) {
    const own = entriesOf[v];
    if (own >= 0) {
      texels[v * 4] = firsts[own];
      texels[v * 4 + 1] = entries[own].controls.length;
    }
    if (turnWeights) texels[v * 4 + 2] = pair(turnWeights[v], 0);
  }
  return { vertices, shapes, texels, height, unit };
}

/** Packs a basis of fields. */
export function packBasis({ vertices, fields, turn }: Omit<MeshBasis, 'packed'>): PackedBasis {
  const controls: number[][] = Array.from({ length: vertices }, () => []);
  const deltas: number[][] = Array.from({ length: vertices }, () => []);
  fields.forEach(({ vertices: moved, positions: p, normals: n }, k) => {
    for (let i = 0, d = 0; i < moved.length; i++, d += 3) {
      controls[moved[i]].push(k);
      deltas[moved[i]].push(p[d], p[d + 1], p[d + 2], n[d], n[d + 1], n[d + 2]);
    }
  });
  const entries = controls.map((own, v) => ({ controls: own, deltas: deltas[v] }));
  const entriesOf = controls.map((own, v) => (own.length > 0 ? v : -1));
  return packEntries(fields.length, entriesOf, entries, turn?.weights ?? null);
}

/** The fields of a packed basis, as exact as halves are: for the CPU path. */
export function unpackFields({ vertices, shapes, texels, unit }: PackedBasis): SparseField[] {
  const lists = Array.from({ length: shapes }, () => ({
    vertices: [] as number[],
    positions: [] as number[],
    normals: [] as number[],
  }));
  for (let v = 0; v < vertices; v++) {
    const first = texels[v * 4];
    for (let i = first; i < first + texels[v * 4 + 1]; i++) {
      const [x, y, z, control] = texels.subarray(i * 4, i * 4 + 4);
      const list = lists[control];
      list.vertices.push(v);
      list.positions.push(low(x) * unit, high(x) * unit, low(y) * unit);
      list.normals.push(high(y), low(z), high(z));
    }
  }
  return lists.map((list) => ({
    vertices: Uint32Array.from(list.vertices),
    positions: Float32Array.from(list.positions),
    normals: Float32Array.from(list.normals),
  }));
}

/** Turn weights of a packed basis, one per vertex. */
export function unpackTurnWeights({ vertices, texels }: PackedBasis): Float32Array {
  return Float32Array.from({ length: vertices }, (_, v) => low(texels[v * 4 + 2]));
}

function pair(first: number, second: number): number {
  return (halfFloatBits(first) | (halfFloatBits(second) << 16)) >>> 0;
}

function low(bits: number): number {
  return halfFloatValue(bits & 0xffff);
}

function high(bits: number): number {
  return halfFloatValue(bits >>> 16);
}
