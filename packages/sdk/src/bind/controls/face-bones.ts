import type { HeadMesh } from '../head-mesh.ts';

/** Bones that move a face; `left` and `right` are the person's. */
export const FACE_BONES = [
  'head',
  'jaw',
  'leftEye',
  'rightEye',
  'leftUpperLid',
  'rightUpperLid',
  'leftLowerLid',
  'rightLowerLid',
] as const;
export type FaceBone = (typeof FACE_BONES)[number];

const SIDES = [
  ['left', 'l|left'],
  ['right', 'r|right'],
] as const;

/** Patterns of bare names, by bone. */
const NAMES: readonly (readonly [bone: FaceBone, pattern: RegExp])[] = [
  ['head', /^head(_?0?1)?$/],
  [
    'jaw',
    /^((lower|c)_?)?jaw(_?(bone|root|main|master|lower|c|m|0?1))*$|^(faci?al?_?c_?)?(lower)?_?jaw$|^mandible$|^teeth_?lower_?jaw$|^jaw_?end$|^chin_?jaw$/,
  ],
  ...SIDES.flatMap(([side, s]) => [
    [
      `${side}Eye`,
      new RegExp(
        `^((${s})_?eye(_?(ball|joint|bone))?|eye(_?(ball|joint|bone))?_?(${s})|facial_?(${s})_?eye)$`,
      ),
    ] as const,
    [
      `${side}UpperLid`,
      new RegExp(
        `^((${s})_?(upper_?eye_?lid|eye_?lid_?upper|up_?lid|upper_?lid|eye_?lid_?top|top_?lid|eye_?blink_?top|eye_?lid)|(upper_?eye_?lid|eye_?lid_?(upper|up|top|t)|up_?lid|upper_?lid|lid_?(t|top|upper|up)|eye_?blink_?top|eye_?top_?lid|eye_?lid)_?(${s})|(facial_)(${s})_?eyelidupper[ab]?)$`,
      ),
    ] as const,
    [
      `${side}LowerLid`,
      new RegExp(
        `^((${s})_?(lower_?eye_?lid|eye_?lid_?lower|low_?lid|lower_?lid|eye_?lid_?bottom|bottom_?lid)|(lower_?eye_?lid|eye_?lid_?(lower|low|bottom|b)|low_?lid|lower_?lid|lid_?(b|bottom|lower|low))_?(${s})|(facial_)(${s})_?eyelidlower[ab]?)$`,
      ),
    ] as const,
  ]),
];

/**
 * Which joints of a head are bones of its face, as indices in `HeadMesh.joints`: by VRM's humanoid, else by the usual names
 * (Mixamo, Ready Player Me, Unreal and MetaHuman, Character Creator, Rigify, MakeHuman, 3ds Max's Biped).
 */
export function findFaceBones({ joints, humanoid = {} }: HeadMesh): Partial<Record<FaceBone, number>> {
  const bones: Partial<Record<FaceBone, number>> = {};
  for (const bone of FACE_BONES) {
    const named = humanoid[bone] === undefined ? -1 : joints.findIndex(({ name }) => name === humanoid[bone]);
    if (named >= 0) bones[bone] = named;
  }
  joints.forEach(({ name }, joint) => {
    const bare = bareName(name);
    const found = NAMES.find(([, pattern]) => pattern.test(bare))?.[0];
    if (found !== undefined) bones[found] ??= joint;
  });
  return bones;
}

/** `mixamorig:LeftEye`, `CC_Base_L_Eye` and `DEF-lid.T.L` become `lefteye`, `l_eye` and `lid_t_l`. */
function bareName(name: string): string {
  return name
    .replace(/^.*[:|]/, '')
    .replace(/^(mixamorig\d*|J_(Bip|Adj)_C|CC_Base|Bip0?01|DEF|ORG|FACIAL_C|Bone)[_ .-]*/i, '')
    .replace(/^J_(Bip|Adj)_/i, '')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[ .-]/g, '_')
    .replace(/_(jnt|joint|bone|bn|def|\d+)$/i, '')
    .toLowerCase();
}
