import type { GLTF, Primitive, TypedArray } from '@gltf-transform/core';
import { angleWeightedNormals, type HeadPart, type RigPart, weld, weldTriangles } from '@parley/sdk/bind';
import { inverseAffine } from './affine-inverse.ts';

/** A primitive as the rig wants it. */
export interface RiggedPart {
  readonly vertices: number;
  readonly attributes: readonly {
    readonly semantic: string;
    readonly type: GLTF.AccessorType;
    readonly array: TypedArray & ArrayBufferView<ArrayBuffer>;
    readonly normalized: boolean;
  }[];
  /** Triangles in the file's own winding; turned round where they turned their backs. */
  readonly indices: Uint32Array;
  /** One for each control, also for those that move nothing. */
  readonly targets: readonly {
    readonly name: string;
    /** How many vertices it moves. */
    readonly moving: number;
    readonly positions: Float32Array<ArrayBuffer>;
    readonly normals: Float32Array<ArrayBuffer>;
  }[];
}

/** Normal deltas below this length are left out; 0.002 turns a normal by 0.1 degrees. */
const SMALLEST_NORMAL = 2e-3;

/**
 * The vertices, triangles and morph targets of a part, in its file's own space.
 * @param primitive - Its primitive in the file; null for what the rig adds.
 */
export function riggedPart(
  primitive: Primitive | null,
  part: Pick<HeadPart, 'positions' | 'indices' | 'localToHead'>,
  rig: RigPart,
  controls: readonly string[],
  insideOut: boolean,
): RiggedPart {
  const toHead = part.localToHead;
  const toLocal = toHead && inverseAffine(toHead);
  const mirrored = toHead ? determinant(toHead) < 0 : false;
  const attributes = primitive ? extended(primitive, rig) : [];
  let place = attributes.find(({ semantic }) => semantic === 'POSITION')?.array as
    | Float32Array<ArrayBuffer>
    | undefined;
  if (!place) {
    place = Float32Array.from(part.positions);
    attributes.push({ semantic: 'POSITION', type: 'VEC3', array: place, normalized: false });
  }
  const indices = (rig.indices ?? part.indices).slice();
  if (insideOut !== mirrored)
    for (let i = 0; i < indices.length; i += 3)
      [indices[i + 1], indices[i + 2]] = [indices[i + 2]!, indices[i + 1]!];

  const places = weld(place);
  const triangles = weldTriangles(indices, places);
  const spread = (positions: Float32Array): Float32Array => {
    const welded = new Float32Array(places.count * 3);
    places.vertices.forEach((v, i) => {
      for (let axis = 0; axis < 3; axis++) welded[3 * i + axis] = positions[3 * v + axis]!;
    });
    return angleWeightedNormals(welded, triangles);
  };
  const rest = spread(place);
  fixNormals(attributes, rest, places.places);
  const moved = new Float32Array(place.length);
  const targets = controls.map((name, k) => {
    const field = rig.fields[k]!;
    const positions = new Float32Array(place.length);
    field.vertices.forEach((v, i) => {
      const offset = [0, 1, 2].map((axis) => field.offsets[3 * i + axis]! * field.scale);
      for (let row = 0; row < 3; row++)
        positions[3 * v + row] = toLocal
          ? toLocal[row]! * offset[0]! + toLocal[4 + row]! * offset[1]! + toLocal[8 + row]! * offset[2]!
          : offset[row]!;
    });
    const normals = new Float32Array(place.length);
    if (field.vertices.length > 0) {
      for (let i = 0; i < moved.length; i++) moved[i] = place[i]! + positions[i]!;
      const turned = spread(moved);
      for (let v = 0; v < rig.vertices; v++) {
        const at = 3 * places.places[v]!;
        const delta = [0, 1, 2].map((axis) => turned[at + axis]! - rest[at + axis]!);
        if (Math.hypot(...delta) > SMALLEST_NORMAL) normals.set(delta, 3 * v);
      }
    }
    return { name, moving: field.vertices.length, positions, normals };
  });
  return { vertices: rig.vertices, attributes, indices, targets };
}

