import { vertexNormals } from '../../head/vertex-normals.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { triangleNormals } from '../geometry/triangle-normals.ts';

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

/** Triangles whose normal has a smaller cosine with a vertex's are another layer of the face. */
const FACING = 0.5;

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

  constructor(surface: TargetSurface) {
    this.#surface = surface;
    this.#faceNormals = triangleNormals(surface.positions, surface.indices);
  }

  readonly #accepts = (triangle: number): boolean => {
    const n = this.#faceNormals;
    const t = triangle * 3;
    return n[t] * this.#nx + n[t + 1] * this.#ny + n[t + 2] * this.#nz > FACING;
  };

  /**
   * Finds the place of vertex `v` of another surface.
   *
   * @param positions - xyz per vertex of that surface.
   * @param normals - Its unit normals.
   * @param limit - Largest distance.
   * @returns false when nothing fits, or only a border.
   */
  find(v: number, positions: Float64Array, normals: Float64Array, limit: number): boolean {
    const p = v * 3;
    this.#nx = normals[p];
    this.#ny = normals[p + 1];
    this.#nz = normals[p + 2];
    const { tree, indices, normals: smooth, border } = this.#surface;
    const hit = tree.query(positions[p], positions[p + 1], positions[p + 2], limit, this.#accepts);
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
    const px = smooth[a * 3] * first + smooth[b * 3] * hit.second + smooth[c * 3] * hit.third;
    const py = smooth[a * 3 + 1] * first + smooth[b * 3 + 1] * hit.second + smooth[c * 3 + 1] * hit.third;
    const pz = smooth[a * 3 + 2] * first + smooth[b * 3 + 2] * hit.second + smooth[c * 3 + 2] * hit.third;
    const length = Math.hypot(px, py, pz) || 1;
    match.nx = px / length;
    match.ny = py / length;
    match.nz = pz / length;
    return true;
  }
}
