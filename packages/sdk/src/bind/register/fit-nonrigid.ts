import { vertexNormals } from '../../head/vertex-normals.ts';
import type { EdgeGraph } from '../geometry/edge-graph.ts';
import { invertSymmetric3 } from '../geometry/invert-symmetric3.ts';
import { distance, trustAt } from '../geometry/robust-weights.ts';
import { landmarkPositions, type SkinLandmarks } from '../template/bind-template.ts';
import { SurfaceMatcher, type TargetSurface } from './target-surface.ts';

/** One level of stiffness: neighbours' unity against the surface's pull, solves with new matches, and the gate in metres. */
export interface StiffnessLevel {
  readonly stiffness: number;
  readonly solves: number;
  readonly gate: number;
}

/** From stiff to soft, for a skin of {@link REFERENCE_VERTICES} vertices. */
export const STIFFNESS_LEVELS: readonly StiffnessLevel[] = [
  { stiffness: 40, solves: 2, gate: 0.012 },
  { stiffness: 16, solves: 2, gate: 0.01 },
  { stiffness: 6, solves: 2, gate: 0.008 },
  { stiffness: 2.5, solves: 2, gate: 0.006 },
  { stiffness: 1, solves: 3, gate: 0.005 },
];
const REFERENCE_VERTICES = 10_000;
/** Pull along the surface, of that across it: matches slide, but not for ever. */
const SLIDING = 0.04;
/** Pull of a fully trusted landmark against that of one vertex, at the stiffest level. */
const LANDMARK_PULL = 0.6;
const HALF_TRUST = 0.005;

export interface NonrigidFitInput {
  /** The template's skin on its own: xyz of all vertices; those of the skin come first. */
  readonly start: Float64Array;
  readonly skinIndices: Uint32Array;
  readonly graph: EdgeGraph;
  readonly registered: Float64Array;
  readonly landmarks: SkinLandmarks;
  /** xyz of each landmark on the surface. */
  readonly points: Float64Array;
  readonly trust: Float64Array;
  readonly surface: TargetSurface;
}

/**
 * Draws a surface onto another one with smooth displacements: Amberg, Romdhani, Vetter, "Optimal step nonrigid ICP", 2007,
 * with one displacement instead of one affine map per vertex, matches that may slide along the surface, and preconditioned
 * conjugate gradients. Only vertices that `graph` joins move together; what is not pulled follows its neighbours.
 *
 * @returns xyz of the skin's vertices.
 */
export function fitNonrigid(input: NonrigidFitInput, levels = STIFFNESS_LEVELS): Float64Array {
  const { start, skinIndices, graph, registered, landmarks, points, trust, surface } = input;
  const size = graph.vertices * 3;
  const rest = start.subarray(0, size);
  const moved = rest.slice();
  const displacement = new Float64Array(size);
  const matcher = new SurfaceMatcher(surface);
  const normals = new Float64Array(size);
  const density = graph.vertices / REFERENCE_VERTICES;
  const restLandmarks = landmarkPositions(landmarks, rest);
  for (const { stiffness, solves, gate } of levels) {
    for (let solve = 0; solve < solves; solve++) {
      vertexNormals(moved, skinIndices, normals);
      const system = new DisplacementSystem(graph, stiffness * density, landmarks);
      for (let v = 0; v < graph.vertices; v++) {
        const weight = registered[v];
        const p = v * 3;
        if (weight === 0 || !matcher.find(v, moved, normals, gate)) continue;
        const m = matcher.match;
        const near = 1 - (m.distance / gate) ** 2;
        system.pull(v, weight * near, m.nx, m.ny, m.nz, m.x - rest[p], m.y - rest[p + 1], m.z - rest[p + 2]);
      }
      const now = landmarkPositions(landmarks, moved);
      // landmarks lead while the surface is stiff; then the surface knows better
      const pull = LANDMARK_PULL * Math.min(1, stiffness / 10) + 0.02;
      for (let i = 0; i < trust.length; i++) {
        const w = trust[i] * landmarks.trust[i];
        system.landmark(
          i,
          w * pull * trustAt(distance(points, now, i), HALF_TRUST),
          points[i * 3] - restLandmarks[i * 3],
          points[i * 3 + 1] - restLandmarks[i * 3 + 1],
          points[i * 3 + 2] - restLandmarks[i * 3 + 2],
        );
      }
      system.solve(displacement);
      for (let i = 0; i < size; i++) moved[i] = rest[i] + displacement[i];
    }
  }
  return moved;
}

/** The linear system of one solve: edge smoothness, pulls across and along the surface, landmarks. */
class DisplacementSystem {
  readonly #graph: EdgeGraph;
  readonly #stiffness: number;
  readonly #landmarks: SkinLandmarks;
  /** Six numbers per vertex: xx, xy, xz, yy, yz, zz. */
  readonly #blocks: Float64Array;
  readonly #right: Float64Array;
  readonly #landmarkPull: Float64Array;

  constructor(graph: EdgeGraph, stiffness: number, landmarks: SkinLandmarks) {
    this.#graph = graph;
    this.#stiffness = stiffness;
    this.#landmarks = landmarks;
    this.#blocks = new Float64Array(graph.vertices * 6);
    this.#right = new Float64Array(graph.vertices * 3);
    this.#landmarkPull = new Float64Array(landmarks.vertices.length / 3);
    for (let v = 0; v < graph.vertices; v++) {
      // a vertex that nothing holds stays
      const hold = 1e-6;
      this.#blocks[v * 6] = hold;
      this.#blocks[v * 6 + 3] = hold;
      this.#blocks[v * 6 + 5] = hold;
    }
  }