/** The file's attributes, with those of the vertices that a cut added. */
function extended(primitive: Primitive, { vertices, splits }: RigPart): RiggedPart['attributes'][number][] {
  const out: RiggedPart['attributes'][number][] = [];
  for (const semantic of primitive.listSemantics()) {
    const accessor = primitive.getAttribute(semantic)!;
    const size = accessor.getElementSize();
    const count = accessor.getCount();
    const isPlace = semantic === 'POSITION';
    const isIndex = /^JOINTS_/.test(semantic);
    if (semantic === 'TANGENT' && splits) continue;
    // Normalised integers become floats where they are mixed.
    const isFloat = isPlace || (splits !== null && !isIndex);
    const array = isFloat
      ? new Float32Array(vertices * size)
      : new (accessor.getArray()!.constructor as new (length: number) => Float32Array<ArrayBuffer>)(
          vertices * size,
        );
    const element: number[] = [];
    const ends: [number[], number[]] = [[], []];
    for (let v = 0; v < vertices; v++) {
      if (v < count) {
        if (isFloat) accessor.getElement(v, element);
        else for (let k = 0; k < size; k++) element[k] = accessor.getArray()![v * size + k]!;
      } else if (splits) {
        const i = v - count;
        const t = splits.ratios[i]!;
        // Joints cannot be mixed: the nearer end's, with its weights.
        if (/^(JOINTS|WEIGHTS)_/.test(semantic))
          accessor.getElement(splits.ends[2 * i + (t < 0.5 ? 0 : 1)]!, element);
        else {
          accessor.getElement(splits.ends[2 * i]!, ends[0]);
          accessor.getElement(splits.ends[2 * i + 1]!, ends[1]);
          for (let k = 0; k < size; k++) element[k] = ends[0][k]! + t * (ends[1][k]! - ends[0][k]!);
          if (semantic === 'NORMAL') {
            const length = Math.hypot(...element) || 1;
            for (let k = 0; k < size; k++) element[k]! /= length;
          }
        }
      }
      for (let k = 0; k < size; k++) array[v * size + k] = element[k]!;
    }
    out.push({
      semantic,
      type: accessor.getType(),
      array,
      normalized: !isFloat && accessor.getNormalized(),
    });
  }
  return out;
}

/** Normals that are missing come from the triangles; those that all point inwards are turned round. */
function fixNormals(
  attributes: RiggedPart['attributes'][number][],
  rest: Float32Array,
  places: Uint32Array,
): void {
  const given = attributes.find(({ semantic }) => semantic === 'NORMAL');
  if (!given) {
    const array = new Float32Array(places.length * 3);
    places.forEach((place, v) => {
      array.set(rest.subarray(3 * place, 3 * place + 3), 3 * v);
      // A vertex that no triangle uses has none.
      if (!array.subarray(3 * v, 3 * v + 3).some((value) => value !== 0)) array[3 * v + 1] = 1;
    });
    attributes.push({ semantic: 'NORMAL', type: 'VEC3', array, normalized: false });
    return;
  }
  let agreement = 0;
  places.forEach((place, v) => {
    let dot = 0;
    for (let axis = 0; axis < 3; axis++) dot += rest[3 * place + axis]! * given.array[3 * v + axis]!;
    agreement += Math.sign(dot);
  });
  if (agreement < 0 && given.array instanceof Float32Array)
    for (let i = 0; i < given.array.length; i++) given.array[i] = -given.array[i]!;
}

function determinant(m: ArrayLike<number>): number {
  return (
    m[0]! * (m[5]! * m[10]! - m[9]! * m[6]!) -
    m[4]! * (m[1]! * m[10]! - m[9]! * m[2]!) +
    m[8]! * (m[1]! * m[6]! - m[5]! * m[2]!)
  );
}
