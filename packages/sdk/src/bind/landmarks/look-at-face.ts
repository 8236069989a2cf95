import { LANDMARK_COUNT } from '../found-face.ts';
import { type Crop, type Shading, shadeCrop } from '../render/shade.ts';
import type { View } from '../render/view.ts';
import { type Detection, decodeDetections } from './detections.ts';
import { DETECTOR_SIZE, type FaceNets, LANDMARKS_SIZE } from './face-nets.ts';
import { EYE_CORNERS } from './landmark-sets.ts';

/** A face in a view. */
export interface Look {
  /** The detector's score, 0 to 1; 0 if only the landmark net was asked. */
  readonly detection: number;
  /** How sure the landmark net is that its crop holds a face, 0 to 1. */
  readonly presence: number;
  /** xy of the 468 landmarks in the view's pixels. */
  readonly points: Float64Array;
}

/** The landmark net sees the face's box with so much around it, as it was trained. */
export const CROP_MARGIN = 1.5;

/** The detector on a crop; boxes and points in the view's pixels. */
export async function detectFaces(
  nets: FaceNets,
  view: View,
  crop: Crop,
  minScore: number,
  shading: Shading = 'plain',
): Promise<Detection[]> {
  const { regressors, scores } = await nets.detect(shadeCrop(view, crop, DETECTOR_SIZE, -1, 1, shading));
  return decodeDetections(regressors, scores, minScore).map((detection) => {
    const points = Float64Array.from(detection.points, (value) => value - 0.5);
    for (let k = 0; k < points.length; k += 2) toView(crop, points[k], points[k + 1], points, k);
    const centre = toView(crop, detection.x - 0.5, detection.y - 0.5, new Float64Array(2), 0);
    return {
      score: detection.score,
      x: centre[0],
      y: centre[1],
      width: detection.width * crop.size,
      height: detection.height * crop.size,
      points,
    };
  });
}

/** The crop that the landmark net wants for a detected face. */
export function cropOfDetection({ x, y, width, height, points }: Detection): Crop {
  return {
    x,
    y,
    size: CROP_MARGIN * Math.max(width, height),
    angle: Math.atan2(points[3] - points[1], points[2] - points[0]),
  };
}

/** The crop around landmarks, turned so that the eyes are level. */
export function cropOfPoints(points: Float64Array): Crop {
  const [right, left] = EYE_CORNERS;
  const angle = Math.atan2(
    points[2 * left + 1] - points[2 * right + 1],
    points[2 * left] - points[2 * right],
  );
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let minU = Number.POSITIVE_INFINITY;
  let maxU = Number.NEGATIVE_INFINITY;
  let minV = Number.POSITIVE_INFINITY;
  let maxV = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < points.length; i += 2) {
    const u = cos * points[i] + sin * points[i + 1];
    const v = -sin * points[i] + cos * points[i + 1];
    minU = Math.min(minU, u);
    maxU = Math.max(maxU, u);
    minV = Math.min(minV, v);
    maxV = Math.max(maxV, v);
  }
  const u = (minU + maxU) / 2;
  const v = (minV + maxV) / 2;
  return {
    x: cos * u - sin * v,
    y: sin * u + cos * v,
    size: CROP_MARGIN * Math.max(maxU - minU, maxV - minV),
    angle,
  };
}

/**
 * Finds the landmarks of the face in a view.
 * @param around Where the detector looks.
 * @param expected Where the landmark net looks if the detector sees nothing, or nothing near there. Default: then there is no
 *   face.
 * @param shading How the view is lit.
 */
export async function lookAtFace(
  nets: FaceNets,
  view: View,
  around: Crop,
  expected?: Crop,
  shading: Shading = 'plain',
): Promise<Look | undefined> {
  const detections = await detectFaces(nets, view, around, 0.1, shading);
  let detection: Detection | undefined;
  for (const each of detections) {
    if (expected && Math.hypot(each.x - expected.x, each.y - expected.y) > expected.size / 4) continue;
    if (!detection || each.score * Math.sqrt(each.width) > detection.score * Math.sqrt(detection.width))
      detection = each;
  }
  const start = detection ? cropOfDetection(detection) : expected;
  if (!start) return undefined;
  const first = await landmarksIn(nets, view, start, shading);
  // The box of the landmarks themselves is a better crop than the detector's.
  const second = await landmarksIn(nets, view, cropOfPoints(first.points), shading);
  return { detection: detection?.score ?? 0, ...second };
}

async function landmarksIn(
  nets: FaceNets,
  view: View,
  crop: Crop,
  shading: Shading,
): Promise<{ points: Float64Array; presence: number }> {
  const { landmarks, presence } = await nets.landmarks(shadeCrop(view, crop, LANDMARKS_SIZE, 0, 1, shading));
  const points = new Float64Array(2 * LANDMARK_COUNT);
  for (let i = 0; i < LANDMARK_COUNT; i++)
    toView(
      crop,
      landmarks[3 * i] / LANDMARKS_SIZE - 0.5,
      landmarks[3 * i + 1] / LANDMARKS_SIZE - 0.5,
      points,
      2 * i,
    );
  return { points, presence: 1 / (1 + Math.exp(-presence)) };
}

/** A place in a crop (-0.5 to 0.5) to the view's pixels. */
function toView(crop: Crop, u: number, v: number, out: Float64Array, at: number): Float64Array {
  const cos = Math.cos(crop.angle);
  const sin = Math.sin(crop.angle);
  out[at] = crop.x + crop.size * (cos * u - sin * v);
  out[at + 1] = crop.y + crop.size * (sin * u + cos * v);
  return out;
}
