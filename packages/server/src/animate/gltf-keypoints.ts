import { fitSimilarity, ParleyError, type Similarity } from '@parley/sdk';
import type { FaceModelFiles } from './face-model-files.ts';
import type { GltfHead } from './gltf-head.ts';
import { type GltfSurface, gltfSurface } from './gltf-surface.ts';
import type { LinearKeypoints } from './linear-keypoints.ts';

/** Rounds of matching and fitting again. */
const ROUNDS = 12;
/** One in so many vertices of the template takes part in the fit. */
const FIT_STRIDE = 13;
/** The better part of the matches counts in the fit: hair, ears and neck differ between heads. */
const TRUSTED = 0.6;
/** Shapes that head and template must have in common. */
const FEWEST_SHAPES = 6;
/** Weight of "moves alike" against "lies near", both in metres squared. */
const MOTION_WEIGHT = 0.5;

/** Points, and how each of several shapes moves them. */
interface MovingPoints {
  readonly positions: Float32Array;
  readonly fields: readonly Float32Array[];
}

/**
 * The 68 points of a glTF head, moved by its own morph targets. The template is fitted to the head by what their shapes of
 * the same name move, then each landmark takes the head's vertex that lies nearest and moves most alike: so points on the
 * upper and the lower lip, which touch at rest, do not change sides.
 *
 * @throws ParleyError `no-correspondence` when too few shapes are common to both.
 */
export function gltfKeypoints(head: GltfHead, { template, info }: FaceModelFiles): LinearKeypoints {
  const surface = gltfSurface(head.morphNodes);
  const { basis } = template;
  const shared = [...basis.controlIndices.keys()].filter(
    (shape) => surface.fields.has(basis.controlIndices[shape]!) && basis.names[shape] !== 'tongueOut',
  );
  if (shared.length < FEWEST_SHAPES)
    throw new ParleyError(
      'no-correspondence',
      `The head has only ${shared.length} of the ARKit shapes, too few to find the 68 points on it: export it with all 52`,
    );
  const source: MovingPoints = {
    positions: template.surface.positions.subarray(0, basis.vertices * 3),
    fields: shared.map((shape) => {
      const size = basis.vertices * 3;
      return Float32Array.from(
        basis.offsets.subarray(shape * size, (shape + 1) * size),
        (offset) => offset * basis.scale[shape]!,
      );
    }),
  };
  const target: MovingPoints = {
    positions: surface.positions,
    fields: shared.map((shape) => surface.fields.get(basis.controlIndices[shape]!)!),
  };
  const fit = fitHead(source, target);
  const gains = source.fields.map(
    (field, i) => (fit.scale * largest(field)) / (largest(target.fields[i]!) || 1),
  );
  const chosen = info.landmarks.vertices.map(
    (vertex) => nearest(carried(source, vertex, fit), target, gains).vertex,
  );
  return pointsOf(surface, chosen);
}

function pointsOf(surface: GltfSurface, vertices: readonly number[]): LinearKeypoints {
  const pick = (values: Float32Array) =>
    Float32Array.from(
      { length: vertices.length * 3 },
      (_, i) => values[vertices[Math.floor(i / 3)]! * 3 + (i % 3)]!,
    );
  return {
    rest: pick(surface.positions),
    fields: [...surface.fields].map(([control, field]) => ({ control, offsets: pick(field) })),
  };
}

/** First by the centres of what each shape moves, then by nearest points. */
function fitHead(source: MovingPoints, target: MovingPoints): Similarity {
  const centres = (points: MovingPoints) =>
    Float32Array.from(points.fields.flatMap((field) => centreOfMotion(points.positions, field)));
  let fit = fitSimilarity(centres(source), centres(target), { scale: 'spreads' });
  for (let round = 0; round < ROUNDS; round++) {
    const gains = source.fields.map(
      (field, i) => (fit.scale * largest(field)) / (largest(target.fields[i]!) || 1),
    );
    const matches: { from: number; to: number; cost: number }[] = [];
    for (let vertex = 0; vertex < source.positions.length / 3; vertex += FIT_STRIDE) {
      const found = nearest(carried(source, vertex, fit), target, gains);
      matches.push({ from: vertex, to: found.vertex, cost: found.cost });
    }
    matches.sort((a, b) => a.cost - b.cost);
    const trusted = matches.slice(0, Math.ceil(matches.length * TRUSTED));
    const gather = (positions: Float32Array, vertices: number[]) =>
      Float32Array.from(vertices.flatMap((v) => [...positions.subarray(v * 3, v * 3 + 3)]));
    fit = fitSimilarity(
      gather(
        source.positions,
        trusted.map(({ from }) => from),
      ),
      gather(
        target.positions,
        trusted.map(({ to }) => to),
      ),
      { scale: 'spreads' },
    );
  }
  return fit;
}

function centreOfMotion(positions: Float32Array, field: Float32Array): [number, number, number] {
  const centre: [number, number, number] = [0, 0, 0];
  let sum = 0;
  for (let i = 0; i < field.length; i += 3) {
    const weight = field[i]! ** 2 + field[i + 1]! ** 2 + field[i + 2]! ** 2;
    sum += weight;
    for (let axis = 0; axis < 3; axis++) centre[axis]! += weight * positions[i + axis]!;
  }
  return centre.map((value) => value / (sum || 1)) as [number, number, number];
}

/** A template vertex on the head: its place, then its motion under each shape, three numbers each. */
function carried(points: MovingPoints, vertex: number, fit: Similarity): Float64Array {
  const out = new Float64Array(3 + points.fields.length * 3);
  turn(points.positions, vertex * 3, fit, out, 0);
  for (let axis = 0; axis < 3; axis++) out[axis]! += fit.translation[axis]!;
  points.fields.forEach((field, i) => {
    turn(field, vertex * 3, fit, out, 3 + i * 3);
  });
  return out;
}

function turn(
  from: Float32Array,
  at: number,
  { rotation: r, scale }: Similarity,
  to: Float64Array,
  index: number,
): void {
  for (let row = 0; row < 3; row++)
    to[index + row] =
      scale * (r[row * 3]! * from[at]! + r[row * 3 + 1]! * from[at + 1]! + r[row * 3 + 2]! * from[at + 2]!);
}

/** @param gains Bring each of the head's shapes to the template's strength: artists differ in that. */
function nearest(
  point: Float64Array,
  { positions, fields }: MovingPoints,
  gains: readonly number[],
): { vertex: number; cost: number } {
  let vertex = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < positions.length; i += 3) {
    let cost =
      (positions[i]! - point[0]!) ** 2 +
      (positions[i + 1]! - point[1]!) ** 2 +
      (positions[i + 2]! - point[2]!) ** 2;
    for (let f = 0; f < fields.length && cost < least; f++) {
      const field = fields[f]!;
      const gain = gains[f]!;
      const at = 3 + f * 3;
      cost +=
        MOTION_WEIGHT *
        ((field[i]! * gain - point[at]!) ** 2 +
          (field[i + 1]! * gain - point[at + 1]!) ** 2 +
          (field[i + 2]! * gain - point[at + 2]!) ** 2);
    }
    if (cost < least) {
      least = cost;
      vertex = i / 3;
    }
  }
  return { vertex, cost: least };
}

function largest(field: Float32Array): number {
  let squared = 0;
  for (let i = 0; i < field.length; i += 3)
    squared = Math.max(squared, field[i]! ** 2 + field[i + 1]! ** 2 + field[i + 2]! ** 2);
  return Math.sqrt(squared);
}
