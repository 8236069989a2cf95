import { fitSimilarity } from '../../head/fit-similarity.ts';
import { applySimilarity } from '../../head/similarity.ts';

import { keepTriangles } from '../geometry/keep-triangles.ts';
import {
  type BindTemplate,
  type EyeSphere,
  landmarkPositions,
  type VertexRange,
} from '../template/bind-template.ts';
import { mapOffsets } from './local-maps.ts';

/** Motion below this does not count, metres. */
const STILL = 2e-5;

/** The sphere that a group of template vertices or an eyeball's vertices lie on (algebraic least squares, front half). */
export function fitSphere(points: Float64Array): EyeSphere {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    low[i % 3] = Math.min(low[i % 3], points[i]);
    high[i % 3] = Math.max(high[i % 3], points[i]);
  }
  // height and width of a ball are reliable even where the back is cut off or the cornea stands out
  const radius = Math.max(high[0] - low[0], high[1] - low[1]) / 2;
  return {
    centre: [
      (low[0] + high[0]) / 2,
      (low[1] + high[1]) / 2,
      Math.max((low[2] + high[2]) / 2, high[2] - radius * 1.08),
    ],
    radius,
  };
}

/**
 * For each control how the template's eye moves as a rigid body, applied to the points of a head's own eyeball about its centre.
 *
 * @param points - xyz of the eyeball's vertices in the template's frame.
 * @returns For each control the offsets of the points, or null where the eye stays.
 */
export function rotateEye(
  template: BindTemplate,
  group: VertexRange,
  from: EyeSphere,
  points: Float64Array,
  to: EyeSphere,
): (Float32Array | null)[] {
  const rest = template.positions.subarray(group.first * 3, (group.first + group.count) * 3);
  return template.fields.map((field) => {
    const part = field.subarray(group.first * 3, (group.first + group.count) * 3);
    if (!part.some((value) => Math.abs(value) > STILL)) return null;
    const moved = Float64Array.from(rest, (value, i) => value + part[i]);
    const motion = fitSimilarity(rest, moved, { scale: 'none' });
    const { rotation } = motion;
    const centre = applySimilarity(motion, from.centre);
    const out = new Float32Array(points.length);
    for (let i = 0; i < points.length; i += 3) {
      const p = [0, 1, 2].map((axis) => points[i + axis] - to.centre[axis]);
      for (let row = 0; row < 3; row++) {
        const turned = rotation[row * 3] * p[0] + rotation[row * 3 + 1] * p[1] + rotation[row * 3 + 2] * p[2];
        out[i + row] = turned - p[row] + (centre[row] - from.centre[row]);
      }
    }
    return out;
  });
}

/** Room between lid and eyeball, metres. */
const ROOM = 0.0003;
/** A lid is lifted by no more than this, metres; off an eyeball that can sink instead by less. */
export const LARGEST_LIFT = 0.003;
export const LIFT_OFF_BALL = 0.0008;
/**
 * Strengths at which a lid on its straight way is looked at, and how far it may dip into the ball there, metres: clear of the ball
 * all the way, it would stand off when closed.
 */
const STAGES = [
  { strength: 0.7, dip: 0.0006 },
  { strength: 1, dip: 0 },
];

/**
 * Lifts the moving lids of a field off the eyeball. A vertex that lies inside the sphere already may come as near to its
 * centre as it is at rest.
 *
 * @param sides - Vertices with a side (not 0) are those of the lids.
 * @param largestLift - Metres.
 */
export function liftLids(
  positions: Float64Array,
  field: Float32Array,
  sides: Uint8Array,
  { centre, radius }: EyeSphere,
  largestLift = LARGEST_LIFT,
): void {
  for (let v = 0; v < sides.length; v++) {
    if (sides[v] === 0) continue;
    const p = v * 3;
    if (Math.hypot(field[p], field[p + 1], field[p + 2]) < STILL) continue;
    const rest = Math.hypot(...centre.map((c, axis) => positions[p + axis] - c));
    // the sockets' walls behind the ball
    if (rest < radius * 0.8) continue;
    const limit = Math.min(radius + ROOM, rest);
    let lift = 0;
    const direction = [0, 0, 0];
    for (const { strength, dip } of STAGES) {
      const q = centre.map((c, axis) => positions[p + axis] + strength * field[p + axis] - c);
      const away = Math.hypot(...q);
      if (q[2] <= 0 || away >= limit - dip) continue;
      const need = Math.min(largestLift, (limit - dip - away) / strength);
      if (need <= lift) continue;
      lift = need;
      for (let axis = 0; axis < 3; axis++) direction[axis] = q[axis] / away;
    }
    for (let axis = 0; axis < 3; axis++) field[p + axis] += lift * direction[axis];
  }
}

