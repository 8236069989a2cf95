import { vertexNormals } from '../../head/vertex-normals.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';

/** The surface that a template is registered to, in the template's frame. */
export interface TargetSurface {
  readonly positions: Float64Array;
  /** Triangles, counter-clockwise from outside. */
  readonly indices: Uint32Array;
  readonly normals: Float64Array;
  /** 1 for vertices at a border. */
  readonly border: Uint8Array;
  readonly tree: ClosestPointTree;
}

/** Prepares a welded surface for nearest-point queries. */
export function createTargetSurface(positions: Float64Array, indices: Uint32Array): TargetSurface {
  return {
    positions,
    indices,
    normals: vertexNormals(positions, indices, new Float64Array(positions.length)),
    border: borderVertices(positions.length / 3, indices),
    tree: new ClosestPointTree(positions, indices),
  };
}

/** Marks the vertices of edges that only one triangle has. */
export function borderVertices(vertices: number, indices: Uint32Array): Uint8Array {
  const keys = new Float64Array(indices.length);
  for (let t = 0; t < indices.length; t += 3) {
    for (let c = 0; c < 3; c++) {
      const a = indices[t + c];
      const b = indices[t + ((c + 1) % 3)];
      keys[t + c] = a < b ? a * vertices + b : b * vertices + a;
    }
  }
  keys.sort();
  const border = new Uint8Array(vertices);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === keys[i + 1] || keys[i] === keys[i - 1]) continue;
    border[Math.floor(keys[i] / vertices)] = 1;
    border[keys[i] % vertices] = 1;
  }
  return border;
}

/** A matched point of a target: place and unit normal. */
export interface SurfaceMatch {
  x: number;
  y: number;
  z: number;
  nx: number;
  ny: number;
  nz: number;
  distance: number;
}

/** Finds what lies nearest to a point with a normal, and tells whether the two can be the same place of a face. */
export class SurfaceMatcher {
  readonly match: SurfaceMatch = { x: 0, y: 0, z: 0, nx: 0, ny: 0, nz: 0, distance: 0 };
  readonly #surface: TargetSurface;
  readonly #faceNormals: Float64Array;
  #nx = 0;
  #ny = 0;
  #nz = 0;
  #facing = 0;

  constructor(surface: TargetSurface) {
    this.#surface = surface;
    const { positions: p, indices } = surface;
    this.#faceNormals = new Float64Array(indices.length);
    for (let t = 0; t < indices.length; t += 3) {
      const a = indices[t] * 3;
      const b = indices[t + 1] * 3;
      const c = indices[t + 2] * 3;
      const ux = p[b] - p[a];
      const uy = p[b + 1] - p[a + 1];
      const uz = p[b + 2] - p[a + 2];
      const vx = p[c] - p[a];
      const vy = p[c + 1] - p[a + 1];
      const vz = p[c + 2] - p[a + 2];
      const x = uy * vz - uz * vy;
      const y = uz * vx - ux * vz;
      const z = ux * vy - uy * vx;
      const length = Math.hypot(x, y, z) || 1;
      this.#faceNormals[t] = x / length;
      this.#faceNormals[t + 1] = y / length;
      this.#faceNormals[t + 2] = z / length;
    }
  }

  readonly #accepts = (triangle: number): boolean => {
    const n = this.#faceNormals;
    const t = triangle * 3;
    return n[t] * this.#nx + n[t + 1] * this.#ny + n[t + 2] * this.#nz > this.#facing;
  };

  /**
   * @param facing - Triangles whose normal has a smaller cosine with (nx, ny, nz) are passed over.
   * @param limit - Largest distance.
   * @returns false when nothing fits, or only a border.
   */
  find(
    x: number,
    y: number,
    z: number,
    nx: number,
    ny: number,
    nz: number,
    facing: number,
    limit: number,
  ): boolean {
    this.#nx = nx;
    this.#ny = ny;
    this.#nz = nz;
    this.#facing = facing;
    const { tree, indices, normals, border } = this.#surface;
    const hit = tree.query(x, y, z, limit, this.#accepts);
    if (hit.triangle < 0) return false;
    const a = indices[hit.triangle * 3];
    const b = indices[hit.triangle * 3 + 1];
    const c = indices[hit.triangle * 3 + 2];
    const first = 1 - hit.second - hit.third;
    const touchesBorder =
      (first < 1e-6 || border[a]) && (hit.second < 1e-6 || border[b]) && (hit.third < 1e-6 || border[c]);
    if (touchesBorder && (first < 1e-6 || hit.second < 1e-6 || hit.third < 1e-6)) return false;
    const match = this.match;
    match.x = hit.x;
    match.y = hit.y;
    match.z = hit.z;
    match.distance = hit.distance;
    const px = normals[a * 3] * first + normals[b * 3] * hit.second + normals[c * 3] * hit.third;
    const py = normals[a * 3 + 1] * first + normals[b * 3 + 1] * hit.second + normals[c * 3 + 1] * hit.third;
    const pz = normals[a * 3 + 2] * first + normals[b * 3 + 2] * hit.second + normals[c * 3 + 2] * hit.third;
    const length = Math.hypot(px, py, pz) || 1;
    match.nx = px / length;
    match.ny = py / length;
    match.nz = pz / length;
    return true;
  }
}
