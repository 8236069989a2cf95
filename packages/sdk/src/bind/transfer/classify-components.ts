import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import type { PartRole } from '../head-rig.ts';
import { type BindTemplate, skinTriangles, type TemplateGroup } from '../template/bind-template.ts';

/** Smaller components take the role of what they lie on. */
const FEW = 6;
/** An eye, or its iris, is at least this high for its width. */
const ROUND = 0.6;
/** Nine tenths of an attached component (lashes, beard, brows) lie nearer to the face than this, metres. */
const ATTACHED = 0.008;

interface Box {
  readonly low: number[];
  readonly high: number[];
}

/**
 * Gives every connected component of a head a role, by where it lies in the registered template.
 *
 * @param component - Component of each vertex.
 * @param isSkin - Components of the face itself.
 * @param registered - V x 3, the registered template in the frame of `positions`.
 */
export function classifyComponents(
  template: BindTemplate,
  registered: Float64Array,
  positions: Float64Array,
  component: Uint32Array,
  count: number,
  isSkin: (component: number) => boolean,
): PartRole[] {
  const members: number[][] = Array.from({ length: count }, () => []);
  component.forEach((c, v) => {
    members[c].push(v);
  });
  const tree = new ClosestPointTree(registered, skinTriangles(template));
  const groupPoints = (name: TemplateGroup) => {
    const range = template.groups[name];
    return range
      ? registered.subarray(range.first * 3, (range.first + range.count) * 3)
      : new Float64Array(0);
  };
  const eyes = (['leftEye', 'rightEye'] as const).map((role) => ({ role, box: boxOf(groupPoints(role)) }));
  const mouthGroups = (['upperTeeth', 'lowerTeeth', 'tongue'] as const).map((role) => ({
    role,
    points: groupPoints(role),
  }));
  const mouth = mouthGroups.map(({ points }) => boxOf(points)).reduce(joinBoxes);
  return members.map((vertices, c) => {
    if (isSkin(c)) return 'skin';
    const points = new Float64Array(vertices.length * 3);
    vertices.forEach((v, i) => {
      for (let axis = 0; axis < 3; axis++) points[i * 3 + axis] = positions[v * 3 + axis];
    });
    const box = boxOf(points);
    const size = Math.max(...box.high.map((high, axis) => high - box.low[axis]));
    for (const { role, box: eye } of eyes) {
      const width = eye.high[0] - eye.low[0];
      const away = Math.hypot(
        ...[0, 1, 2].map((a) => (box.low[a] + box.high[a] - eye.low[a] - eye.high[a]) / 2),
      );
      const small = vertices.length < FEW || size < 0.4 * width;
      // lashes and lids are wide and flat
      const round = box.high[1] - box.low[1] > ROUND * (box.high[0] - box.low[0]);
      if (!round) continue;
      if (size < 1.7 * width && away < (small ? 0.55 : 0.7) * width) return role;
    }
    const inside =
      vertices.filter((v) =>
        [0, 1, 2].every(
          (a) => positions[v * 3 + a] > mouth.low[a] - 0.006 && positions[v * 3 + a] < mouth.high[a] + 0.006,
        ),
      ).length / vertices.length;
    if (inside > 0.8 && vertices.length >= FEW) {
      const away = mouthGroups.map(({ points: group }) => meanDistance(points, group));
      return mouthGroups[away.indexOf(Math.min(...away))].role;
    }
    const stride = Math.max(1, Math.floor(vertices.length / 400));
    const distances: number[] = [];
    for (let i = 0; i < vertices.length; i += stride) {
      const hit = tree.query(points[i * 3], points[i * 3 + 1], points[i * 3 + 2], 0.05);
      distances.push(hit.triangle < 0 ? 1 : hit.distance);
    }
    distances.sort((a, b) => a - b);
    return distances[Math.floor(distances.length * 0.9)] < ATTACHED ? 'attached' : 'rigid';
  });
}

function boxOf(points: Float64Array): Box {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3], points[i]);
    high[i % 3] = Math.max(high[i % 3], points[i]);
  }
  return { low, high };
}

function joinBoxes(a: Box, b: Box): Box {
  return {
    low: a.low.map((value, axis) => Math.min(value, b.low[axis])),
    high: a.high.map((value, axis) => Math.max(value, b.high[axis])),
  };
}

/** Mean distance of a sample of points to the nearest of others. */
function meanDistance(points: Float64Array, others: Float64Array): number {
  const stride = Math.max(1, Math.floor(points.length / 3 / 60));
  let sum = 0;
  let count = 0;
  for (let i = 0; i < points.length / 3; i += stride) {
    let least = Number.POSITIVE_INFINITY;
    for (let o = 0; o < others.length; o += 9) {
      least = Math.min(
        least,
        (points[i * 3] - others[o]) ** 2 +
          (points[i * 3 + 1] - others[o + 1]) ** 2 +
          (points[i * 3 + 2] - others[o + 2]) ** 2,
      );
    }
    sum += Math.sqrt(least);
    count++;
  }
  return sum / count;
}
