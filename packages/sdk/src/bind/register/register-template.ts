import { fitSimilarity } from '../../head/fit-similarity.ts';
import {
  applySimilarity,
  composeSimilarities,
  invertSimilarity,
  type Similarity,
} from '../../head/similarity.ts';

import { createEdgeGraph } from '../geometry/edge-graph.ts';

import { type BindTemplate, skinTriangles, type VertexRange } from '../template/bind-template.ts';
import { fitLandmarks, type LandmarkFit } from './fit-landmarks.ts';
import { fitModel } from './fit-model.ts';
import { fitNonrigid } from './fit-nonrigid.ts';
import { type SmoothMaps, type Straightening, straightenHead, straighteningIn } from './straighten-head.ts';
import { createTargetSurface, type TargetSurface } from './target-surface.ts';

/** The template laid onto a head. */
export interface Registration {
  /** Takes the head's frame to the template's. */
  readonly toTemplate: Similarity;
  /** The head in the template's frame; bent to human proportions where it has others. */
  readonly surface: TargetSurface;
  /** V x 3: where the template's vertices came to lie on `surface`, in the template's frame. */
  readonly positions: Float64Array;
  /** How the head was bent, or null where it was not. */
  readonly straightening: Straightening | null;
  /** The head as it is, and the template on it, in the template's frame: the same as `surface` and `positions` where nothing was bent. */
  readonly asItIs: { readonly head: Float64Array; readonly template: Float64Array };
  /** Coefficients of the identity modes. */
  readonly coefficients: Float64Array;
  /** xyz of the landmarks in the template's frame. */
  readonly landmarks: Float64Array;
  /** Weight of each landmark after outliers were put down. */
  readonly landmarkWeights: Float64Array;
  /** Mean distance of the given landmarks to the fitted template's before the surface was looked at, millimetres of the template. */
  readonly landmarkResidualMm: number;
  /** Distance of the registered face to the surface: mean and 95th percentile, millimetres of the template. */
  readonly distanceMm: { readonly mean: number; readonly p95: number };
  /** True when the given landmarks had left and right swapped. */
  readonly swapped: boolean;
}

export interface RegistrationInput {
  /** xyz of the head's welded vertices, in its own frame. */
  readonly positions: Float64Array;
  /** Triangles of what the face is on, counter-clockwise from outside. */
  readonly indices: Uint32Array;
  /** xyz of the 468 landmarks in the head's frame. */
  readonly landmarks: Float64Array;
  /** Weight of each landmark, 0 where unknown. */
  readonly trust: Float64Array;
  /** True when a person set the landmarks: they then count even where no human face has them. */
  readonly byHand?: boolean;
}

/** Largest distance that counts for {@link Registration.distanceMm}, metres. */
const FAR = 0.02;

/** Points further from a human face's than this are those of another kind of face, metres. */
const NO_HUMAN = 0.009;
/** Below that, a bent head is taken where the template comes nearer to its surface, by this factor: sloppy points bend a human face as well. */
const NEARER = 0.9;

/**
 * Lays the template onto a head: landmarks, then identity modes on the surface, then smooth displacements. A head whose points were
 * set by hand is also bent to human proportions, where they say that it has others, and the better of both is taken.
 */
export function registerTemplate(template: BindTemplate, input: RegistrationInput): Registration {
  const byLandmarks = fitLandmarks(template, input.landmarks, input.trust);
  const toTemplate = invertSimilarity(byLandmarks.similarity);
  const points = applySimilarity(toTemplate, byLandmarks.points);
  const odd = input.byHand ? straightenHead(template, points, byLandmarks.trust, byLandmarks.residual) : null;
  if (!odd) return layOn(template, input, byLandmarks, null);
  const bent = layOn(template, input, byLandmarks, odd);
  if (byLandmarks.residual > NO_HUMAN) return bent;
  const plain = layOn(template, input, byLandmarks, null);
  return bent.distanceMm.mean < NEARER * plain.distanceMm.mean ? bent : plain;
}

