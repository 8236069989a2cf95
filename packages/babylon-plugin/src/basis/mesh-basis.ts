import type { SparseField } from '@parley/sdk';
import type { PackedBasis } from './pack-basis.ts';
import { unpackFields, unpackTurnWeights } from './pack-basis.ts';

/** How the rigid head rotation acts on a mesh: vertex v turns about `pivot` by `weights[v]` of the angle. */
export interface HeadTurn {
  /** Centre of rotation in the mesh's own space. */
  readonly pivot: readonly [x: number, y: number, z: number];
  /** One weight per vertex, 0 (stays with the shoulders) to 1 (turns with the skull). */
  readonly weights: Float32Array;
}

/** A vertex basis on the vertices of one loaded mesh. Heads of the same shape share one, and with it one GPU texture. */
export interface MeshBasis {
  /** Vertices of the mesh. */
  readonly vertices: number;
  /** One field per shape control, in the rig's order; a control that moves nothing here has an empty field. */
  readonly fields: readonly SparseField[];
  /** Null when nothing of the mesh turns by itself. */
  readonly turn: HeadTurn | null;
  /** The same in the GPU's layout, where it was packed already. */
  readonly packed?: PackedBasis;
}

/**
 * A basis that was packed elsewhere. Its fields are unpacked when the CPU path asks for them, and never for the GPU's.
 *
 * @param pivot - Centre of the head's rotation in the mesh's own space; null when nothing turns by itself.
 */
export function packedMeshBasis(
  packed: PackedBasis,
  pivot: readonly [x: number, y: number, z: number] | null,
): MeshBasis {
  let fields: readonly SparseField[] | undefined;
  return {
    vertices: packed.vertices,
    packed,
    turn: pivot && { pivot, weights: unpackTurnWeights(packed) },
    get fields() {
      fields ??= unpackFields(packed);
      return fields;
    },
  };
}

/**
 * Carries fields of a source vertex list over to a loaded mesh, whose vertices are copies of source vertices.
 *
 * @param fields - Fields on the source vertices.
 * @param sources - For each mesh vertex the source vertex that it copies.
 * @param mirrorX - True when the mesh's x is the negative of the source's.
 * @param turn - Head rotation, already in the mesh's own space.
 */
export function gatherMeshBasis(
  fields: readonly SparseField[],
  sources: Uint32Array,
  mirrorX: boolean,
  turn: HeadTurn | null,
): MeshBasis {
  const copies = new Map<number, number[]>();
  sources.forEach((source, vertex) => {
    const list = copies.get(source);
    if (list) list.push(vertex);
    else copies.set(source, [vertex]);
  });
  return {
    vertices: sources.length,
    fields: fields.map((field) => gatherField(field, copies, mirrorX ? -1 : 1)),
    turn,
  };
}

function gatherField(field: SparseField, copies: Map<number, number[]>, signX: number): SparseField {
  const vertices: number[] = [];
  const positions: number[] = [];
  const normals: number[] = [];
  for (let i = 0; i < field.vertices.length; i++) {
    for (const vertex of copies.get(field.vertices[i]) ?? []) {
      vertices.push(vertex);
      positions.push(field.positions[i * 3] * signX, field.positions[i * 3 + 1], field.positions[i * 3 + 2]);
      normals.push(field.normals[i * 3] * signX, field.normals[i * 3 + 1], field.normals[i * 3 + 2]);
    }
  }
  return {
    vertices: Uint32Array.from(vertices),
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
  };
}
