import type { EyeKind, PartRole } from '../head-rig.ts';
import type { TargetSurface } from '../register/target-surface.ts';
import type { BindTemplate, EyeSphere } from '../template/bind-template.ts';
import { fitSphere, rotateEye } from './eye-motion.ts';

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
    const range = template.groups[`${side}Eye`];
    if (!range) return { sphere: template.eyes[side], own };
    return { sphere: fitSphere(registered.slice(range.first * 3, (range.first + range.count) * 3)), own };
  };
  return { left: one('left'), right: one('right') };
}

export function eyeKind(surface: TargetSurface, { sphere: { centre, radius }, own }: EyeOfHead): EyeKind {
  if (own.length > 0) return 'ball';
  let border = 0;
  for (let v = 0; v < surface.border.length; v++) {
    if (surface.border[v] === 0 || surface.positions[v * 3 + 2] < centre[2]) continue;
    if (Math.hypot(...centre.map((c, axis) => surface.positions[v * 3 + axis] - c)) < radius * OPENING_REACH)
      border++;
  }
  return border >= OPENING_VERTICES ? 'open' : 'covered';
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
