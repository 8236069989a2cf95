import type { Similarity } from '../../head/similarity.ts';
import type { HeadMesh } from '../head-mesh.ts';
import type { FaceBone } from './face-bones.ts';
import type { OwnControls } from './find-own-controls.ts';
import { dot, type HeadFields } from './head-fields.ts';

type Vector = readonly [number, number, number];

/** How far a jaw bone turns where there is nothing to fit it to, and how far it may, radians. */
const JAW_OPEN = { usual: 0.3, least: 0.1, most: 0.6 } as const;
/** Likewise for a lid. */
const LID = { usual: 0.5, least: 0.15, most: 1.2 } as const;
/** How far the gaze shapes turn an eye, radians: the template's. */
const LOOK_SIDE = (25 * Math.PI) / 180;
const LOOK_UP_DOWN = (20 * Math.PI) / 180;

/** Shares of each vertex that a joint and those below it carry, 0 to 1; in the order of {@link HeadFields}. */
export function jointShares(mesh: HeadMesh, fields: HeadFields, joint: number): Float32Array {
  const below = new Set<number>();
  // Parents may come after their children.
  const isBelow = (index: number): boolean =>
    index === joint || (index >= 0 && isBelow(mesh.joints[index].parent));
  mesh.joints.forEach((_, index) => {
    if (isBelow(index)) below.add(index);
  });
  const names = new Set([...below].map((index) => mesh.joints[index].name));
  const out = new Float32Array(fields.size / 3);
  fields.forEachVertex((p, v, at) => {
    const { skin } = mesh.parts[p];
    if (!skin) return;
    for (let k = 0; k < 4; k++)
      if (names.has(skin.joints[skin.jointIndices[4 * v + k]])) out[at / 3] += skin.jointWeights[4 * v + k];
  });
  return out;
}

/**
 * What a head's bones do for the controls that they can serve: the jaw's rotate about their joint as far as `wanted` asks for,
 * lids likewise, eyes by the angles of the template.
 *
 * @param wanted - The field that a control should come near, if there is one.
 * @returns Fields by control.
 */
export function boneFields(
  mesh: HeadMesh,
  fields: HeadFields,
  bones: OwnControls['bones'],
  toTemplate: Similarity,
  wanted: (control: string) => Float32Array | undefined,
): Map<string, Float32Array> {
  const out = new Map<string, Float32Array>();
  const axis = (row: number): Vector => [
    toTemplate.rotation[3 * row],
    toTemplate.rotation[3 * row + 1],
    toTemplate.rotation[3 * row + 2],
  ];
  const [left, up, front] = [axis(0), axis(1), axis(2)];
  const place = (joint: number): Vector => mesh.joints[joint].position;
  const fitted = (
    shares: Float32Array,
    centre: Vector,
    about: Vector,
    control: string,
    limits: { readonly usual: number; readonly least: number; readonly most: number },
  ): Float32Array | undefined => {
    if (!shares.some((share) => share > 0)) return undefined;
    const target = wanted(control);
    const small = rotation(fields, shares, centre, about, 1e-3);
    const size = dot(small, small);
    if (!(size > 0)) return undefined;
    const angle = target ? (1e-3 * dot(target, small)) / size : limits.usual;
    return rotation(fields, shares, centre, about, Math.min(limits.most, Math.max(limits.least, angle)));
  };

  if (bones.jaw !== undefined) {
    const shares = jointShares(mesh, fields, bones.jaw);
    const centre = place(bones.jaw);
    const open = fitted(shares, centre, left, 'jawOpen', JAW_OPEN);
    if (open) {
      out.set('jawOpen', open);
      for (const [control, sign] of [
        ['jawLeft', 1],
        ['jawRight', -1],
      ] as const) {
        const turned = fitted(shares, centre, scaled(up, sign), control, {
          usual: 0.08,
          least: 0,
          most: 0.2,
        });
        if (turned) out.set(control, turned);
      }
      const forward = new Float32Array(fields.size);
      fields.forEachVertex((_p, _v, at) => {
        for (let k = 0; k < 3; k++) forward[at + k] = shares[at / 3] * front[k];
      });
      const target = wanted('jawForward');
      const size = dot(forward, forward);
      const reach = target && size > 0 ? dot(target, forward) / size : 0.005 / toTemplate.scale;
      out.set(
        'jawForward',
        forward.map((value) => value * Math.max(0, reach)),
      );
    }
  }
  for (const side of ['left', 'right'] as const) {
    const Side = side === 'left' ? 'Left' : 'Right';
    const eye = bones[`${side}Eye`];
    if (eye !== undefined) {
      const shares = jointShares(mesh, fields, eye);
      if (shares.some((share) => share > 0)) {
        // Out is away from the nose: to the face's own left for the left eye.
        const out1 = side === 'left' ? 1 : -1;
        out.set(`eyeLookOut${Side}`, rotation(fields, shares, place(eye), up, out1 * LOOK_SIDE));
        out.set(`eyeLookIn${Side}`, rotation(fields, shares, place(eye), up, -out1 * LOOK_SIDE));
        out.set(`eyeLookUp${Side}`, rotation(fields, shares, place(eye), left, -LOOK_UP_DOWN));
        out.set(`eyeLookDown${Side}`, rotation(fields, shares, place(eye), left, LOOK_UP_DOWN));
      }
    }
    const blink = lidField(side, Side);
    if (blink) out.set(`eyeBlink${Side}`, blink);
  }
  return out;

  function lidField(side: 'left' | 'right', Side: 'Left' | 'Right'): Float32Array | undefined {
    const parts: Float32Array[] = [];
    for (const [bone, sign] of [
      [`${side}UpperLid`, 1],
      [`${side}LowerLid`, -1],
    ] as const) {
      const joint = bones[bone as FaceBone];
      if (joint === undefined) continue;
      const shares = jointShares(mesh, fields, joint);
      // Lids slide over the ball: about its centre, wherever their joints stand.
      const eye = bones[`${side}Eye`];
      const closed = fitted(shares, place(eye ?? joint), scaled(left, sign), `eyeBlink${Side}`, {
        ...LID,
        // The lower lid hardly moves.
        usual: sign > 0 ? LID.usual : 0.1,
        least: sign > 0 ? LID.least : 0,
      });
      if (closed) parts.push(closed);
    }
    if (parts.length === 0) return undefined;
    return parts.reduce((sum, field) => sum.map((value, i) => value + field[i]));
  }
}

/** Offsets of a rotation about an axis through a centre, each vertex by its share. Rodrigues. */
function rotation(
  fields: HeadFields,
  shares: Float32Array,
  centre: Vector,
  [x, y, z]: Vector,
  angle: number,
): Float32Array {
  const out = new Float32Array(fields.size);
  const s = Math.sin(angle);
  const c = 1 - Math.cos(angle);
  fields.forEachVertex((p, v, at) => {
    const share = shares[at / 3];
    if (share === 0) return;
    const { positions } = fields.mesh.parts[p];
    const dx = positions[3 * v] - centre[0];
    const dy = positions[3 * v + 1] - centre[1];
    const dz = positions[3 * v + 2] - centre[2];
    const along = x * dx + y * dy + z * dz;
    out[at] = share * (s * (y * dz - z * dy) + c * (x * along - dx));
    out[at + 1] = share * (s * (z * dx - x * dz) + c * (y * along - dy));
    out[at + 2] = share * (s * (x * dy - y * dx) + c * (z * along - dz));
  });
  return out;
}

function scaled([x, y, z]: Vector, factor: number): Vector {
  return [x * factor, y * factor, z * factor];
}
