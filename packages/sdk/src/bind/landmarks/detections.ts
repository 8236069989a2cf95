import { DETECTOR_SIZE } from './face-nets.ts';

/** A face in a picture, in the unit in which the picture's side is 1. */
export interface Detection {
  /** 0 to 1. */
  readonly score: number;
  /** Centre and size of the box around eyes and mouth. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** xy of six points: the person's right eye, left eye, nose tip, mouth, right and left ear. */
  readonly points: Float64Array;
}

/** Cells of 8 pixels with 2 anchors each, then cells of 16 pixels with 6. */
const ANCHORS = buildAnchors();
const VALUES = 16;
const OVERLAP = 0.3;

/**
 * Decodes the detector's output and merges what overlaps: the weighted mean of boxes that overlap the best one by 0.3, as
 * MediaPipe does.
 * @param regressors 896 x 16.
 * @param scores 896 logits.
 * @param minScore Detections below are left out.
 * @returns Best first.
 */
export function decodeDetections(
  regressors: Float32Array,
  scores: Float32Array,
  minScore: number,
): Detection[] {
  const found: Detection[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = 1 / (1 + Math.exp(-Math.min(80, Math.max(-80, scores[i]))));
    if (score < minScore) continue;
    const anchorX = ANCHORS[2 * i];
    const anchorY = ANCHORS[2 * i + 1];
    const at = i * VALUES;
    const points = new Float64Array(12);
    for (let k = 0; k < 12; k++)
      points[k] = regressors[at + 4 + k] / DETECTOR_SIZE + (k % 2 === 0 ? anchorX : anchorY);
    found.push({
      score,
      x: regressors[at] / DETECTOR_SIZE + anchorX,
      y: regressors[at + 1] / DETECTOR_SIZE + anchorY,
      width: regressors[at + 2] / DETECTOR_SIZE,
      height: regressors[at + 3] / DETECTOR_SIZE,
      points,
    });
  }
  found.sort((a, b) => b.score - a.score);
  const merged: Detection[] = [];
  let rest = found;
  while (rest.length > 0) {
    const best = rest[0];
    const group = rest.filter((each) => each === best || overlap(best, each) >= OVERLAP);
    merged.push(mean(group));
    rest = rest.filter((each) => !group.includes(each));
  }
  return merged;
}

function mean(group: readonly Detection[]): Detection {
  const sum = group.reduce((total, { score }) => total + score, 0);
  const average = (of: (detection: Detection) => number): number =>
    group.reduce((total, each) => total + each.score * of(each), 0) / sum;
  return {
    score: group[0].score,
    x: average((each) => each.x),
    y: average((each) => each.y),
    width: average((each) => each.width),
    height: average((each) => each.height),
    points: Float64Array.from({ length: 12 }, (_, k) => average((each) => each.points[k])),
  };
}

function overlap(a: Detection, b: Detection): number {
  const width =
    Math.min(a.x + a.width / 2, b.x + b.width / 2) - Math.max(a.x - a.width / 2, b.x - b.width / 2);
  const height =
    Math.min(a.y + a.height / 2, b.y + b.height / 2) - Math.max(a.y - a.height / 2, b.y - b.height / 2);
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (a.width * a.height + b.width * b.height - both);
}

function buildAnchors(): Float64Array {
  const anchors: number[] = [];
  for (const [cell, copies] of [
    [8, 2],
    [16, 6],
  ]) {
    const cells = DETECTOR_SIZE / cell;
    for (let y = 0; y < cells; y++)
      for (let x = 0; x < cells; x++)
        for (let copy = 0; copy < copies; copy++) anchors.push((x + 0.5) / cells, (y + 0.5) / cells);
  }
  return Float64Array.from(anchors);
}
