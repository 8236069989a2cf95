import type { HeadMesh } from '../head-mesh.ts';
import { weld } from '../mesh/weld.ts';
import { partTouching } from './part-touching.ts';

/** All parts in one list of vertices, joined at seams. */
export interface JoinedHead {
  /** xyz of the joined vertices, in the head's frame. */
  readonly positions: Float64Array;
  /** Triangles of all parts, one part after the other, counter-clockwise from outside. */
  readonly indices: Uint32Array;
  /** For each vertex of each part its joined one. */
  readonly of: readonly Uint32Array[];
  /** First triangle of each part. */
  readonly firstTriangle: readonly number[];
  readonly insideOut: boolean;
}

/** Joins all parts of a head and turns its triangles outside. */
export function joinHead(mesh: HeadMesh, insideOut: boolean): JoinedHead {
  const total = mesh.parts.reduce((sum, part) => sum + part.positions.length, 0);
  const all = new Float32Array(total);
  let at = 0;
  for (const part of mesh.parts) {
    all.set(part.positions, at);
    at += part.positions.length;
  }
  const { places, vertices } = weld(all);
  const triangles = new Uint32Array(mesh.parts.reduce((sum, part) => sum + part.indices.length, 0));
  let filled = 0;
  let before = 0;
  for (const part of mesh.parts) {
    for (const v of part.indices) triangles[filled++] = before + v;
    before += part.positions.length / 3;
  }
  const apart = partTouching(places, triangles, vertices.length);
  const positions = new Float64Array((vertices.length + apart.length) * 3);
  [...vertices, ...apart].forEach((v, place) => {
    positions.set(all.subarray(v * 3, v * 3 + 3), place * 3);
  });
  const indices = new Uint32Array(mesh.parts.reduce((sum, part) => sum + part.indices.length, 0));
  const of: Uint32Array[] = [];
  const firstTriangle: number[] = [];
  let vertex = 0;
  let index = 0;
  for (const part of mesh.parts) {
    const own = places.subarray(vertex, vertex + part.positions.length / 3);
    of.push(own);
    firstTriangle.push(index / 3);
    for (let i = 0; i < part.indices.length; i += 3) {
      indices[index++] = own[part.indices[i]];
      indices[index++] = own[part.indices[i + (insideOut ? 2 : 1)]];
      indices[index++] = own[part.indices[i + (insideOut ? 1 : 2)]];
    }
    vertex += part.positions.length / 3;
  }
  return { positions, indices, of, firstTriangle, insideOut };
}
