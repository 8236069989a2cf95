import { describe, expect, test } from 'vitest';
import { findFaceBones, findOwnControls, type HeadMesh } from '../../../src/bind/index.ts';
import { realManifest } from '../../real-export.ts';

const CONTROLS = realManifest()
  .controls.filter(({ kind }) => kind === 'shape')
  .map(({ name }) => name);

/** A triangle with morph targets of these names, and joints of those. */
function headWith(names: readonly string[], joints: readonly string[] = []): HeadMesh {
  return {
    format: 'gltf',
    parts: [
      {
        name: 'face',
        node: 'face',
        positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
        indices: Uint32Array.of(0, 1, 2),
        material: '',
        opaque: true,
        sourceVertices: Uint32Array.of(0, 1, 2),
        morphs: names.map((name, i) => ({ name, offsets: new Float32Array(9).fill(i + 1) })),
      },
    ],
    joints: joints.map((name, i) => ({ name, parent: i - 1, position: [0, 0, 0] })),
    warnings: [],
  };
}

/** `control: names of the shapes`, with the side where only one counts. */
function found(names: readonly string[]): Record<string, string> {
  const { controls } = findOwnControls(headWith(names), CONTROLS);
  return Object.fromEntries(
    controls.map(({ control, shapes, side }) => [
      control,
      shapes.map(({ name }) => name).join('+') + (side ? ` (${side})` : ''),
    ]),
  );
}

describe('ARKit in its spellings', () => {
  test.each([
    ['Apple', 'jawOpen', 'eyeBlinkLeft', 'mouthSmileRight'],
    ['Live Link Face', 'JawOpen', 'EyeBlinkLeft', 'MouthSmileRight'],
    ['snake', 'jaw_open', 'eye_blink_left', 'mouth_smile_right'],
    ['Maya', 'blendShape1.jawOpen', 'blendShape1.eyeBlink_L', 'blendShape1.mouthSmile_R'],
    ['Blender', 'Jaw Open', 'eyeBlink.L', 'mouthSmile.R'],
    ['Reallusion', 'A25_Jaw_Open', 'A14_Eye_Blink_Left', 'A39_Mouth_Smile_Right'],
    ['Faceware', 'head|jawOpen', 'head|eyeBlinkL', 'head|mouthSmileR'],
  ])('%s', (_tool, jaw, blink, smile) => {
    expect(found([jaw, blink, smile])).toEqual({ jawOpen: jaw, eyeBlinkLeft: blink, mouthSmileRight: smile });
  });

  test('all 52 in mixed spellings, and halves of what has no side', () => {
    const spelt = CONTROLS.map(
      (name, i) =>
        [name, name[0].toUpperCase() + name.slice(1), name.replace(/([A-Z])/g, '_$1').toLowerCase()][i % 3],
    );
    expect(Object.keys(found(spelt))).toEqual(CONTROLS);
    expect(found(['browInnerUp_L', 'browInnerUp_R'])).toEqual({ browInnerUp: 'browInnerUp_L+browInnerUp_R' });
  });
});

test('MetaHuman: raw controls are added up', () => {
  const metahuman = [
    'CTRL_expressions_jawOpen',
    'CTRL_expressions_mouthCornerPullL',
    'CTRL_expressions_mouthCornerPullR',
    'CTRL_expressions_mouthFunnelUL',
    'CTRL_expressions_mouthFunnelUR',
    'CTRL_expressions_mouthFunnelDL',
    'CTRL_expressions_mouthFunnelDR',
    'CTRL_expressions_eyeLookLeftL',
    'CTRL_expressions_eyeLookLeftR',
    'CTRL_expressions_browDownL',
    'CTRL_expressions_browLateralL',
    'CTRL_expressions_eyeBlinkR',
  ];
  const own = found(metahuman);
  expect(own.mouthSmileLeft).toBe('CTRL_expressions_mouthCornerPullL');
  expect(own.mouthFunnel.split('+')).toHaveLength(4);
  expect(own.eyeLookOutLeft).toBe('CTRL_expressions_eyeLookLeftL');
  expect(own.eyeLookInRight).toBe('CTRL_expressions_eyeLookLeftR');
  expect(own.browDownLeft).toBe('CTRL_expressions_browDownL+CTRL_expressions_browLateralL');
  expect(own.eyeBlinkRight).toBe('CTRL_expressions_eyeBlinkR');
  expect(own.jawOpen).toBe('CTRL_expressions_jawOpen');
});

