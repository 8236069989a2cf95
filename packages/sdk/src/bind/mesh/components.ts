/** The connected pieces of a mesh. */
export interface Components {
  readonly count: number;
  /** Component of every vertex; vertices that no triangle uses are components of their own. */
  readonly ofVertex: Uint32Array;
}

/**
 * Connected components: two vertices of one triangle are in one. Weld first, or every seam cuts.
 * @param vertexCount Number of vertices.
 * @param triangles Three vertices each.
 */
export function connectedComponents(vertexCount: number, triangles: Uint32Array): Components {
  const parent = new Int32Array(vertexCount);
  for (let i = 0; i < vertexCount; i++) parent[i] = i;
  const find = (vertex: number): number => {
    let root = vertex;
    while (parent[root] !== root) root = parent[root];
    for (let v = vertex; parent[v] !== root; ) {
      const up = parent[v];
      parent[v] = root;
      v = up;
    }
    return root;
  };
  for (let i = 0; i < triangles.length; i += 3) {
    const a = find(triangles[i]);
    const b = find(triangles[i + 1]);
    // The smaller number stays the root, so that components are numbered by their first vertex.
    const ab = Math.min(a, b);
    parent[Math.max(a, b)] = ab;
    const c = find(triangles[i + 2]);
    parent[Math.max(ab, c)] = Math.min(ab, c);
  }
  const ofVertex = new Uint32Array(vertexCount);
  let count = 0;
  for (let i = 0; i < vertexCount; i++) {
    const root = find(i);
    ofVertex[i] = root === i ? count++ : ofVertex[root];
  }
  return { count, ofVertex };
}