  pull(
    v: number,
    weight: number,
    nx: number,
    ny: number,
    nz: number,
    dx: number,
    dy: number,
    dz: number,
  ): void {
    const across = weight * (1 - SLIDING);
    const along = weight * SLIDING;
    const b = this.#blocks;
    const i = v * 6;
    b[i] += across * nx * nx + along;
    b[i + 1] += across * nx * ny;
    b[i + 2] += across * nx * nz;
    b[i + 3] += across * ny * ny + along;
    b[i + 4] += across * ny * nz;
    b[i + 5] += across * nz * nz + along;
    const distance = across * (nx * dx + ny * dy + nz * dz);
    this.#right[v * 3] += distance * nx + along * dx;
    this.#right[v * 3 + 1] += distance * ny + along * dy;
    this.#right[v * 3 + 2] += distance * nz + along * dz;
  }

  landmark(index: number, weight: number, dx: number, dy: number, dz: number): void {
    this.#landmarkPull[index] = weight;
    const { vertices, weights } = this.#landmarks;
    for (let k = index * 3; k < index * 3 + 3; k++) {
      const v = vertices[k] * 3;
      const w = weight * weights[k];
      this.#right[v] += w * dx;
      this.#right[v + 1] += w * dy;
      this.#right[v + 2] += w * dz;
    }
  }

  #multiply(x: Float64Array, out: Float64Array): void {
    const { first, neighbours, vertices } = this.#graph;
    const blocks = this.#blocks;
    const stiffness = this.#stiffness;
    for (let v = 0; v < vertices; v++) {
      const p = v * 3;
      const x0 = x[p];
      const x1 = x[p + 1];
      const x2 = x[p + 2];
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      const end = first[v + 1];
      for (let i = first[v]; i < end; i++) {
        const o = neighbours[i] * 3;
        s0 += x[o];
        s1 += x[o + 1];
        s2 += x[o + 2];
      }
      const degree = end - first[v];
      const b = v * 6;
      out[p] = stiffness * (degree * x0 - s0) + blocks[b] * x0 + blocks[b + 1] * x1 + blocks[b + 2] * x2;
      out[p + 1] =
        stiffness * (degree * x1 - s1) + blocks[b + 1] * x0 + blocks[b + 3] * x1 + blocks[b + 4] * x2;
      out[p + 2] =
        stiffness * (degree * x2 - s2) + blocks[b + 2] * x0 + blocks[b + 4] * x1 + blocks[b + 5] * x2;
    }
    const { vertices: at, weights } = this.#landmarks;
    for (let i = 0; i < this.#landmarkPull.length; i++) {
      const pull = this.#landmarkPull[i];
      if (pull === 0) continue;
      for (let axis = 0; axis < 3; axis++) {
        let sum = 0;
        for (let k = i * 3; k < i * 3 + 3; k++) sum += weights[k] * x[at[k] * 3 + axis];
        for (let k = i * 3; k < i * 3 + 3; k++) out[at[k] * 3 + axis] += pull * weights[k] * sum;
      }
    }
  }

  /** Preconditioned conjugate gradients from `x`, which is overwritten; inverse 3 x 3 blocks of the diagonal before. */
  solve(x: Float64Array, tolerance = 2e-3, steps = 90): void {
    const size = x.length;
    const inverse = this.#inverseBlocks();
    const residual = new Float64Array(size);
    const direction = new Float64Array(size);
    const image = new Float64Array(size);
    const z = new Float64Array(size);
    this.#multiply(x, image);
    for (let i = 0; i < size; i++) residual[i] = this.#right[i] - image[i];
    applyBlocks(inverse, residual, z);
    direction.set(z);
    let rz = dot(residual, z);
    applyBlocks(inverse, this.#right, image);
    const goal = tolerance * tolerance * dot(this.#right, image);
    for (let step = 0; step < steps && rz > goal; step++) {
      this.#multiply(direction, image);
      const alpha = rz / dot(direction, image);
      for (let i = 0; i < size; i++) {
        x[i] += alpha * direction[i];
        residual[i] -= alpha * image[i];
      }
      applyBlocks(inverse, residual, z);
      const next = dot(residual, z);
      const beta = next / rz;
      rz = next;
      for (let i = 0; i < size; i++) direction[i] = z[i] + beta * direction[i];
    }
  }

  #inverseBlocks(): Float64Array {
    const { first, vertices } = this.#graph;
    const out = new Float64Array(vertices * 6);
    for (let v = 0; v < vertices; v++) {
      const b = v * 6;
      const d = this.#stiffness * (first[v + 1] - first[v]);
      const [xx, xy, xz, yy, yz, zz] = this.#blocks.subarray(b, b + 6);
      invertSymmetric3(xx + d, xy, xz, yy + d, yz, zz + d, out, b);
    }
    return out;
  }
}

function applyBlocks(blocks: Float64Array, x: Float64Array, out: Float64Array): void {
  for (let v = 0, b = 0; v < x.length; v += 3, b += 6) {
    const x0 = x[v];
    const x1 = x[v + 1];
    const x2 = x[v + 2];
    out[v] = blocks[b] * x0 + blocks[b + 1] * x1 + blocks[b + 2] * x2;
    out[v + 1] = blocks[b + 1] * x0 + blocks[b + 3] * x1 + blocks[b + 4] * x2;
    out[v + 2] = blocks[b + 2] * x0 + blocks[b + 4] * x1 + blocks[b + 5] * x2;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
