/** Where a query ended; one object is reused by every query of a tree. */
export interface ClosestPoint {
  /** Triangle, or -1 when none lies within the limit. */
  triangle: number;
  /** Weights of the triangle's second and third vertex; the first has what is left to 1. */
  second: number;
  third: number;
  x: number;
  y: number;
  z: number;
  distance: number;
}

/** Triangles in a leaf. */
const LEAF = 6;

/**
 * Finds the point of a triangle surface that is nearest to a given one: a tree of boxes, split at the median of the longest
 * side. Ericson, "Real-Time Collision Detection", 2005, 5.1.5 for the point on a triangle.
 */
export class ClosestPointTree {
  readonly result: ClosestPoint = { triangle: -1, second: 0, third: 0, x: 0, y: 0, z: 0, distance: 0 };
  readonly #positions: Float64Array;
  readonly #indices: Uint32Array;
  /** Triangles in the order of the leaves. */
  readonly #order: Uint32Array;
  /** Six numbers per node: low and high corner. */
  readonly #boxes: Float64Array;
  /** For a leaf: first triangle in `order`; for others -1 - right child (the left one follows its parent). */
  readonly #link: Int32Array;
  readonly #count: Uint8Array;
  #nodes = 0;
  #best = 0;
  readonly #stack = new Int32Array(128);

  /**
   * @param positions - xyz per vertex; kept, not copied.
   * @param indices - Triangles; kept, not copied.
   * @param triangles - The triangles that take part; all when absent.
   */
  constructor(positions: Float64Array, indices: Uint32Array, triangles?: Uint32Array) {
    this.#positions = positions;
    this.#indices = indices;
    this.#order = triangles
      ? triangles.slice()
      : Uint32Array.from({ length: indices.length / 3 }, (_, t) => t);
    const count = this.#order.length;
    const most = Math.max(1, 2 * Math.ceil(count / (LEAF / 2)) + 1);
    this.#boxes = new Float64Array(most * 6);
    this.#link = new Int32Array(most);
    this.#count = new Uint8Array(most);
    const centres = new Float64Array(indices.length);
    for (const t of this.#order) {
      for (let axis = 0; axis < 3; axis++) {
        centres[t * 3 + axis] =
          positions[indices[t * 3] * 3 + axis] +
          positions[indices[t * 3 + 1] * 3 + axis] +
          positions[indices[t * 3 + 2] * 3 + axis];
      }
    }
    if (count > 0) this.#build(0, count, centres);
  }

