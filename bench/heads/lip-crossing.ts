import { ClosestPointTree } from '../../packages/sdk/src/bind/geometry/closest-point-tree.ts';
import { triangleNormals } from '../../packages/sdk/src/bind/geometry/triangle-normals.ts';
import { vertexNormals } from '../../packages/sdk/src/head/vertex-normals.ts';

/** The vertices and triangles of one lip. */
interface Lip {
  readonly vertices: Uint32Array;
  readonly triangles: Uint32Array;
  /** 1 for vertices at the patch's border. */
  readonly border: Uint8Array;
}

/** What lies further from the other lip than this is not in it, metres. */
const REACH = 0.005;
/** Width of the columns that are compared with each other, metres. */
const COLUMN = 0.002;
const COLUMNS = 50;

/**
 * Measures how far lips pass through each other: the depth of each lip's vertices under the other's surface, in columns of 2 mm
 * from corner to corner, beyond what lies inside the other lip at rest already (many heads are modelled so).
 */
export class LipCrossing {
  readonly #lips: readonly [Lip, Lip];
  readonly #rest: Float64Array;
  readonly #column: Int16Array;

  /**
   * @param rest - xyz per vertex, metres, +x to the person's left, face upright.
   * @param indices - Triangles, counter-clockwise from outside.
   * @param sides - 1 for vertices of the upper lip, 2 for the lower, 0 for all others.
   */
  constructor(rest: Float64Array, indices: Uint32Array, sides: Uint8Array) {
    this.#lips = [makeLip(indices, sides, 1), makeLip(indices, sides, 2)];
    let sum = 0;
    for (const v of this.#lips[0].vertices) sum += rest[v * 3];
    const middle = sum / this.#lips[0].vertices.length;
    // lips are stretched: a place keeps the column that it has at rest
    this.#column = Int16Array.from(sides, (_, v) =>
      Math.floor((rest[v * 3] - middle) / COLUMN + COLUMNS / 2),
    );
    this.#rest = this.#depths(rest);
  }

  /** Depth at rest, metres. */
  get atRest(): number {
    return Math.max(...this.#rest);
  }

  /** Largest depth beyond that at rest, metres; 0 when there is none. */
  measure(positions: Float64Array): number {
    let worst = 0;
    this.#depths(positions).forEach((depth, column) => {
      const rest = Math.max(...this.#rest.subarray(Math.max(0, column - 1), column + 2));
      worst = Math.max(worst, depth - rest);
    });
    return worst;
  }

  #depths(p: Float64Array): Float64Array {
    const depths = new Float64Array(COLUMNS);
    this.#lips.forEach(({ vertices }, i) => {
      const { triangles, border } = this.#lips[1 - i];
      const tree = new ClosestPointTree(p, triangles);
      const normals = triangleNormals(p, triangles);
      const smooth = vertexNormals(p, triangles, new Float64Array(p.length));
      for (const v of vertices) {
        const hit = tree.query(p[v * 3], p[v * 3 + 1], p[v * 3 + 2], REACH);
        if (hit.triangle < 0) continue;
        const t = hit.triangle * 3;
        const weights = [1 - hit.second - hit.third, hit.second, hit.third];
        // beside the patch, not under it
        if (weights.every((w, c) => w < 1e-6 || border[triangles[t + c]] === 1)) continue;
        const away = [hit.x - p[v * 3], hit.y - p[v * 3 + 1], hit.z - p[v * 3 + 2]];
        // at an edge the triangle's normal alone may tell the wrong side
        let flat = 0;
        let round = 0;
        for (let axis = 0; axis < 3; axis++) {
          flat += away[axis] * normals[t + axis];
          for (let c = 0; c < 3; c++) round += away[axis] * weights[c] * smooth[triangles[t + c] * 3 + axis];
        }
        const depth = Math.min(flat, round);
        if (depth < 0.5 * hit.distance) continue;
        const column = this.#column[v];
        if (column >= 0 && column < COLUMNS) depths[column] = Math.max(depths[column], depth);
      }
    });
    return depths;
  }
}

function makeLip(indices: Uint32Array, sides: Uint8Array, side: number): Lip {
  const triangles: number[] = [];
  const uses = new Map<string, number>();
  const edge = (a: number, b: number) => (a < b ? `${a},${b}` : `${b},${a}`);
  for (let t = 0; t < indices.length; t += 3) {
    const corners = [indices[t], indices[t + 1], indices[t + 2]];
    if (corners.some((v) => sides[v] !== side)) continue;
    triangles.push(...corners);
    corners.forEach((v, c) => {
      const key = edge(v, corners[(c + 1) % 3]);
      uses.set(key, (uses.get(key) ?? 0) + 1);
    });
  }
  const border = new Uint8Array(sides.length);
  for (const [key, count] of uses) if (count === 1) for (const v of key.split(',')) border[Number(v)] = 1;
  return { vertices: Uint32Array.from(new Set(triangles)), triangles: Uint32Array.from(triangles), border };
}
