import { applySimilarity, invertSimilarity, type Similarity } from '../../head/similarity.ts';
import { distance } from '../geometry/robust-weights.ts';
import type { Camera } from '../render/camera.ts';
import type { Crop, Shading } from '../render/shade.ts';
import { type Drawable, renderView, type View } from '../render/view.ts';
import type { FaceNets } from './face-nets.ts';
import { fitSimilarityRobustly } from './fit-similarity-robustly.ts';
import { type Look, lookAtFace } from './look-at-face.ts';
import { pointsOnSurface, type SurfaceHits } from './points-on-surface.ts';
import type { TemplateLandmarks } from './template-landmarks.ts';

/** Side of the views from which landmarks are taken, in pixels: two for each of the net's. */
export const LOOK_SIZE = 384;
/** How far beside the surface a landmark may lie and still be put onto it, in pixels of such a view. */
export const REACH = 12;
/** Landmarks that differ from the template's by this many metres count half. */
const TOLERANCE = 0.006;

/** A face in a view, laid onto the surface and aligned with the template. */
export interface Alignment {
  readonly look: Look;
  readonly view: View;
  readonly hits: SurfaceHits;
  /** Template's frame to the head's. */
  readonly fromTemplate: Similarity;
  /** Robust mean distance of the landmarks to the template's, in metres of the template. */
  readonly residual: number;
}

/** A camera that sees the template's face, turned by `yawDeg` (to the person's left) and `pitchDeg` (up). */
export function templateCamera(
  fromTemplate: Similarity,
  template: TemplateLandmarks,
  fovDeg: number,
  yawDeg = 0,
  pitchDeg = 0,
): Camera {
  const { centre, size } = faceBox(template);
  const target = applySimilarity(fromTemplate, centre);
  const yaw = (yawDeg * Math.PI) / 180;
  const pitch = (pitchDeg * Math.PI) / 180;
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  // Camera axes in the template's frame: right, up, towards the viewer.
  const axes = [cy, 0, -sy, -sy * sp, cp, -cy * sp, sy * cp, sp, cy * cp];
  const r = fromTemplate.rotation;
  const rotation = new Float64Array(9);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      for (let k = 0; k < 3; k++) rotation[3 * row + column] += axes[3 * row + k] * r[3 * column + k];
  return { rotation, target, half: fromTemplate.scale * size * 0.8, fovDeg };
}

/** Middle and larger side of the template's face as the landmarks span it, in metres. */
export function faceBox({ positions }: TemplateLandmarks): {
  centre: [number, number, number];
  size: number;
} {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    min[i % 3] = Math.min(min[i % 3], positions[i]);
    max[i % 3] = Math.max(max[i % 3], positions[i]);
  }
  return {
    centre: [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2],
    size: Math.max(max[0] - min[0], max[1] - min[1]),
  };
}

/** The crop that a view of {@link templateCamera} holds the face in. */
export function templateCrop(template: TemplateLandmarks, camera: Camera, fromTemplate: Similarity): Crop {
  const { size } = faceBox(template);
  const pixels = LOOK_SIZE / 2 / camera.half;
  return { x: LOOK_SIZE / 2, y: LOOK_SIZE / 2, size: 1.5 * size * fromTemplate.scale * pixels, angle: 0 };
}

/**
 * Renders one view, finds the landmarks in it, lays them onto the surface and fits the template to them.
 * @param expected Where the face is if the detector does not see it.
 * @returns undefined if there is no face, or hardly any surface under the landmarks.
 */
export async function alignFace(
  nets: FaceNets,
  mesh: Drawable,
  camera: Camera,
  template: TemplateLandmarks,
  shading: Shading,
  expected?: Crop,
): Promise<Alignment | undefined> {
  const view = renderView(mesh, camera, LOOK_SIZE);
  const whole: Crop = { x: LOOK_SIZE / 2, y: LOOK_SIZE / 2, size: LOOK_SIZE, angle: 0 };
  const look = await lookAtFace(nets, view, whole, expected, shading);
  if (!look) return undefined;
  const hits = pointsOnSurface(view, mesh, look.points, REACH);
  const fit = fitTemplate(template, hits);
  return fit && { look, view, hits, ...fit };
}

/** Fits the template's landmarks to points on a head. */
export function fitTemplate(
  template: TemplateLandmarks,
  hits: Pick<SurfaceHits, 'positions' | 'certainty'>,
): { fromTemplate: Similarity; residual: number } | undefined {
  const weights = Float64Array.from(template.weights, (weight, i) => weight * hits.certainty[i]);
  // Fitted from the head to the template, so that distances are metres of the template.
  const toTemplate = fitSimilarityRobustly(hits.positions, template.positions, weights, TOLERANCE);
  if (!toTemplate) return undefined;
  const moved = applySimilarity(toTemplate, hits.positions);
  let sum = 0;
  let total = 0;
  let seen = 0;
  let all = 0;
  for (let i = 0; i < weights.length; i++) {
    all += template.weights[i];
    seen += weights[i];
    // One landmark on a hair card is no reason to doubt the rest.
    sum += weights[i] * Math.min(distance(moved, template.positions, i), 4 * TOLERANCE);
    total += weights[i];
  }
  if (seen < 0.5 * all) return undefined;
  return { fromTemplate: invertSimilarity(toTemplate), residual: sum / total };
}
