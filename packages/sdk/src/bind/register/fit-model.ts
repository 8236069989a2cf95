import { applySimilarity, composeSimilarities, type Similarity } from '../../head/similarity.ts';
import { vertexNormals } from '../../head/vertex-normals.ts';
import { distance, trustAt } from '../geometry/robust-weights.ts';

import { solveSymmetric } from '../geometry/solve-symmetric.ts';
import { type BindTemplate, landmarkPositions, skinTriangles } from '../template/bind-template.ts';
import { addModes } from './fit-landmarks.ts';
import { SurfaceMatcher, type TargetSurface } from './target-surface.ts';

/** Gates of the rounds, in metres. */
const GATES = [0.02, 0.016, 0.012, 0.01, 0.008, 0.006, 0.006, 0.005, 0.005, 0.005];
/** About as many template vertices are sampled. */
const SAMPLES = 1600;
/** Expected noise of a sampled distance, in metres: what the modes may leave unexplained. */
const NOISE = 0.0015;
/** Expected noise of a landmark, in metres. */
const LANDMARK_NOISE = 0.004;
/** Landmarks further from their place than this count half, in metres. */
const HALF_TRUST = 0.006;
/** Neighbouring samples tell the same; each counts as this part of an independent one. */
const INDEPENDENCE = 0.12;

/** The template brought onto a surface by its identity modes alone. */
export interface ModelFit {
  /** Takes the fitted template to the surface's frame. */
  readonly similarity: Similarity;
  readonly coefficients: Float64Array;
  /** V x 3 in the surface's frame. */
  readonly positions: Float64Array;
}

/**
 * Fits similarity and identity modes to a surface, point to plane, together with the landmarks and the modes' own spread.
 *
 * @param surface - Near the template's frame: landmarks have been fitted.
 * @param landmarks - xyz each in the surface's frame.
 * @param trust - One weight per landmark.
 * @param start - Coefficients to start from.
 */
export function fitModel(
  template: BindTemplate,
  surface: TargetSurface,
  landmarks: Float64Array,
  trust: Float64Array,
  start: Float64Array,
): ModelFit {
  const { modes, registered, skinVertices } = template;
  const matcher = new SurfaceMatcher(surface);
  const count = modes.length;
  const unknowns = count + 7;
  const coefficients = start.slice();
  const shape = new Float64Array(template.positions.length);
  let similarity: Similarity = {
    scale: 1,
    rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    translation: new Float64Array(3),
  };
  const samples = sampleVertices(registered, skinVertices);
  const skinIndices = skinTriangles(template);
  const ofSamples = offsetsAt(modes, samples);
  const ofLandmarks = offsetsAt(
    modes.map((mode) => landmarkPositions(template.landmarks, mode)),
    Uint32Array.from(trust.keys()),
  );
  const positions = new Float64Array(template.positions.length);
  const row = new Float64Array(unknowns);
  const normals = new Float64Array(positions.length);
  for (const gate of GATES) {
    addModes(template.positions, modes, coefficients, shape);
    applySimilarity(similarity, shape, positions);
    vertexNormals(positions, skinIndices, normals);
    const a = new Float64Array(unknowns * unknowns);
    const b = new Float64Array(unknowns);
    const centre = centreOf(positions, samples);
    const { rotation: r, scale } = similarity;
    const addRow = (weight: number, difference: number) => {
      for (let i = 0; i < unknowns; i++) {
        const left = weight * row[i];
        if (left === 0) continue;
        b[i] += left * difference;
        const at = i * unknowns;
        for (let j = 0; j <= i; j++) a[at + j] += left * row[j];
      }
    };
    const fillRow = (
      x: number,
      y: number,
      z: number,
      nx: number,
      ny: number,
      nz: number,
      offsets: Float64Array,
      at: number,
    ) => {
      // the normal turned back into the template's frame, so that modes need no turning
      const mx = scale * (r[0] * nx + r[3] * ny + r[6] * nz);
      const my = scale * (r[1] * nx + r[4] * ny + r[7] * nz);
      const mz = scale * (r[2] * nx + r[5] * ny + r[8] * nz);
      for (let k = 0, o = at * count * 3; k < count; k++, o += 3)
        row[k] = mx * offsets[o] + my * offsets[o + 1] + mz * offsets[o + 2];
      const px = x - centre[0];
      const py = y - centre[1];
      const pz = z - centre[2];
      row[count] = py * nz - pz * ny;
      row[count + 1] = pz * nx - px * nz;
      row[count + 2] = px * ny - py * nx;
      row[count + 3] = nx;
      row[count + 4] = ny;
      row[count + 5] = nz;
      row[count + 6] = px * nx + py * ny + pz * nz;
    };
    let matched = 0;
    for (let i = 0; i < samples.length; i++) {
      const v = samples[i];
      const p = v * 3;
      if (!matcher.find(v, positions, normals, gate)) continue;
      const m = matcher.match;
      matched++;
      fillRow(positions[p], positions[p + 1], positions[p + 2], m.nx, m.ny, m.nz, ofSamples, i);
      const difference =
        (m.x - positions[p]) * m.nx + (m.y - positions[p + 1]) * m.ny + (m.z - positions[p + 2]) * m.nz;
      const robust = trustAt(difference, gate * 0.5);
      addRow((registered[v] * robust * INDEPENDENCE) / NOISE ** 2, difference);
    }
    const at = landmarkPositions(template.landmarks, positions);
    for (let i = 0; i < trust.length; i++) {
      const w = trust[i] * template.landmarks.trust[i];
      if (w === 0) continue;
      const robust =
        (w * INDEPENDENCE * trustAt(distance(landmarks, at, i), HALF_TRUST)) / LANDMARK_NOISE ** 2;
      for (let axis = 0; axis < 3; axis++) {
        fillRow(
          at[i * 3],
          at[i * 3 + 1],
          at[i * 3 + 2],
          axis === 0 ? 1 : 0,
          axis === 1 ? 1 : 0,
          axis === 2 ? 1 : 0,
          ofLandmarks,
          i,
        );
        addRow(robust, landmarks[i * 3 + axis] - at[i * 3 + axis]);
      }
    }
    if (matched < 30 && trust.every((w) => w === 0)) break;
    // the prior: coefficients are about 1, and the step starts from those of now
    for (let k = 0; k < count; k++) {
      a[k * unknowns + k] += 1;
      b[k] -= coefficients[k];
    }
    for (let k = count; k < unknowns; k++) a[k * unknowns + k] += 1e-3;
    const step = solveSymmetric(a, b);
    for (let k = 0; k < count; k++) coefficients[k] += step[k];
    similarity = composeSimilarities(smallMotion(step.subarray(count), centre), similarity);
  }
  addModes(template.positions, modes, coefficients, shape);
  return { similarity, coefficients, positions: applySimilarity(similarity, shape, positions) };
}

