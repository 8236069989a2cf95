import { type BindTemplate, landmarkPositions } from '../template/bind-template.ts';
import { MOUTH_CORNERS } from '../template/face-mesh-indices.ts';

/** Around the middle of the mouth maps are one up to the first distance, and as they were from the second on; metres. */
const EVEN = [0.055, 0.085] as const;
/** How motion grows with the width of the mouth: a mouth of half the width opens 0.7 as far; and limits of that. */
const GROWTH = 0.5;
const LIMITS = [0.4, 1.8] as const;

/**
 * Replaces the maps around a mouth by one scale, that of the mouth's width. Where lips and chin have other proportions than a human
 * face, as on a muzzle, maps of their own would let a lip drop below the chin that bears it.
 *
 * @param own - V x 3, the template as it lies on the head.
 * @param maps - 3 x 3 per template vertex; changed in place.
 */
export function evenMouthMaps(template: BindTemplate, own: Float64Array, maps: Float64Array): void {
  const { positions, landmarks, groups } = template;
  const corners = [positions, own].map((at) => {
    const points = landmarkPositions(landmarks, at);
    return MOUTH_CORNERS.map((id) => points.slice(id * 3, id * 3 + 3));
  });
  const [before, after] = corners.map(([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  const scale = Math.max(LIMITS[0], Math.min(LIMITS[1], (after / before) ** GROWTH));
  const centre = [0, 1, 2].map((axis) => (corners[0][0][axis] + corners[0][1][axis]) / 2);
  const mouth = [groups.upperTeeth, groups.lowerTeeth, groups.tongue];
  for (let v = 0; v < positions.length / 3; v++) {
    const inside = mouth.some((range) => range && v >= range.first && v < range.first + range.count);
    const away = Math.hypot(...centre.map((c, axis) => positions[v * 3 + axis] - c));
    const t = inside ? 1 : Math.max(0, Math.min(1, (EVEN[1] - away) / (EVEN[1] - EVEN[0])));
    const share = t * t * (3 - 2 * t);
    for (let k = 0; k < 9; k++) maps[v * 9 + k] += share * ((k % 4 === 0 ? scale : 0) - maps[v * 9 + k]);
  }
}
