/**
 * A name as it is compared: without the prefix of its mesh, deformer or tool, without separators, in lower case, its side
 * written out. `head.blendShape1.Mouth_Smile_L`, `A38_Mouth_Smile_Left` and `CTRL_expressions_mouthSmileL` all become `mouthsmileleft`.
 */
export function comparable(name: string): string {
  return withoutPrefix(name)
    .replace(/([a-z0-9])([LR])$/, '$1_$2')
    .replace(/[\s._-]+l(eft)?$/i, 'Left')
    .replace(/[\s._-]+r(ight)?$/i, 'Right')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** Prefixes that tools put before every name. */
const TOOL_PREFIX =
  /^(A\d\d_|CTRL_expressions_|blend_?shapes?\d*_|BS_|ARKit_|vrc\.|Fcl_(ALL|BRW|EYE|MTH|HA)_(?=.{3}))/i;

function withoutPrefix(name: string): string {
  const last = name.replace(/^.*[.:/|](?![lr]$)(?=[^.:/|]+([.][lr])?$)/i, '');
  return last.replace(TOOL_PREFIX, '');
}

/** Names of shapes that stand for both sides of a sided control. */
export const BOTH_SIDES: Readonly<Record<string, readonly [left: string, right: string]>> =
  Object.fromEntries(
    (
      [
        [
          'eyeBlink',
          'blink',
          'eyesclosed',
          'eyeclosed',
          'eyeclose',
          'eyesclose',
          'eyesblink',
          'close',
          'まばたき',
        ],
        ['eyeWide', 'eyeswide', 'eyewiden'],
        ['eyeSquint', 'eyessquint', 'squint'],
        ['eyeLookUp', 'eyeslookup'],
        ['eyeLookDown', 'eyeslookdown'],
        ['mouthSmile', 'smile'],
        ['mouthFrown', 'frown'],
        ['mouthDimple'],
        ['mouthStretch'],
        ['mouthPress'],
        ['mouthLowerDown'],
        ['mouthUpperUp'],
        ['browDown', 'browsdown'],
        ['browOuterUp', 'browsouterup'],
        ['cheekSquint'],
        ['noseSneer'],
      ] as const
    ).flatMap(([control, ...others]) =>
      [control.toLowerCase(), ...others].map((name) => [
        name,
        [`${control}Left`, `${control}Right`] as const,
      ]),
    ),
  );

/** Names of shapes that stand for a control as a whole, besides the control's own. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  mouthopen: 'jawOpen',
  openmouth: 'jawOpen',
  jawdrop: 'jawOpen',
  jawfwd: 'jawForward',
  mouthpuckerlips: 'mouthPucker',
  kiss: 'mouthPucker',
  browraiseinner: 'browInnerUp',
  browsinnerup: 'browInnerUp',
  cheekspuff: 'cheekPuff',
  blinkleft: 'eyeBlinkLeft',
  blinkright: 'eyeBlinkRight',
  closeleft: 'eyeBlinkLeft',
  closeright: 'eyeBlinkRight',
  winkleft: 'eyeBlinkLeft',
  winkright: 'eyeBlinkRight',
  eyecloseleft: 'eyeBlinkLeft',
  eyecloseright: 'eyeBlinkRight',
  eyeclosedleft: 'eyeBlinkLeft',
  eyeclosedright: 'eyeBlinkRight',
  ウィンク: 'eyeBlinkLeft',
  ウィンク右: 'eyeBlinkRight',
};

/** MetaHuman's raw controls by ARKit's: each is the sum of those listed; `*` is L or R. Names without their prefix. */
export const METAHUMAN: Readonly<Record<string, readonly string[]>> = {
  'eyeBlink*': ['eyeBlink*'],
  'eyeSquint*': ['eyeSquintInner*'],
  'eyeWide*': ['eyeWiden*'],
  'eyeLookUp*': ['eyeLookUp*'],
  'eyeLookDown*': ['eyeLookDown*'],
  eyeLookOutLeft: ['eyeLookLeftL'],
  eyeLookInLeft: ['eyeLookRightL'],
  eyeLookOutRight: ['eyeLookRightR'],
  eyeLookInRight: ['eyeLookLeftR'],
  'browDown*': ['browDown*', 'browLateral*'],
  browInnerUp: ['browRaiseInL', 'browRaiseInR'],
  'browOuterUp*': ['browRaiseOuter*'],
  cheekPuff: ['mouthCheekBlowL', 'mouthCheekBlowR'],
  'cheekSquint*': ['eyeCheekRaise*'],
  'noseSneer*': ['noseWrinkle*'],
  jawOpen: ['jawOpen'],
  jawForward: ['jawFwd'],
  jawLeft: ['jawLeft'],
  jawRight: ['jawRight'],
  mouthClose: ['mouthLipsTogetherUL', 'mouthLipsTogetherUR', 'mouthLipsTogetherDL', 'mouthLipsTogetherDR'],
  mouthFunnel: ['mouthFunnelUL', 'mouthFunnelUR', 'mouthFunnelDL', 'mouthFunnelDR'],
  mouthPucker: ['mouthLipsPurseUL', 'mouthLipsPurseUR', 'mouthLipsPurseDL', 'mouthLipsPurseDR'],
  mouthLeft: ['mouthLeft'],
  mouthRight: ['mouthRight'],
  'mouthSmile*': ['mouthCornerPull*'],
  'mouthFrown*': ['mouthCornerDepress*'],
  'mouthDimple*': ['mouthDimple*'],
  'mouthStretch*': ['mouthStretch*'],
  mouthRollLower: ['mouthLowerLipRollInL', 'mouthLowerLipRollInR'],
  mouthRollUpper: ['mouthUpperLipRollInL', 'mouthUpperLipRollInR'],
  mouthShrugLower: ['jawChinRaiseDL', 'jawChinRaiseDR'],
  mouthShrugUpper: ['jawChinRaiseUL', 'jawChinRaiseUR'],
  'mouthPress*': ['mouthPressU*', 'mouthPressD*'],
  'mouthLowerDown*': ['mouthLowerLipDepress*'],
  'mouthUpperUp*': ['mouthUpperLipRaise*'],
  tongueOut: ['tongueOut'],
};

/** Names that only MetaHuman's raw controls have. */
export const METAHUMAN_MARKS = ['mouthcornerpullleft', 'eyewidenleft', 'browraiseinleft'] as const;

/** The fifteen visemes of Oculus, in its order. */
export const VISEMES = [
  'sil',
  'PP',
  'FF',
  'TH',
  'DD',
  'kk',
  'CH',
  'SS',
  'nn',
  'RR',
  'aa',
  'E',
  'I',
  'O',
  'U',
] as const;
export type Viseme = (typeof VISEMES)[number];

/** Other names of visemes: VRM's vowels, VRChat's, MikuMikuDance's. */
const VISEME_NAMES: Readonly<Record<string, Viseme>> = {
  ...Object.fromEntries(VISEMES.map((viseme) => [viseme.toLowerCase(), viseme])),
  ih: 'I',
  ee: 'E',
  eh: 'E',
  oh: 'O',
  ou: 'U',
  a: 'aa',
  ah: 'aa',
  あ: 'aa',
  い: 'I',
  う: 'U',
  え: 'E',
  お: 'O',
};

/** Which viseme a name is; names of one or two letters count only behind a prefix of visemes. */
export function visemeOf(name: string): Viseme | undefined {
  const own =
    /^.*?(?:^|[.:/|]|_(?=fcl))(?:viseme|vrc\.v|v|fcl_mth)[_.-]([a-z]{1,3})$/i.exec(name)?.[1] ??
    /^[あいうえお]$/.exec(name)?.[0];
  return own === undefined ? undefined : VISEME_NAMES[own.toLowerCase()];
}

/** Which viseme a VRM expression is. */
export function visemeOfExpression(name: string): Viseme | undefined {
  return ['aa', 'ih', 'ou', 'ee', 'oh'].includes(name) ? VISEME_NAMES[name] : undefined;
}

/** What each viseme looks like in weights of ARKit's shapes: to tell what a head's visemes stand for without seeing them. */
export const VISEME_RECIPES: Readonly<Record<Viseme, Readonly<Record<string, number>>>> = {
  sil: {},
  PP: { mouthPressLeft: 0.4, mouthPressRight: 0.4, mouthRollLower: 0.3, mouthRollUpper: 0.3 },
  FF: { jawOpen: 0.08, mouthRollLower: 0.5, mouthUpperUpLeft: 0.25, mouthUpperUpRight: 0.25 },
  TH: { jawOpen: 0.16, tongueOut: 0.2, mouthLowerDownLeft: 0.15, mouthLowerDownRight: 0.15 },
  DD: { jawOpen: 0.14, mouthLowerDownLeft: 0.2, mouthLowerDownRight: 0.2 },
  kk: { jawOpen: 0.18, mouthLowerDownLeft: 0.15, mouthLowerDownRight: 0.15 },
  CH: { jawOpen: 0.12, mouthFunnel: 0.45, mouthPucker: 0.2 },
  SS: {
    jawOpen: 0.06,
    mouthStretchLeft: 0.2,
    mouthStretchRight: 0.2,
    mouthLowerDownLeft: 0.2,
    mouthLowerDownRight: 0.2,
  },
  nn: { jawOpen: 0.12, mouthLowerDownLeft: 0.15, mouthLowerDownRight: 0.15 },
  RR: { jawOpen: 0.14, mouthFunnel: 0.3, mouthPucker: 0.15 },
  aa: { jawOpen: 0.6, mouthLowerDownLeft: 0.15, mouthLowerDownRight: 0.15 },
  E: {
    jawOpen: 0.3,
    mouthStretchLeft: 0.35,
    mouthStretchRight: 0.35,
    mouthSmileLeft: 0.15,
    mouthSmileRight: 0.15,
  },
  I: {
    jawOpen: 0.16,
    mouthStretchLeft: 0.4,
    mouthStretchRight: 0.4,
    mouthSmileLeft: 0.25,
    mouthSmileRight: 0.25,
  },
  O: { jawOpen: 0.4, mouthFunnel: 0.5, mouthPucker: 0.35 },
  U: { jawOpen: 0.18, mouthPucker: 0.8, mouthFunnel: 0.2 },
};