/** What each mode does to some points, all modes of one point after the other: in the order in which they are read. */
function offsetsAt(modes: readonly ArrayLike<number>[], points: Uint32Array): Float64Array {
  const out = new Float64Array(points.length * modes.length * 3);
  modes.forEach((mode, k) => {
    points.forEach((point, i) => {
      for (let axis = 0; axis < 3; axis++) out[(i * modes.length + k) * 3 + axis] = mode[point * 3 + axis];
    });
  });
  return out;
}

/** Vertices evenly by index, where they take part at all. */
function sampleVertices(registered: Float64Array, skinVertices: number): Uint32Array {
  const taking: number[] = [];
  for (let v = 0; v < skinVertices; v++) if (registered[v] > 0.2) taking.push(v);
  const stride = Math.max(1, taking.length / SAMPLES);
  return Uint32Array.from(
    { length: Math.floor(taking.length / stride) },
    (_, i) => taking[Math.floor(i * stride)],
  );
}

function centreOf(positions: Float64Array, vertices: Uint32Array): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (const v of vertices) for (let axis = 0; axis < 3; axis++) sum[axis] += positions[v * 3 + axis];
  return [sum[0] / vertices.length, sum[1] / vertices.length, sum[2] / vertices.length];
}

/** Rotation vector, shift and relative growth about a centre. */
function smallMotion(step: Float64Array, centre: readonly number[]): Similarity {
  const angle = Math.hypot(step[0], step[1], step[2]);
  const half = angle / 2;
  const f = angle > 1e-12 ? Math.sin(half) / angle : 0.5;
  const [x, y, z, w] = [step[0] * f, step[1] * f, step[2] * f, Math.cos(half)];
  const rotation = Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - z * w),
    2 * (x * z + y * w),
    2 * (x * y + z * w),
    1 - 2 * (x * x + z * z),
    2 * (y * z - x * w),
    2 * (x * z - y * w),
    2 * (y * z + x * w),
    1 - 2 * (x * x + y * y),
  );
  const scale = Math.exp(Math.max(-0.2, Math.min(0.2, step[6])));
  const about = applySimilarity({ scale, rotation, translation: new Float64Array(3) }, centre);
  return {
    scale,
    rotation,
    translation: Float64Array.of(
      centre[0] + step[3] - about[0],
      centre[1] + step[4] - about[1],
      centre[2] + step[5] - about[2],
    ),
  };
}
