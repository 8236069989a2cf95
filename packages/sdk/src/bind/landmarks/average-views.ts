import { applySimilarity, type Similarity } from '../../head/similarity.ts';

import { project } from '../render/camera.ts';
import type { Shading } from '../render/shade.ts';
import { type Drawable, renderView } from '../render/view.ts';
import { alignFace, LOOK_SIZE, REACH, templateCamera, templateCrop } from './align-face.ts';
import type { FaceNets } from './face-nets.ts';
import { type DepthGuide, pointsOnSurface, type SurfaceHits } from './points-on-surface.ts';
import type { TemplateLandmarks } from './template-landmarks.ts';

/** Turns of the camera about the face, yaw and pitch in degrees, from which landmarks are averaged. */
export const TURNS: readonly (readonly [number, number])[] = [
  [0, 0],
  [8, 0],
  [-8, 0],
  [0, 7],
  [0, -7],
];

/** A surface so many metres (of the template) behind a landmark's expected place is not the landmark's. */
const BEHIND = 0.008;

/** Landmarks from several views. */
export interface AveragedLandmarks {
  readonly hits: SurfaceHits;
  /** For each landmark how far the views differ, in metres of the template: mean distance to their mean. */
  readonly spread: Float32Array;
  /** Means over the views. */
  readonly detection: number;
  readonly presence: number;
  /** Views in which there was a face. */
  readonly views: number;
}

/**
 * Looks at a face from several sides, brings the landmarks together in the frontal view and lays their means onto the
 * surface.
 * @param surface What landmarks may lie on, if not all that is drawn: the skin without glasses.
 * @param turns Yaw and pitch in degrees of every view. Default {@link TURNS}.
 */
export async function averageViews(
  nets: FaceNets,
  mesh: Drawable,
  surface: Drawable,
  fromTemplate: Similarity,
  template: TemplateLandmarks,
  fovDeg: number,
  shading: Shading,
  turns = TURNS,
): Promise<AveragedLandmarks | undefined> {
  const front = templateCamera(fromTemplate, template, fovDeg);
  const count = template.weights.length;
  // Lids over hollow sockets, lips over an open mouth, skin behind glasses: where the surface should be tells them apart.
  const guide: DepthGuide = {
    positions: applySimilarity(fromTemplate, template.positions),
    behind: BEHIND * fromTemplate.scale,
  };
  const seen: { points: Float32Array; certainty: Float32Array }[] = [];
  let detection = 0;
  let presence = 0;
  for (const [yaw, pitch] of turns) {
    const camera = templateCamera(fromTemplate, template, fovDeg, yaw, pitch);
    const crop = templateCrop(template, camera, fromTemplate);
    const aligned = await alignFace(nets, mesh, camera, template, shading, crop);
    if (!aligned) continue;
    const view = mesh === surface ? aligned.view : renderView(surface, camera, LOOK_SIZE);
    const hits = pointsOnSurface(view, surface, aligned.look.points, REACH, guide);
    const points = project(front, hits.positions, LOOK_SIZE, LOOK_SIZE, new Float32Array(3 * count));
    detection += aligned.look.detection;
    presence += aligned.look.presence;
    seen.push({ points, certainty: hits.certainty });
  }
  if (seen.length === 0) return undefined;
  const means = new Float64Array(2 * count);
  const spread = new Float32Array(count);
  const metresPerPixel = front.half / (LOOK_SIZE / 2) / fromTemplate.scale;
  for (let i = 0; i < count; i++) {
    const views = seen.filter(({ certainty }) => certainty[i] > 0);
    if (views.length === 0) continue;
    // Start at the median, then let far views count less: a line of sight may have met something else.
    let x = median(views.map(({ points }) => points[3 * i]));
    let y = median(views.map(({ points }) => points[3 * i + 1]));
    for (let round = 0; round < 3; round++) {
      let [sx, sy, sum] = [0, 0, 0];
      for (const { points, certainty } of views) {
        const off = Math.hypot(points[3 * i] - x, points[3 * i + 1] - y) * metresPerPixel;
        const weight = certainty[i] / (1 + (off / 0.002) ** 2);
        sx += weight * points[3 * i];
        sy += weight * points[3 * i + 1];
        sum += weight;
      }
      x = sx / sum;
      y = sy / sum;
    }
    means[2 * i] = x;
    means[2 * i + 1] = y;
    for (const { points } of views)
      spread[i] += (Math.hypot(points[3 * i] - x, points[3 * i + 1] - y) * metresPerPixel) / views.length;
  }
  const hits = pointsOnSurface(renderView(surface, front, LOOK_SIZE), surface, means, REACH, guide);
  for (let i = 0; i < count; i++) if (!seen.some(({ certainty }) => certainty[i] > 0)) hits.certainty[i] = 0;
  return {
    hits,
    spread,
    detection: detection / seen.length,
    presence: presence / seen.length,
    views: seen.length,
  };
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
