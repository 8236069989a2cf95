import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';

/** The nodes of a skeleton that a face moves; undefined where the file has none of that name. */
export interface FaceBones {
  readonly neck?: TransformNode;
  readonly head?: TransformNode;
  readonly leftEye?: TransformNode;
  readonly rightEye?: TransformNode;
}

const NAMES: Record<keyof FaceBones, RegExp> = {
  neck: /^neck(_?0?1)?$/,
  head: /^head(_?0?1)?$/,
  leftEye: /^(l(eft)?_?eye(_?ball)?|eye(_?ball)?_?l(eft)?|faciall?_?eye)$/,
  rightEye: /^(r(ight)?_?eye(_?ball)?|eye(_?ball)?_?r(ight)?)$/,
};

/** Finds neck, head and eye bones by the usual names: Mixamo, Ready Player Me, Unreal, VRM, MakeHuman, Blender. */
export function findBones(nodes: readonly TransformNode[]): FaceBones {
  const bones: Partial<Record<keyof FaceBones, TransformNode>> = {};
  for (const node of nodes) {
    // A mesh named "Head" is no bone.
    if (node.getClassName() !== 'TransformNode') continue;
    const name = bareName(node.name);
    for (const key of Object.keys(NAMES) as (keyof FaceBones)[]) {
      if (!bones[key] && NAMES[key].test(name)) bones[key] = node;
    }
  }
  return bones;
}

/** `mixamorig:LeftEye` and `J_Bip_C_Head` become `lefteye` and `head`. */
function bareName(name: string): string {
  return name
    .replace(/^.*[:|]/, '')
    .replace(/^(mixamorig\d*|J_(Bip|Adj)_[CLR]|CC_Base|Bip0?01|DEF|ORG)[_ .-]*/i, '')
    .replace(/[ .-]/g, '_')
    .toLowerCase();
}
