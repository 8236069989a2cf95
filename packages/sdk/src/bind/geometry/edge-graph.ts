/** The edges of a triangle surface as a graph, in compressed rows: neighbours of v stand at `first[v] .. first[v + 1]`. */
export interface EdgeGraph {
  readonly vertices: number;
  readonly first: Uint32Array;
  readonly neighbours: Uint32Array;
  /** Length of the edge to each neighbour. */
  readonly lengths: Float64Array;
}

/**
 * Joins the vertices of triangles.
 *
 * @param positions - xyz per vertex.
 * @param indices - Triangles; degenerate ones add no loops.
 * @param keep - Says which triangles take part; all when absent.
 */
export function createEdgeGraph(
  positions: Float64Array,
  indices: Uint32Array,
  keep?: (triangle: number) => boolean,
): EdgeGraph {
  const vertices = positions.length / 3;
  const count = new Uint32Array(vertices + 1);
  const kept: number[] = [];
  for (let t = 0; t < indices.length / 3; t++) {
    if (keep && !keep(t)) continue;
    kept.push(t);
    for (let c = 0; c < 3; c++) count[indices[t * 3 + c] + 1] += 2;
  }
  for (let v = 0; v < vertices; v++) count[v + 1] += count[v];
  const all = new Uint32Array(count[vertices]);
  const fill = count.slice(0, vertices);
  for (const t of kept) {
    for (let c = 0; c < 3; c++) {
      const v = indices[t * 3 + c];
      all[fill[v]++] = indices[t * 3 + ((c + 1) % 3)];
      all[fill[v]++] = indices[t * 3 + ((c + 2) % 3)];
    }
  }
  const first = new Uint32Array(vertices + 1);
  const seen = new Int32Array(vertices).fill(-1);
  let used = 0;
  for (let v = 0; v < vertices; v++) {
    const end = count[v + 1];
    seen[v] = v;
    for (let i = count[v]; i < end; i++) {
      const other = all[i];
      if (seen[other] === v) continue;
      seen[other] = v;
      all[used++] = other;
    }
    first[v + 1] = used;
  }
  const neighbours = all.slice(0, used);
  const lengths = new Float64Array(used);
  for (let v = 0; v < vertices; v++) {
    for (let i = first[v]; i < first[v + 1]; i++) {
      const o = neighbours[i] * 3;
      const p = v * 3;
      lengths[i] = Math.hypot(
        positions[p] - positions[o],
        positions[p + 1] - positions[o + 1],
        positions[p + 2] - positions[o + 2],
      );
    }
  }
  return { vertices, first, neighbours, lengths };
}

/**
 * Shortest way along edges from any of `seeds` to every vertex (Dijkstra); Infinity where there is none.
 *
 * @param limit - Vertices further away than this stay at Infinity.
 */
export function geodesicDistances(
  graph: EdgeGraph,
  seeds: Iterable<number>,
  limit = Number.POSITIVE_INFINITY,
): Float64Array {
  const { first, neighbours, lengths } = graph;
  const distances = new Float64Array(graph.vertices).fill(Number.POSITIVE_INFINITY);
  const heap = new DistanceHeap();
  for (const seed of seeds) {
    distances[seed] = 0;
    heap.push(seed, 0);
  }
  while (heap.size > 0) {
    const distance = heap.nearest;
    const v = heap.pop();
    if (distance > distances[v]) continue;
    for (let i = first[v]; i < first[v + 1]; i++) {
      const next = distance + lengths[i];
      if (next < distances[neighbours[i]] && next <= limit) {
        distances[neighbours[i]] = next;
        heap.push(neighbours[i], next);
      }
    }
  }
  return distances;
}

/** A binary heap of vertices by distance. */
class DistanceHeap {
  readonly #vertices: number[] = [];
  readonly #keys: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get nearest(): number {
    return this.#keys[0];
  }

  push(vertex: number, key: number): void {
    let i = this.#keys.length;
    this.#keys.push(key);
    this.#vertices.push(vertex);
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (this.#keys[up] <= key) break;
      this.#keys[i] = this.#keys[up];
      this.#vertices[i] = this.#vertices[up];
      i = up;
    }
    this.#keys[i] = key;
    this.#vertices[i] = vertex;
  }

  pop(): number {
    const top = this.#vertices[0];
    const key = this.#keys.pop() as number;
    const vertex = this.#vertices.pop() as number;
    const size = this.#keys.length;
    if (size === 0) return top;
    let i = 0;
    for (;;) {
      let down = 2 * i + 1;
      if (down >= size) break;
      if (down + 1 < size && this.#keys[down + 1] < this.#keys[down]) down++;
      if (this.#keys[down] >= key) break;
      this.#keys[i] = this.#keys[down];
      this.#vertices[i] = this.#vertices[down];
      i = down;
    }
    this.#keys[i] = key;
    this.#vertices[i] = vertex;
    return top;
  }
}
