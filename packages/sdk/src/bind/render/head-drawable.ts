import type { HeadMesh } from '../head-mesh.ts';
import { angleWeightedNormals } from '../mesh/angle-weighted-normals.ts';
import { type JoinedMesh, joinParts } from '../mesh/join-parts.ts';
import { weld, weldTriangles } from '../mesh/weld.ts';
import type { Drawable } from './view.ts';

/** A head ready to be drawn: seams welded, normals smooth. Triangles have the numbers of `joined`. */
export interface HeadDrawable extends Drawable {
  readonly joined: JoinedMesh;
}

/**
 * Joins and welds parts for drawing.
 * @param parts Indices of the parts to draw. Default: all.
 */
export function headDrawable(head: HeadMesh, parts?: readonly number[]): HeadDrawable {
  const joined = joinParts(head, parts);
  const welded = weld(joined.positions);
  const positions = new Float32Array(welded.count * 3);
  for (let place = 0; place < welded.count; place++)
    for (let axis = 0; axis < 3; axis++)
      positions[3 * place + axis] = joined.positions[3 * welded.vertices[place] + axis];
  const triangles = weldTriangles(joined.triangles, welded);
  return {
    joined,
    positions,
    triangles,
    normals: angleWeightedNormals(positions, triangles),
    colours: placeColours(head, joined, welded.vertices),
  };
}

/** Vertex colours times the materials' flat colours; undefined if all is of one colour anyway. */
function placeColours(head: HeadMesh, joined: JoinedMesh, vertices: Uint32Array): Float32Array | undefined {
  const parts = joined.parts.map((part) => head.parts[part]);
  if (!parts.some((part) => part.colours)) {
    const flat = new Set(parts.map((part) => part.baseColour?.join() ?? ''));
    if (flat.size < 2) return undefined;
  }
  const out = new Float32Array(vertices.length * 3);
  let i = 0;
  for (let place = 0; place < vertices.length; place++) {
    while (vertices[place] >= joined.firstVertex[i + 1]) i++;
    const local = vertices[place] - joined.firstVertex[i];
    const { colours, baseColour } = parts[i];
    for (let axis = 0; axis < 3; axis++)
      // Linear light to what a picture holds, roughly.
      out[3 * place + axis] = Math.sqrt((colours?.[3 * local + axis] ?? 1) * (baseColour?.[axis] ?? 0.6));
  }
  return out;
}
