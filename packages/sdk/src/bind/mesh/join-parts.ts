import type { HeadMesh } from '../head-mesh.ts';

/** Some parts of a head as one triangle list. */
export interface JoinedMesh {
  /** xyz of every vertex, part after part. */
  readonly positions: Float32Array;
  /** Three vertices of every triangle, part after part, in the parts' order of triangles. */
  readonly triangles: Uint32Array;
  /** Indices in `HeadMesh.parts` of the parts that are in. */
  readonly parts: readonly number[];
  /** For each of `parts` its first vertex here, and after the last their number. */
  readonly firstVertex: Uint32Array;
  /** For each of `parts` its first triangle here, and after the last their number. */
  readonly firstTriangle: Uint32Array;
}

/**
 * Puts parts one after the other.
 * @param parts Indices of the parts. Default: all.
 */
export function joinParts(
  head: HeadMesh,
  parts: readonly number[] = head.parts.map((_, i) => i),
): JoinedMesh {
  const firstVertex = new Uint32Array(parts.length + 1);
  const firstTriangle = new Uint32Array(parts.length + 1);
  parts.forEach((part, i) => {
    firstVertex[i + 1] = firstVertex[i] + head.parts[part].positions.length / 3;
    firstTriangle[i + 1] = firstTriangle[i] + head.parts[part].indices.length / 3;
  });
  const positions = new Float32Array(3 * firstVertex[parts.length]);
  const triangles = new Uint32Array(3 * firstTriangle[parts.length]);
  parts.forEach((part, i) => {
    positions.set(head.parts[part].positions, 3 * firstVertex[i]);
    const { indices } = head.parts[part];
    const start = 3 * firstTriangle[i];
    for (let k = 0; k < indices.length; k++) triangles[start + k] = indices[k] + firstVertex[i];
  });
  return { positions, triangles, parts, firstVertex, firstTriangle };
}

/** Which of a joined mesh's `parts` a triangle belongs to, as an index into `parts`. */
export function partOfTriangle(mesh: JoinedMesh, triangle: number): number {
  let low = 0;
  let high = mesh.parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (mesh.firstTriangle[middle] <= triangle) low = middle;
    else high = middle - 1;
  }
  return low;
}
