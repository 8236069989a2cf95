/** Lists of varying length in two arrays: list `i` is `items[starts[i]]` up to, not including, `items[starts[i + 1]]`. */
export interface Lists {
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
}

/** For every vertex the triangles that use it, ascending. A triangle that names a vertex twice is listed twice. */
export function trianglesOfVertices(vertexCount: number, triangles: Uint32Array): Lists {
  const starts = new Uint32Array(vertexCount + 1);
  for (const vertex of triangles) starts[vertex + 1]++;
  for (let i = 0; i < vertexCount; i++) starts[i + 1] += starts[i];
  const fill = starts.slice(0, vertexCount);
  const items = new Uint32Array(triangles.length);
  for (let i = 0; i < triangles.length; i++) items[fill[triangles[i]]++] = Math.floor(i / 3);
  return { starts, items };
}

/** For every vertex its neighbours along edges, each once, in the order in which triangles name them. */
export function neighboursOfVertices(vertexCount: number, triangles: Uint32Array): Lists {
  const { starts, items } = trianglesOfVertices(vertexCount, triangles);
  const outStarts = new Uint32Array(vertexCount + 1);
  const out = new Uint32Array(triangles.length * 2);
  const seen = new Int32Array(vertexCount).fill(-1);
  let length = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    for (let i = starts[vertex]; i < starts[vertex + 1]; i++)
      for (let k = 0; k < 3; k++) {
        const other = triangles[3 * items[i] + k];
        if (other === vertex || seen[other] === vertex) continue;
        seen[other] = vertex;
        out[length++] = other;
      }
    outStarts[vertex + 1] = length;
  }
  return { starts: outStarts, items: out.slice(0, length) };
}