/** A covered eye's lids take the largest of these parts of their motion that folds nothing; the skin beyond takes all of it. */
const COVERED_SHARES = [0.35, 0.2, 0.1, 0.05, 0] as const;
/** How far around a covered eye fields are calmed, and from where on they are calmed fully, in radii of the eye. */
const CALMED = 2.4;
const FULLY_CALMED = 1.4;
/** A triangle has folded when its normal has a smaller cosine with that at rest. */
const FOLDED = 0.2;

/** Triangles that lie around an eye. */
export function trianglesAround(
  positions: Float64Array,
  indices: Uint32Array,
  { centre, radius }: EyeSphere,
): Uint32Array {
  return keepTriangles(indices, (t) => {
    const p = indices[t * 3] * 3;
    return (
      Math.hypot(positions[p] - centre[0], positions[p + 1] - centre[1], positions[p + 2] - centre[2]) <
      CALMED * radius
    );
  });
}

/**
 * Calms a field over a covered eye, where full lids would fold or tear the one surface there is.
 *
 * @param around - What {@link trianglesAround} found.
 */
export function calmCoveredEye(
  positions: Float64Array,
  field: Float32Array,
  around: Uint32Array,
  { centre, radius }: EyeSphere,
): void {
  const calm = new Map<number, number>();
  for (const v of around) {
    const p = v * 3;
    const away =
      Math.hypot(positions[p] - centre[0], positions[p + 1] - centre[1], positions[p + 2] - centre[2]) /
      radius;
    const t = Math.max(0, Math.min(1, (CALMED - away) / (CALMED - FULLY_CALMED)));
    calm.set(v, t * t * (3 - 2 * t));
  }
  const shareOf = (v: number, covered: number) => 1 - (1 - covered) * (calm.get(v) ?? 0);
  const folds = (covered: number) => {
    for (let t = 0; t < around.length; t += 3) {
      const corners = [around[t], around[t + 1], around[t + 2]];
      const [rest, moved] = [0, 1].map((weight) =>
        corners.map((v) =>
          [0, 1, 2].map(
            (axis) => positions[v * 3 + axis] + weight * shareOf(v, covered) * field[v * 3 + axis],
          ),
        ),
      );
      if (cosine(normalOf(rest), normalOf(moved)) < FOLDED) return true;
    }
    return false;
  };
  const covered = COVERED_SHARES.find((share) => !folds(share)) ?? 0;
  for (const v of calm.keys()) {
    const share = shareOf(v, covered);
    for (let axis = 0; axis < 3; axis++) field[v * 3 + axis] *= share;
  }
}

function normalOf([a, b, c]: readonly (readonly number[])[]): readonly number[] {
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const [vx, vy, vz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
  return [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const size = Math.hypot(a[0], a[1], a[2]) * Math.hypot(b[0], b[1], b[2]);
  return size > 0 ? (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / size : 1;
}

/** Closings that miss by less than this part are left alone; from the second on they are made good. */
const CLOSING_SLACK = [0.08, 0.25] as const;
const LARGEST_CLOSING_GAIN = 1.7;

/**
 * By how much a blink has to grow so that the lids of the registered template close as far as the template's own do: larger eyes
 * than ours need longer ways.
 *
 * @param field - The template's blink.
 * @param maps - 3 x 3 per template vertex.
 * @param upper - Landmarks of the upper lid's margin; `lower` those below them, in the same order.
 * @returns 1 or more.
 */
export function closingGain(
  template: BindTemplate,
  registered: Float64Array,
  maps: Float64Array,
  field: Float32Array,
  upper: readonly number[],
  lower: readonly number[],
): number {
  const share = (positions: ArrayLike<number>, offsets: ArrayLike<number>): number => {
    const at = landmarkPositions(template.landmarks, positions);
    const moved = landmarkPositions(template.landmarks, offsets);
    let opening = 0;
    let closing = 0;
    for (let i = 2; i < upper.length - 2; i++) {
      const gap = [0, 1, 2].map((axis) => at[upper[i] * 3 + axis] - at[lower[i] * 3 + axis]);
      const length = Math.hypot(...gap);
      opening += length;
      for (let axis = 0; axis < 3; axis++)
        closing += (gap[axis] / (length || 1)) * (moved[lower[i] * 3 + axis] - moved[upper[i] * 3 + axis]);
    }
    return closing / opening;
  };
  const gain = share(template.positions, field) / share(registered, mapOffsets(maps, field));
  if (!(gain > 1)) return 1;
  const excess = Math.min(gain, LARGEST_CLOSING_GAIN) - 1;
  const [none, all] = CLOSING_SLACK;
  const t = Math.max(0, Math.min(1, (excess - none) / (all - none)));
  return 1 + excess * t * t * (3 - 2 * t);
}
