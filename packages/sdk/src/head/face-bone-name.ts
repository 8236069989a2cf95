/** Bones that a face moves. */
export type FaceBoneName = 'neck' | 'head' | 'leftEye' | 'rightEye';

const NAMES: Record<FaceBoneName, RegExp> = {
  neck: /^neck(_?0?1)?$/,
  head: /^head(_?0?1)?$/,
  leftEye: /^(l(eft)?_?eye(_?ball)?|eye(_?ball)?_?l(eft)?|faciall?_?eye)$/,
  rightEye: /^(r(ight)?_?eye(_?ball)?|eye(_?ball)?_?r(ight)?)$/,
};

/**
 * Which bone of the face a node's name says it is, by the usual names: Mixamo, Ready Player Me, Unreal, VRM, MakeHuman,
 * Blender.
 */
export function faceBoneName(nodeName: string): FaceBoneName | undefined {
  const name = bareName(nodeName);
  return (Object.keys(NAMES) as FaceBoneName[]).find((key) => NAMES[key].test(name));
}

/** `mixamorig:LeftEye` and `J_Bip_C_Head` become `lefteye` and `head`. */
function bareName(name: string): string {
  return name
    .replace(/^.*[:|]/, '')
    .replace(/^(mixamorig\d*|J_(Bip|Adj)_[CLR]|CC_Base|Bip0?01|DEF|ORG)[_ .-]*/i, '')
    .replace(/[ .-]/g, '_')
    .toLowerCase();
}