  #build(from: number, to: number, centres: Float64Array): number {
    const node = this.#nodes++;
    const box = this.#boxes;
    const order = this.#order;
    const b = node * 6;
    if (to - from <= LEAF) {
      this.#link[node] = from;
      this.#count[node] = to - from;
      box.fill(Number.POSITIVE_INFINITY, b, b + 3);
      box.fill(Number.NEGATIVE_INFINITY, b + 3, b + 6);
      for (let i = from; i < to; i++) {
        for (let c = order[i] * 3; c < order[i] * 3 + 3; c++) {
          const v = this.#indices[c] * 3;
          for (let axis = 0; axis < 3; axis++) {
            const value = this.#positions[v + axis];
            if (value < box[b + axis]) box[b + axis] = value;
            if (value > box[b + 3 + axis]) box[b + 3 + axis] = value;
          }
        }
      }
      return node;
    }
    const middle = (from + to) >> 1;
    this.#selectMedian(from, to, middle, centres, longestAxis(order, from, to, centres));
    this.#build(from, middle, centres);
    const right = this.#build(middle, to, centres);
    this.#link[node] = -1 - right;
    const l = (node + 1) * 6;
    const r = right * 6;
    for (let axis = 0; axis < 3; axis++) {
      box[b + axis] = Math.min(box[l + axis], box[r + axis]);
      box[b + 3 + axis] = Math.max(box[l + 3 + axis], box[r + 3 + axis]);
    }
    return node;
  }

  /** Hoare's selection: what is below the median of the axis stands before `middle`. */
  #selectMedian(from: number, to: number, middle: number, centres: Float64Array, axis: number): void {
    const order = this.#order;
    let low = from;
    let high = to - 1;
    while (low < high) {
      const pivot = centres[order[(low + high) >> 1] * 3 + axis];
      let i = low;
      let j = high;
      while (i <= j) {
        while (centres[order[i] * 3 + axis] < pivot) i++;
        while (centres[order[j] * 3 + axis] > pivot) j--;
        if (i <= j) {
          const swap = order[i];
          order[i++] = order[j];
          order[j--] = swap;
        }
      }
      if (middle <= j) high = j;
      else if (middle >= i) low = i;
      else return;
    }
  }

  /**
   * Writes the nearest point into `result` and returns it.
   *
   * @param limit - Nothing further away is looked at.
   * @param accepts - Asked for each triangle that would be nearer; all when absent.
   */
  query(
    x: number,
    y: number,
    z: number,
    limit = Number.POSITIVE_INFINITY,
    accepts?: (triangle: number) => boolean,
  ): ClosestPoint {
    const result = this.result;
    result.triangle = -1;
    result.distance = Number.POSITIVE_INFINITY;
    if (this.#nodes === 0) return result;
    this.#best = limit * limit;
    const stack = this.#stack;
    let depth = 0;
    stack[depth++] = 0;
    while (depth > 0) {
      const node = stack[--depth];
      if (this.#boxDistance(node, x, y, z) >= this.#best) continue;
      const link = this.#link[node];
      if (link >= 0) {
        for (let i = link; i < link + this.#count[node]; i++)
          this.#tryTriangle(this.#order[i], x, y, z, accepts);
        continue;
      }
      const left = node + 1;
      const right = -1 - link;
      const toLeft = this.#boxDistance(left, x, y, z);
      const toRight = this.#boxDistance(right, x, y, z);
      if (toLeft < toRight) {
        if (toRight < this.#best) stack[depth++] = right;
        stack[depth++] = left;
      } else {
        if (toLeft < this.#best) stack[depth++] = left;
        stack[depth++] = right;
      }
    }
    if (result.triangle >= 0) result.distance = Math.sqrt(this.#best);
    return result;
  }

  #boxDistance(node: number, x: number, y: number, z: number): number {
    const box = this.#boxes;
    const b = node * 6;
    const dx = x < box[b] ? box[b] - x : x > box[b + 3] ? x - box[b + 3] : 0;
    const dy = y < box[b + 1] ? box[b + 1] - y : y > box[b + 4] ? y - box[b + 4] : 0;
    const dz = z < box[b + 2] ? box[b + 2] - z : z > box[b + 5] ? z - box[b + 5] : 0;
    return dx * dx + dy * dy + dz * dz;
  }

  #tryTriangle(
    triangle: number,
    px: number,
    py: number,
    pz: number,
    accepts?: (triangle: number) => boolean,
  ): void {
    const p = this.#positions;
    const a = this.#indices[triangle * 3] * 3;
    const b = this.#indices[triangle * 3 + 1] * 3;
    const c = this.#indices[triangle * 3 + 2] * 3;
    const ax = p[a];
    const ay = p[a + 1];
    const az = p[a + 2];
    const abx = p[b] - ax;
    const aby = p[b + 1] - ay;
    const abz = p[b + 2] - az;
    const acx = p[c] - ax;
    const acy = p[c + 1] - ay;
    const acz = p[c + 2] - az;
    const apx = px - ax;
    const apy = py - ay;
    const apz = pz - az;
    const d1 = abx * apx + aby * apy + abz * apz;
    const d2 = acx * apx + acy * apy + acz * apz;
    let v = 0;
    let w = 0;
    if (d1 > 0 || d2 > 0) {
      const bb = abx * abx + aby * aby + abz * abz;
      const bc = abx * acx + aby * acy + abz * acz;
      const cc = acx * acx + acy * acy + acz * acz;
      const d3 = d1 - bb;
      const d4 = d2 - bc;
      const d5 = d1 - bc;
      const d6 = d2 - cc;
      const vc = d1 * d4 - d3 * d2;
      const vb = d5 * d2 - d1 * d6;
      const va = d3 * d6 - d5 * d4;
      if (d3 >= 0 && d4 <= d3) v = 1;
      else if (vc <= 0 && d1 >= 0 && d3 <= 0) v = d1 / (d1 - d3);
      else if (d6 >= 0 && d5 <= d6) w = 1;
      else if (vb <= 0 && d2 >= 0 && d6 <= 0) w = d2 / (d2 - d6);
      else if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0) {
        w = (d4 - d3) / (d4 - d3 + (d5 - d6));
        v = 1 - w;
      } else {
        const sum = va + vb + vc;
        v = sum > 0 ? vb / sum : 0;
        w = sum > 0 ? vc / sum : 0;
      }
    }
    const x = ax + v * abx + w * acx;
    const y = ay + v * aby + w * acy;
    const z = az + v * abz + w * acz;
    const square = (px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2;
    if (!(square < this.#best) || (accepts && !accepts(triangle))) return;
    this.#best = square;
    const result = this.result;
    result.triangle = triangle;
    result.second = v;
    result.third = w;
    result.x = x;
    result.y = y;
    result.z = z;
  }
}

/** The axis along which the middles of triangles lie furthest apart. */
function longestAxis(order: Uint32Array, from: number, to: number, centres: Float64Array): number {
  let [lowX, lowY, lowZ] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [highX, highY, highZ] = [-lowX, -lowY, -lowZ];
  for (let i = from; i < to; i++) {
    const t = order[i] * 3;
    const x = centres[t];
    const y = centres[t + 1];
    const z = centres[t + 2];
    if (x < lowX) lowX = x;
    if (x > highX) highX = x;
    if (y < lowY) lowY = y;
    if (y > highY) highY = y;
    if (z < lowZ) lowZ = z;
    if (z > highZ) highZ = z;
  }
  const [x, y, z] = [highX - lowX, highY - lowY, highZ - lowZ];
  return x >= y && x >= z ? 0 : y >= z ? 1 : 2;
}
