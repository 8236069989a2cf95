import type { EyeKind, PartRole } from '../head-rig.ts';
import type { TargetSurface } from '../register/target-surface.ts';
import { type BindTemplate, type EyeSphere, landmarkPositions } from '../template/bind-template.ts';
import {
  LEFT_EYE_CORNERS,
  LEFT_LOWER_LID,
  LEFT_UPPER_LID,
  RIGHT_EYE_CORNERS,
  RIGHT_LOWER_LID,
  RIGHT_UPPER_LID,
} from '../template/face-mesh-indices.ts';
import { depthBehind } from './add-mouth.ts';
import { fitSphere, rotateEye } from './eye-motion.ts';
import type { Surface } from './lip-line.ts';

/** A hole between the lids shows as this many border vertices within this many radii of the eye's centre. */
const OPENING_VERTICES = 8;
const OPENING_REACH = 1.4;

/** Where an eye of a head is. */
export interface EyeOfHead {
  readonly sphere: EyeSphere;
  /** Vertices of the head's own eyeball; empty where it has none. */
  readonly own: readonly number[];
}

/** Finds both eyes: the head's own balls, else where the template's came to lie. */
export function eyeSpheres(
  template: BindTemplate,
  registered: Float64Array,
  positions: Float64Array,
  roles: readonly PartRole[],
): { left: EyeOfHead; right: EyeOfHead } {
  const one = (side: 'left' | 'right'): EyeOfHead => {
    const own: number[] = [];
    roles.forEach((role, v) => {
      if (role === `${side}Eye`) own.push(v);
    });
    if (own.length >= 12) {
      const points = new Float64Array(own.length * 3);
      own.forEach((v, i) => {
        points.set(positions.subarray(v * 3, v * 3 + 3), i * 3);
      });
      return { sphere: fitSphere(points), own };
    }
    return { sphere: eyeBehindLids(template, registered, side), own };
  };
  return { left: one('left'), right: one('right') };
}

const LIDS = {
  left: [LEFT_UPPER_LID, LEFT_LOWER_LID, LEFT_EYE_CORNERS],
  right: [RIGHT_UPPER_LID, RIGHT_LOWER_LID, RIGHT_EYE_CORNERS],
} as const;

/** The ball that lies behind the registered lids as the template's behind its own. */
function eyeBehindLids(
  { positions, landmarks, eyes }: BindTemplate,
  registered: Float64Array,
  side: 'left' | 'right',
): EyeSphere {
  const ids = LIDS[side].flat();
  const [own, found] = [positions, registered].map((p) => {
    const points = landmarkPositions(landmarks, p);
    const middle = [0, 1, 2].map(
      (axis) => ids.reduce((sum, id) => sum + points[id * 3 + axis], 0) / ids.length,
    );
    const width = Math.sqrt(ids.reduce((sum, id) => sum + (points[id * 3] - middle[0]) ** 2, 0));
    return { middle, width };
  });
  const ratio = Math.max(0.6, Math.min(1.6, found.width / own.width));
  const [x, y, z] = found.middle.map(
    (value, axis) => value + ratio * (eyes[side].centre[axis] - own.middle[axis]),
  );
  return { centre: [x, y, z], radius: eyes[side].radius * ratio };
}

/**
 * What kind of eye a head has on one side.
 *
 * @param hollow - What {@link isHollow} says.
 */
export function eyeKind(
  surface: TargetSurface,
  { sphere: { centre, radius }, own }: EyeOfHead,
  hollow: boolean,
): EyeKind {
  if (own.length > 0) return 'ball';
  if (hollow) return 'open';
  let border = 0;
  for (let v = 0; v < surface.border.length; v++) {
    if (surface.border[v] === 0 || surface.positions[v * 3 + 2] < centre[2]) continue;
    if (Math.hypot(...centre.map((c, axis) => surface.positions[v * 3 + axis] - c)) < radius * OPENING_REACH)
      border++;
  }
  return border >= OPENING_VERTICES ? 'open' : 'covered';
}

/**
 * Lids that part: the deepest of what shows between them lies this far behind the front of the eye, on average, metres. Painted and
 * shut eyes have no such gap.
 */
const GAP = 0.0022;

/** True when an empty socket, or a gap around an eye that is one surface with the skin, shows between the lids. */
export function isHollow(
  { landmarks }: BindTemplate,
  registered: Float64Array,
  surface: Surface,
  { sphere: { centre, radius } }: EyeOfHead,
  side: 'left' | 'right',
): boolean {
  const points = landmarkPositions(landmarks, registered);
  const depthOf = depthBehind(surface, [centre[0], centre[1], centre[2] + radius]);
  const [upper, lower] = LIDS[side];
  let sum = 0;
  let count = 0;
  for (let i = 2; i < upper.length - 2; i++) {
    const depths = [0.2, 0.35, 0.5, 0.65, 0.8].map((t) => {
      const [x, y] = [0, 1].map(
        (axis) => points[upper[i] * 3 + axis] * (1 - t) + points[lower[i] * 3 + axis] * t,
      );
      return radius - Math.hypot(x - centre[0], y - centre[1], depthOf(x, y, 0) - centre[2]);
    });
    sum += Math.max(...depths);
    count++;
  }
  return sum / count > GAP;
}

