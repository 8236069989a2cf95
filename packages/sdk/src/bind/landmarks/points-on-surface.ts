import { depthOf, project } from '../render/camera.ts';
import { barycentricsAt } from '../render/rasterise.ts';
import type { Drawable, View } from '../render/view.ts';

/** Where lines of sight meet the surface. */
export interface SurfaceHits {
  /** Triangle of the drawn mesh for each point, -1 where nothing is near. */
  readonly triangles: Int32Array;
  /** Three weights for each. */
  readonly barycentrics: Float32Array;
  /** xyz for each. */
  readonly positions: Float32Array;
  /** 0 to 1 for each: 1 on the surface, falling to 0 where the nearest surface is `reach` pixels away. */
  readonly certainty: Float32Array;
}

/** Where points should lie about, to tell a lid from the eye or the hollow behind it. */
export interface DepthGuide {
  /** xyz of every point in the head's frame; only how near they are to the viewer counts. */
  readonly positions: ArrayLike<number>;
  /** A surface further behind than this, in the head's unit, is not what a point lies on. */
  readonly behind: number;
}

/**
 * Follows the lines of sight of points in a view to the surface; beside it, to the nearest pixel that shows it.
 * @param points xy pairs in the view's pixels.
 * @param reach How far beside the surface a point may lie, in pixels.
 */
export function pointsOnSurface(
  view: View,
  mesh: Drawable,
  points: Float64Array,
  reach: number,
  guide?: DepthGuide,
): SurfaceHits {
  const count = points.length / 2;
  const { camera } = view;
  const { width, height, triangle } = view.raster;
  const hits: SurfaceHits = {
    triangles: new Int32Array(count).fill(-1),
    barycentrics: new Float32Array(3 * count),
    positions: new Float32Array(3 * count),
    certainty: new Float32Array(count),
  };
  const perPixel = camera.half / (Math.min(width, height) / 2);
  const expected =
    guide && project(camera, Float32Array.from(guide.positions), width, height, new Float32Array(3 * count));
  const weights = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const px = points[2 * i];
    const py = points[2 * i + 1];
    let pixel = nearestSeen(view, px, py, reach);
    if (pixel < 0) continue;
    if (guide && expected) {
      const depth = depthOf(camera, expected[3 * i + 2]);
      if (depth - depthOf(camera, view.raster.nearness[pixel]) > guide.behind)
        pixel = nearestInSpace(view, px, py, depth / perPixel, perPixel, reach);
    }
    const onIt = Math.floor(px) === pixel % width && Math.floor(py) === Math.floor(pixel / width);
    const x = onIt ? px : (pixel % width) + 0.5;
    const y = onIt ? py : Math.floor(pixel / width) + 0.5;
    const t = triangle[pixel];
    barycentricsAt(view.screen, mesh.triangles, t, x, y, camera.fovDeg > 0, weights);
    hits.triangles[i] = t;
    hits.certainty[i] = Math.max(0, 1 - Math.hypot(x - px, y - py) / (reach + 1));
    for (let k = 0; k < 3; k++) {
      hits.barycentrics[3 * i + k] = weights[k];
      const vertex = 3 * mesh.triangles[3 * t + k];
      for (let axis = 0; axis < 3; axis++)
        hits.positions[3 * i + axis] += weights[k] * mesh.positions[vertex + axis];
    }
  }
  return hits;
}

/** The pixel at a point, or the nearest within `reach` that shows something; -1 if there is none. */
function nearestSeen(view: View, px: number, py: number, reach: number): number {
  const { width, height, triangle } = view.raster;
  const cx = Math.floor(px);
  const cy = Math.floor(py);
  let best = -1;
  let bestSquared = Number.POSITIVE_INFINITY;
  for (let ring = 0; ring <= reach && (ring - 1) ** 2 < bestSquared; ring++)
    for (let y = cy - ring; y <= cy + ring; y++) {
      const step = y === cy - ring || y === cy + ring ? 1 : 2 * ring;
      for (let x = cx - ring; x <= cx + ring; x += step || 1) {
        if (x < 0 || y < 0 || x >= width || y >= height || triangle[y * width + x] < 0) continue;
        const squared = ring === 0 ? 0 : (x + 0.5 - px) ** 2 + (y + 0.5 - py) ** 2;
        if (squared < bestSquared) {
          bestSquared = squared;
          best = y * width + x;
        }
      }
    }
  return best;
}

/** The pixel within `reach` whose surface is nearest to a place given by pixels and depth (in pixels too). */
function nearestInSpace(
  view: View,
  px: number,
  py: number,
  depth: number,
  perPixel: number,
  reach: number,
): number {
  const { width, height, triangle, nearness } = view.raster;
  let best = -1;
  let bestSquared = Number.POSITIVE_INFINITY;
  for (let y = Math.max(0, Math.floor(py - reach)); y <= Math.min(height - 1, py + reach); y++)
    for (let x = Math.max(0, Math.floor(px - reach)); x <= Math.min(width - 1, px + reach); x++) {
      const at = y * width + x;
      if (triangle[at] < 0) continue;
      const behind = depthOf(view.camera, nearness[at]) / perPixel - depth;
      const squared = (x + 0.5 - px) ** 2 + (y + 0.5 - py) ** 2 + behind * behind;
      if (squared < bestSquared) {
        bestSquared = squared;
        best = at;
      }
    }
  return best;
}
