import type { FloorPlan, FloorPoint } from './floor-plan.ts';

/** Distance from a point to what is built nearest to it, or to the edge of the floor, metres; negative within and beyond. */
export function clearance(
  { bounds, solids }: Pick<FloorPlan, 'bounds' | 'solids'>,
  { x, z }: FloorPoint,
): number {
  let leastM = Number.POSITIVE_INFINITY;
  if (bounds) leastM = Math.min(x - bounds.minX, bounds.maxX - x, z - bounds.minZ, bounds.maxZ - z);
  for (const solid of solids) {
    const dx = Math.abs(x - solid.x);
    const dz = Math.abs(z - solid.z);
    if ('radiusM' in solid) {
      leastM = Math.min(leastM, Math.hypot(dx, dz) - solid.radiusM);
      continue;
    }
    const overX = dx - solid.widthM / 2;
    const overZ = dz - solid.depthM / 2;
    const outside = Math.hypot(Math.max(0, overX), Math.max(0, overZ));
    leastM = Math.min(leastM, outside > 0 ? outside : Math.max(overX, overZ));
  }
  return leastM;
}