/** The eye itself, where it is modelled into the skin, stays while lids pass over it. */
export function holdEye(
  positions: Float64Array,
  distances: Float32Array,
  shares: Float32Array,
  { centre, radius }: EyeSphere,
): void {
  for (let v = 0; v < shares.length; v++) {
    if (positions[v * 3 + 2] < centre[2]) continue;
    const away = Math.hypot(
      positions[v * 3] - centre[0],
      positions[v * 3 + 1] - centre[1],
      positions[v * 3 + 2] - centre[2],
    );
    const toBall = Math.abs(away - radius);
    if (away < radius * 1.15 && toBall < distances[v] * 0.7) shares[v] = 0;
  }
}

export function moveEyes(
  template: BindTemplate,
  fields: readonly Float32Array[],
  positions: Float64Array,
  roles: readonly PartRole[],
  eyes: { left: EyeOfHead; right: EyeOfHead },
  kinds: { left: EyeKind; right: EyeKind },
): void {
  for (const side of ['left', 'right'] as const) {
    const { own, sphere } = eyes[side];
    const group = template.groups[`${side}Eye`];
    if (!group || kinds[side] !== 'ball') continue;
    const points = new Float64Array(own.length * 3);
    own.forEach((v, i) => {
      points.set(positions.subarray(v * 3, v * 3 + 3), i * 3);
    });
    rotateEye(template, group, template.eyes[side], points, sphere).forEach((offsets, k) => {
      own.forEach((v, i) => {
        for (let axis = 0; axis < 3; axis++) fields[k][v * 3 + axis] = offsets ? offsets[i * 3 + axis] : 0;
      });
    });
  }
  roles.forEach((role, v) => {
    if (role !== 'rigid') return;
    for (const field of fields) field.fill(0, v * 3, v * 3 + 3);
  });
}

/** An eye sinks under its closing lids by no more than this part of its radius, and not at all by less than this, metres. */
const DEEPEST = 0.8;
const NOT_WORTH = 0.0002;
/** Lids that move less than this are not looked at, nor the edge of the ball beyond this; radii. */
const MOVING = 0.1;
const BESIDE = 0.8;
/** Between lids and ball that it sank under, metres. */
const UNDER_LIDS = 0.0002;

/**
 * Lets an eyeball sink under lids that would cut through it when closed: lids of few triangles are flat where the ball bulges.
 *
 * @param field - A blink; the ball's vertices are changed.
 * @param lids - Vertices with a side (not 0) are those of the lids.
 * @param around - Triangles around the eye.
 */
export function sinkEye(
  positions: Float64Array,
  field: Float32Array,
  { sphere: { centre, radius }, own }: EyeOfHead,
  lids: Uint8Array,
  around: Uint32Array,
): void {
  let sink = 0;
  const place = [0, 0, 0];
  for (let t = 0; t < around.length; t += 3) {
    const corners = [around[t], around[t + 1], around[t + 2]];
    const moving = corners.some(
      (v) => lids[v] !== 0 && Math.hypot(...field.subarray(v * 3, v * 3 + 3)) > MOVING * radius,
    );
    if (!moving) continue;
    const [p, q, r] = corners.map((v) =>
      [0, 1, 2].map((axis) => positions[v * 3 + axis] + field[v * 3 + axis] - centre[axis]),
    );
    const [u, w] = [q, r].map((corner) => corner.map((value, axis) => value - p[axis]));
    const normal = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    // the walls of the socket look at the ball
    if (normal.reduce((sum, value, axis) => sum + value * (p[axis] + q[axis] + r[axis]), 0) <= 0) continue;
    for (const weights of SAMPLES) {
      for (let axis = 0; axis < 3; axis++)
        place[axis] = weights[0] * p[axis] + weights[1] * q[axis] + weights[2] * r[axis];
      const beside = Math.hypot(place[0], place[1]);
      if (beside > BESIDE * radius || place[2] < 0) continue;
      sink = Math.max(sink, Math.sqrt(radius * radius - beside * beside) + UNDER_LIDS - place[2]);
    }
  }
  if (sink < NOT_WORTH) return;
  for (const v of own) field[v * 3 + 2] -= Math.min(sink, DEEPEST * radius);
}

/** Where a triangle is looked at: corners, middles of the edges, middle. */
const SAMPLES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0.5, 0.5, 0],
  [0, 0.5, 0.5],
  [0.5, 0, 0.5],
  [1 / 3, 1 / 3, 1 / 3],
] as const;
