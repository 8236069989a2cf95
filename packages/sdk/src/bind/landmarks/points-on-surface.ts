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
): SurfaceHits {
  const count = points.length / 2;
  const { width, height, triangle } = view.raster;
  const hits: SurfaceHits = {
    triangles: new Int32Array(count).fill(-1),
    barycentrics: new Float32Array(3 * count),
    positions: new Float32Array(3 * count),
    certainty: new Float32Array(count),
  };
  const weights = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const px = points[2 * i];
    const py = points[2 * i + 1];
    const cx = Math.floor(px);
    const cy = Math.floor(py);
    let best = -1;
    let bestSquared = Number.POSITIVE_INFINITY;
    for (let ring = 0; ring <= reach && (ring - 1) ** 2 < bestSquared; ring++)
      for (let y = cy - ring; y <= cy + ring; y++)
        for (let x = cx - ring; x <= cx + ring; x += y === cy - ring || y === cy + ring ? 1 : 2 * ring || 1) {
          if (x < 0 || y < 0 || x >= width || y >= height || triangle[y * width + x] < 0) continue;
          const squared = ring === 0 ? 0 : (x + 0.5 - px) ** 2 + (y + 0.5 - py) ** 2;
          if (squared < bestSquared) {
            bestSquared = squared;
            best = y * width + x;
          }
        }
    if (best < 0) continue;
    const t = triangle[best];
    const onIt = bestSquared === 0;
    const x = onIt ? px : (best % width) + 0.5;
    const y = onIt ? py : Math.floor(best / width) + 0.5;
    barycentricsAt(view.screen, mesh.triangles, t, x, y, view.camera.fovDeg > 0, weights);
    hits.triangles[i] = t;
    hits.certainty[i] = Math.max(0, 1 - Math.sqrt(bestSquared) / (reach + 1));
    for (let k = 0; k < 3; k++) {
      hits.barycentrics[3 * i + k] = weights[k];
      const vertex = 3 * mesh.triangles[3 * t + k];
      for (let axis = 0; axis < 3; axis++)
        hits.positions[3 * i + axis] += weights[k] * mesh.positions[vertex + axis];
    }
  }
  return hits;
}
