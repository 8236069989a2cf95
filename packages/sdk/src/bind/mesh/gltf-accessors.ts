import type { Accessor, Primitive } from '@gltf-transform/core';
import { meshError } from './mesh-error.ts';

const TRIANGLES = 4;
const TRIANGLE_STRIP = 5;
const TRIANGLE_FAN = 6;

/** True when a primitive's mode makes triangles. */
export function hasTriangles(primitive: Primitive): boolean {
  const mode = primitive.getMode();
  return mode === TRIANGLES || mode === TRIANGLE_STRIP || mode === TRIANGLE_FAN;
}

/** The first `size` numbers of every element, normalised integers as floats. */
export function readFloats(accessor: Accessor, size: number, count: number): Float32Array {
  const out = new Float32Array(count * size);
  const element: number[] = [];
  for (let i = 0; i < count; i++) {
    accessor.getElement(i, element);
    for (let k = 0; k < size; k++) out[i * size + k] = element[k];
  }
  return out;
}

/**
 * Triangles of a primitive; strips and fans are taken apart.
 *
 * @param where - Name of the mesh, for messages.
 * @throws ParleyError `malformed-mesh`.
 */
export function readTriangles(primitive: Primitive, vertices: number, where: string): Uint32Array {
  const given = primitive.getIndices()?.getArray();
  const list = given ?? Uint32Array.from({ length: vertices }, (_, i) => i);
  const mode = primitive.getMode();
  let out: Uint32Array;
  if (mode === TRIANGLES) {
    if (list.length % 3 !== 0)
      throw meshError('malformed-mesh', `${where} has ${list.length} indices, which is no multiple of 3`);
    out = Uint32Array.from(list);
  } else {
    const triangles: number[] = [];
    for (let i = 2; i < list.length; i++) {
      const [a, b] = mode === TRIANGLE_FAN ? [0, i - 1] : i % 2 === 0 ? [i - 2, i - 1] : [i - 1, i - 2];
      triangles.push(list[a], list[b], list[i]);
    }
    out = Uint32Array.from(triangles);
  }
  for (const index of out)
    if (index >= vertices)
      throw meshError(
        'malformed-mesh',
        `${where} has a triangle at vertex ${index} and only ${vertices} vertices; export the head again`,
      );
  return out;
}
