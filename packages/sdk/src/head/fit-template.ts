import { fitSimilarity } from './fit-similarity.ts';
import type { ObjSurface } from './read-obj.ts';
import type { Similarity } from './similarity.ts';
import type { TemplateFace } from './template-face.ts';

/** How far an identity's local size may leave the overall one. */
const LOCAL_SCALE_RANGE = [0.5, 2] as const;
/** Rounds of averaging over neighbours, so that local sizes change smoothly over the face. */
const SMOOTHING_ROUNDS = 12;

/** Fields of the template, turned and scaled to fit a head of its topology. */
export interface FittedFields {
  /** For each shape control, xyz per vertex of the head at weight 1; vertices that the template lacks stay still. */
  readonly deltas: Float32Array[];
  /** From the template to the head. */
  readonly similarity: Similarity;
}

/**
 * Fits the template's fields to another identity: each delta is turned and scaled with the whole head, and once more by
 * how the lengths of the edges around its vertex compare.
 */
export function fitTemplate(template: TemplateFace, head: ObjSurface): FittedFields {
  const { basis, surface } = template;
  const similarity = fitSimilarity(surface.positions.subarray(0, basis.vertices * 3), head.positions, {
    scale: 'spreads',
  });
  const local = localScales(template, head, similarity.scale);
  const r = similarity.rotation;
  const deltas: Float32Array[] = [];
  for (let shape = 0; shape < basis.shapes; shape++) {
    const delta = new Float32Array(head.positions.length);
    const first = shape * basis.vertices * 3;
    const unit = basis.scale[shape] * similarity.scale;
    for (let v = 0; v < basis.vertices; v++) {
      const i = v * 3;
      const x = basis.offsets[first + i];
      const y = basis.offsets[first + i + 1];
      const z = basis.offsets[first + i + 2];
      const size = unit * local[v];
      delta[i] = size * (r[0] * x + r[1] * y + r[2] * z);
      delta[i + 1] = size * (r[3] * x + r[4] * y + r[5] * z);
      delta[i + 2] = size * (r[6] * x + r[7] * y + r[8] * z);
    }
    deltas.push(delta);
  }
  return { deltas, similarity };
}

function localScales(template: TemplateFace, head: ObjSurface, scale: number): Float32Array {
  const { edges, basis, surface } = template;
  const own = new Float32Array(basis.vertices);
  const borrowed = new Float32Array(basis.vertices);
  for (let i = 0; i < edges.length; i += 2) {
    const headLength = distance(head.positions, edges[i], edges[i + 1]);
    const templateLength = distance(surface.positions, edges[i], edges[i + 1]) * scale;
    for (const v of [edges[i], edges[i + 1]]) {
      own[v] += headLength;
      borrowed[v] += templateLength;
    }
  }
  let scales: Float32Array = own.map((length, v) => {
    const ratio = borrowed[v] > 0 ? length / borrowed[v] : 1;
    return Math.min(Math.max(ratio, LOCAL_SCALE_RANGE[0]), LOCAL_SCALE_RANGE[1]);
  });
  for (let round = 0; round < SMOOTHING_ROUNDS; round++) scales = smoothed(scales, edges);
  return scales;
}

function smoothed(values: Float32Array, edges: Uint32Array): Float32Array {
  const sums = values.slice();
  const counts = new Float32Array(values.length).fill(1);
  for (let i = 0; i < edges.length; i += 2) {
    const a = edges[i];
    const b = edges[i + 1];
    sums[a] += values[b];
    sums[b] += values[a];
    counts[a]++;
    counts[b]++;
  }
  return sums.map((sum, v) => sum / counts[v]);
}

function distance(p: Float32Array, a: number, b: number): number {
  const i = a * 3;
  const j = b * 3;
  return Math.hypot(p[i] - p[j], p[i + 1] - p[j + 1], p[i + 2] - p[j + 2]);
}
