import { vertexNormals } from './vertex-normals.ts';

/** The vertices that one control moves, and by how much at full strength (weight 1). */
export interface SparseField {
  /** Indices of the moved vertices. */
  readonly vertices: Uint32Array;
  /** Position deltas, xyz for each of `vertices`, in the mesh's unit. */
  readonly positions: Float32Array;
  /** Normal deltas, xyz for each of `vertices`; the sum with the rest normal is normalised again. */
  readonly normals: Float32Array;
}

/** Position deltas below this part of their field's largest one are dropped. */
const SMALLEST_POSITION_DELTA = 1e-4;
/** Normal deltas below this length are dropped; 0.001 turns a normal by 0.06 degrees. */
const SMALLEST_NORMAL_DELTA = 1e-3;

/**
 * Adds normals to a vertex basis: the normal delta of a control is the normal at full strength minus the normal at rest.
 *
 * @param positions - Rest positions, xyz per vertex.
 * @param indices - Triangles, counter-clockwise from outside, right-handed.
 * @param deltas - For each shape control, the position delta at weight 1, xyz per vertex.
 * @throws RangeError when a field's length does not fit the mesh.
 */
export function linearizeFields(
  positions: Float32Array,
  indices: Uint32Array,
  deltas: readonly Float32Array[],
): SparseField[] {
  const rest = new Float32Array(positions.length);
  vertexNormals(positions, indices, rest);
  const moved = new Float32Array(positions.length);
  const normals = new Float32Array(positions.length);
  return deltas.map((delta, k) => {
    if (delta.length !== positions.length) {
      throw new RangeError(`field ${k} has ${delta.length} numbers; the mesh needs ${positions.length}`);
    }
    for (let i = 0; i < moved.length; i++) moved[i] = positions[i] + delta[i];
    vertexNormals(moved, indices, normals);
    for (let i = 0; i < normals.length; i++) normals[i] -= rest[i];
    return sparseField(delta, normals);
  });
}

function sparseField(positions: Float32Array, normals: Float32Array): SparseField {
  let largest = 0;
  for (const value of positions) largest = Math.max(largest, Math.abs(value));
  const moved: number[] = [];
  if (largest > 0) {
    for (let i = 0; i < positions.length; i += 3) {
      if (
        exceeds(positions, i, largest * SMALLEST_POSITION_DELTA) ||
        exceeds(normals, i, SMALLEST_NORMAL_DELTA)
      ) {
        moved.push(i / 3);
      }
    }
  }
  const vertices = Uint32Array.from(moved);
  return { vertices, positions: gather(positions, vertices), normals: gather(normals, vertices) };
}

function exceeds(values: Float32Array, i: number, limit: number): boolean {
  return Math.abs(values[i]) > limit || Math.abs(values[i + 1]) > limit || Math.abs(values[i + 2]) > limit;
}

function gather(values: Float32Array, vertices: Uint32Array): Float32Array {
  const out = new Float32Array(vertices.length * 3);
  for (let i = 0; i < vertices.length; i++) {
    for (let axis = 0; axis < 3; axis++) out[i * 3 + axis] = values[vertices[i] * 3 + axis];
  }
  return out;
}
