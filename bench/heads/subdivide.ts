import type { HeadMesh, HeadPart } from '@parley/sdk/bind';

/** The head with every triangle as four: a vertex in the middle of each edge. Morphs and skins are left out. */
export function subdivide(head: HeadMesh): HeadMesh {
  return { ...head, parts: head.parts.map(subdividePart) };
}

function subdividePart({ positions, indices, ...part }: HeadPart): HeadPart {
  const count = positions.length / 3;
  const points = Array.from(positions);
  const between = new Map<number, number>();
  const middle = (a: number, b: number): number => {
    const key = Math.min(a, b) * count + Math.max(a, b);
    const known = between.get(key);
    if (known !== undefined) return known;
    const at = points.length / 3;
    between.set(key, at);
    for (let axis = 0; axis < 3; axis++) points.push((positions[a * 3 + axis] + positions[b * 3 + axis]) / 2);
    return at;
  };
  const triangles: number[] = [];
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t], indices[t + 1], indices[t + 2]];
    const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    triangles.push(a, ab, ca, ab, b, bc, ca, bc, c, ab, bc, ca);
  }
  return {
    ...part,
    positions: Float32Array.from(points),
    indices: Uint32Array.from(triangles),
    normals: undefined,
    uvs: undefined,
    colours: undefined,
    skin: undefined,
    morphs: [],
    sourceVertices: Uint32Array.from({ length: points.length / 3 }, (_, i) => i),
  };
}