test('Ready Player Me’s few: shapes for both sides, and the visemes', () => {
  const names = [
    'mouthOpen',
    'mouthSmile',
    'eyesClosed',
    'eyesLookUp',
    'viseme_sil',
    'viseme_PP',
    'viseme_aa',
    'viseme_I',
    'viseme_O',
  ];
  expect(found(names)).toEqual({
    jawOpen: 'mouthOpen',
    mouthSmileLeft: 'mouthSmile (left)',
    mouthSmileRight: 'mouthSmile (right)',
    eyeBlinkLeft: 'eyesClosed (left)',
    eyeBlinkRight: 'eyesClosed (right)',
    eyeLookUpLeft: 'eyesLookUp (left)',
    eyeLookUpRight: 'eyesLookUp (right)',
  });
  expect(Object.keys(findOwnControls(headWith(names), CONTROLS).visemes).sort()).toEqual([
    'I',
    'O',
    'PP',
    'aa',
  ]);
});

test.each([
  ['Oculus', ['viseme_aa', 'viseme_E', 'viseme_kk'], ['aa', 'E', 'kk']],
  ['VRChat', ['vrc.v_aa', 'vrc.v_ih', 'vrc.v_oh', 'vrc.v_ou', 'vrc.v_sil'], ['aa', 'I', 'O', 'U']],
  ['VRoid', ['Face.M_F00_000_00_Fcl_MTH_A', 'Fcl_MTH_I', 'Fcl_MTH_Angry'], ['aa', 'I']],
  ['MikuMikuDance', ['あ', 'い', 'う', 'え', 'お'], ['aa', 'I', 'U', 'E', 'O']],
  ['no visemes', ['E', 'Ears_out', 'view_a', 'a'], []],
])('visemes of %s', (_tool, names, visemes) => {
  expect(Object.keys(findOwnControls(headWith(names), CONTROLS).visemes)).toEqual(visemes);
});

test.each([
  ['Mixamo', ['mixamorig:Head', 'mixamorig:LeftEye', 'mixamorig:Jaw'], { head: 0, leftEye: 1, jaw: 2 }],
  ['Ready Player Me', ['Head', 'LeftEye', 'RightEye'], { head: 0, leftEye: 1, rightEye: 2 }],
  ['VRoid', ['J_Bip_C_Head', 'J_Adj_L_FaceEye', 'J_Bip_L_Eye'], { head: 0, leftEye: 2 }],
  [
    'Character Creator',
    ['CC_Base_Head', 'CC_Base_JawRoot', 'CC_Base_L_Eye'],
    { head: 0, jaw: 1, leftEye: 2 },
  ],
  [
    'Rigify',
    ['DEF-jaw', 'DEF-lid.T.L', 'DEF-lid.B.R', 'DEF-eye.L'],
    { jaw: 0, leftUpperLid: 1, rightLowerLid: 2, leftEye: 3 },
  ],
  ['MetaHuman', ['head', 'FACIAL_C_Jaw', 'FACIAL_L_Eye'], { head: 0, jaw: 1, leftEye: 2 }],
  [
    'MakeHuman',
    ['head', 'jaw', 'eye.L', 'eye.R', 'orbicularis03.L'],
    { head: 0, jaw: 1, leftEye: 2, rightEye: 3 },
  ],
  [
    'studio names',
    ['Head_JNT', 'jaw_jnt', 'l_eyelid_upper_jnt', 'eyelid_lower_r'],
    { head: 0, jaw: 1, leftUpperLid: 2, rightLowerLid: 3 },
  ],
  ['none', ['HeadTop_End', 'Jawline_crease', 'Spine'], {}],
])('bones of %s', (_tool, joints, bones) => {
  expect(findFaceBones(headWith([], joints))).toEqual(bones);
});