function layOn(
  template: BindTemplate,
  input: RegistrationInput,
  byLandmarks: LandmarkFit,
  odd: SmoothMaps | null,
): Registration {
  let toTemplate = invertSimilarity(byLandmarks.similarity);
  let head = applySimilarity(toTemplate, input.positions);
  let landmarks = applySimilarity(toTemplate, byLandmarks.points);
  if (odd) landmarks = odd.forth.apply(landmarks);
  const trust = odd ? byLandmarks.trust : byLandmarks.weights;
  const start = odd ? new Float64Array(byLandmarks.coefficients.length) : byLandmarks.coefficients;
  const bent = createTargetSurface(odd ? odd.forth.apply(head) : head, input.indices);
  const byModel = fitModel(template, bent, landmarks, trust, start);
  // the fitted template goes back to its own frame, and the head with it
  const back = invertSimilarity(byModel.similarity);
  toTemplate = composeSimilarities(back, toTemplate);
  head = applySimilarity(back, head);
  const surface = createTargetSurface(odd ? applySimilarity(back, bent.positions) : head, input.indices);
  landmarks = applySimilarity(back, landmarks);
  const shape = applySimilarity(back, byModel.positions);
  const skinIndices = skinTriangles(template);
  const graph = createEdgeGraph(shape.slice(0, template.skinVertices * 3), skinIndices);
  const skin = fitNonrigid({
    start: shape,
    skinIndices,
    graph,
    registered: template.registered,
    landmarks: template.landmarks,
    points: landmarks,
    trust,
    surface,
  });
  const positions = carryParts(template, shape, skin);
  const straightening = odd && straighteningIn(odd, back);
  return {
    toTemplate,
    surface,
    positions,
    straightening,
    asItIs: { head, template: straightening ? straightening.fromStraight(positions) : positions },
    coefficients: byModel.coefficients,
    landmarks,
    landmarkWeights: trust,
    landmarkResidualMm: byLandmarks.residual * 1000,
    distanceMm: distances(template, positions, surface),
    swapped: byLandmarks.swapped,
  };
}

/** What is not skin follows the skin around it: eyes, teeth and tongue by a similarity, lashes and brows with their nearest skin. */
function carryParts(template: BindTemplate, start: Float64Array, skin: Float64Array): Float64Array {
  const positions = start.slice();
  positions.set(skin);
  const samples: number[] = [];
  const stride = Math.max(1, Math.floor(template.skinVertices / 1500));
  for (let v = 0; v < template.skinVertices; v += stride) if (template.registered[v] > 0) samples.push(v);
  const follow = (range: VertexRange, reach: number, rigid: boolean) => {
    const from = start.slice(range.first * 3, (range.first + range.count) * 3);
    const to = from.slice();
    for (let i = 0; i < from.length; i += 3) {
      let sum = 1e-9;
      const shift = [0, 0, 0];
      for (const v of samples) {
        const square =
          (start[v * 3] - from[i]) ** 2 +
          (start[v * 3 + 1] - from[i + 1]) ** 2 +
          (start[v * 3 + 2] - from[i + 2]) ** 2;
        const w = Math.exp(-square / (reach * reach));
        sum += w;
        for (let axis = 0; axis < 3; axis++) shift[axis] += w * (skin[v * 3 + axis] - start[v * 3 + axis]);
      }
      for (let axis = 0; axis < 3; axis++) to[i + axis] += shift[axis] / sum;
    }
    positions.set(rigid ? applySimilarity(fitSimilarity(from, to), from) : to, range.first * 3);
  };
  const mouth = (['upperTeeth', 'lowerTeeth', 'tongue'] as const)
    .map((name) => template.groups[name])
    .filter((range) => range !== undefined);
  const { groups } = template;
  for (const range of [groups.leftEye, groups.rightEye]) if (range) follow(range, 0.02, true);
  if (mouth.length > 0) {
    const first = Math.min(...mouth.map((range) => range.first));
    const end = Math.max(...mouth.map((range) => range.first + range.count));
    follow({ first, count: end - first }, 0.03, true);
  }
  for (const [name, range] of Object.entries(groups)) {
    if (/Lashes|Brow/.test(name)) follow(range, 0.006, false);
  }
  return positions;
}

function distances(
  template: BindTemplate,
  positions: Float64Array,
  surface: TargetSurface,
): { mean: number; p95: number } {
  const all: number[] = [];
  for (let v = 0; v < template.skinVertices; v++) {
    if (template.registered[v] < 0.9) continue;
    const hit = surface.tree.query(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2], FAR);
    all.push(hit.triangle < 0 ? FAR : hit.distance);
  }
  all.sort((a, b) => a - b);
  return {
    mean: (all.reduce((sum, value) => sum + value, 0) / all.length) * 1000,
    p95: all[Math.floor(all.length * 0.95)] * 1000,
  };
}
