import { VertexBuffer } from '@babylonjs/core/Buffers/buffer.js';
import type { Mesh } from '@babylonjs/core/Meshes/mesh.js';
import { vertexNormals } from '@parley/sdk';
import type { MeshBasis } from './mesh-basis.ts';

/**
 * Moves the vertices of a mesh by a linear basis on the CPU, into an updatable vertex buffer: for materials without the
 * plug-in hook and machines without integer textures, and as the measure that the shader is tested against. Normals are
 * taken anew from the moved triangles, so they are exact where the shader's are linearised.
 */
export class CpuBasis {
  readonly basis: MeshBasis;
  readonly #mesh: Mesh;
  readonly #restPositions: Float32Array;
  readonly #restNormals: Float32Array | null;
  readonly #positions: Float32Array;
  readonly #normals: Float32Array;
  readonly #welded: WeldedSurface;

  /**
   * @param mesh - Gets its own updatable copies of the position and normal buffers.
   * @throws RangeError when the mesh has another number of vertices than the basis.
   */
  constructor(mesh: Mesh, basis: MeshBasis) {
    const positions = mesh.getVerticesData(VertexBuffer.PositionKind);
    if (positions?.length !== basis.vertices * 3) {
      throw new RangeError(`mesh ${mesh.name} has not the ${basis.vertices} vertices of its basis`);
    }
    const normals = mesh.getVerticesData(VertexBuffer.NormalKind);
    this.basis = basis;
    this.#mesh = mesh;
    this.#restPositions = Float32Array.from(positions);
    this.#restNormals = normals ? Float32Array.from(normals) : null;
    this.#positions = Float32Array.from(positions);
    this.#normals = Float32Array.from(normals ?? positions);
    this.#welded = new WeldedSurface(this.#restPositions, this.#restNormals, mesh.getIndices() ?? []);
    mesh.makeGeometryUnique();
    mesh.setVerticesData(VertexBuffer.PositionKind, this.#positions, true);
    if (normals) mesh.setVerticesData(VertexBuffer.NormalKind, this.#normals, true);
  }

  /** Moves the mesh now; the arguments are those of {@link LinearBasisPlugin.setPose}. */
  setPose(weights: ArrayLike<number>, rotation: ArrayLike<number>): void {
    const positions = this.#positions;
    positions.set(this.#restPositions);
    applyFields(this.basis, weights, positions);
    turnVertices(this.basis, rotation, positions);
    this.#mesh.updateVerticesData(VertexBuffer.PositionKind, positions, false, false);
    if (!this.#restNormals) return;
    this.#welded.normalsOf(positions, this.#restNormals, this.#normals);
    this.#mesh.updateVerticesData(VertexBuffer.NormalKind, this.#normals, false, false);
  }

  /** Puts the mesh back to rest. */
  dispose(): void {
    if (this.#mesh.isDisposed()) return;
    this.#mesh.updateVerticesData(VertexBuffer.PositionKind, this.#restPositions, false, false);
    if (this.#restNormals)
      this.#mesh.updateVerticesData(VertexBuffer.NormalKind, this.#restNormals, false, false);
  }
}

function applyFields(basis: MeshBasis, weights: ArrayLike<number>, positions: Float32Array): void {
  for (let k = 0; k < basis.fields.length; k++) {
    const weight = weights[k];
    if (weight === 0) continue;
    const { vertices, positions: deltas } = basis.fields[k];
    for (let i = 0, d = 0; i < vertices.length; i++, d += 3) {
      const p = vertices[i] * 3;
      positions[p] += weight * deltas[d];
      positions[p + 1] += weight * deltas[d + 1];
      positions[p + 2] += weight * deltas[d + 2];
    }
  }
}

function turnVertices(basis: MeshBasis, rotation: ArrayLike<number>, positions: Float32Array): void {
  if (!basis.turn || rotation[3] >= 1) return;
  const { pivot, weights } = basis.turn;
  for (let v = 0; v < weights.length; v++) {
    const w = weights[v];
    if (w === 0) continue;
    let qx = rotation[0] * w;
    let qy = rotation[1] * w;
    let qz = rotation[2] * w;
    let qw = 1 - w + rotation[3] * w;
    const length = Math.sqrt(qx * qx + qy * qy + qz * qz + qw * qw);
    qx /= length;
    qy /= length;
    qz /= length;
    qw /= length;
    const p = v * 3;
    const x = positions[p] - pivot[0];
    const y = positions[p + 1] - pivot[1];
    const z = positions[p + 2] - pivot[2];
    const tx = qy * z - qz * y + qw * x;
    const ty = qz * x - qx * z + qw * y;
    const tz = qx * y - qy * x + qw * z;
    positions[p] = pivot[0] + x + 2 * (qy * tz - qz * ty);
    positions[p + 1] = pivot[1] + y + 2 * (qz * tx - qx * tz);
    positions[p + 2] = pivot[2] + z + 2 * (qx * ty - qy * tx);
  }
}

/** A mesh whose copies of one surface point (at seams of texture coordinates) share a normal, as at rest. */
class WeldedSurface {
  readonly #firstOf: Uint32Array;
  readonly #indices: Uint32Array;
  /** Normals that the triangles have at rest. */
  readonly #own: Float32Array;
  readonly #moved: Float32Array;
  readonly #sign: number;

  constructor(positions: Float32Array, normals: Float32Array | null, indices: ArrayLike<number>) {
    const first = new Map<string, number>();
    this.#firstOf = new Uint32Array(positions.length / 3);
    for (let v = 0; v < this.#firstOf.length; v++) {
      const key = surfacePoint(positions, normals, v * 3);
      const known = first.get(key);
      if (known === undefined) first.set(key, v);
      this.#firstOf[v] = known ?? v;
    }
    this.#indices = Uint32Array.from(indices, (v) => this.#firstOf[v]);
    this.#own = new Float32Array(positions.length);
    this.#moved = new Float32Array(positions.length);
    vertexNormals(positions, this.#indices, this.#own);
    this.#sign = normals && dot(this.#own, normals) < 0 ? -1 : 1;
  }

  /** Writes the rest normals plus what the triangles' own normals have changed by since rest. */
  normalsOf(positions: Float32Array, rest: Float32Array, out: Float32Array): void {
    vertexNormals(positions, this.#indices, this.#moved);
    for (let v = 0; v < this.#firstOf.length; v++) {
      const from = this.#firstOf[v] * 3;
      const to = v * 3;
      const x = rest[to] + (this.#moved[from] - this.#own[from]) * this.#sign;
      const y = rest[to + 1] + (this.#moved[from + 1] - this.#own[from + 1]) * this.#sign;
      const z = rest[to + 2] + (this.#moved[from + 2] - this.#own[from + 2]) * this.#sign;
      const length = Math.sqrt(x * x + y * y + z * z) || 1;
      out[to] = x / length;
      out[to + 1] = y / length;
      out[to + 2] = z / length;
    }
  }
}

function surfacePoint(positions: Float32Array, normals: Float32Array | null, i: number): string {
  const point = `${positions[i]},${positions[i + 1]},${positions[i + 2]}`;
  if (!normals) return point;
  return `${point},${Math.round(normals[i] * 50)},${Math.round(normals[i + 1] * 50)},${Math.round(normals[i + 2] * 50)}`;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
