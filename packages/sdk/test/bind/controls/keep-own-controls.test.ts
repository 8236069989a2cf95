import { beforeAll, describe, expect, test } from 'vitest';
import { VISEME_RECIPES } from '../../../src/bind/controls/shape-names.ts';
import {
  addPackedField,
  bindHead,
  faceFromControls,
  findOwnControls,
  type HeadMesh,
  type HeadRig,
  keepOwnControls,
  rigFromOwnControls,
  speaksAlone,
} from '../../../src/bind/index.ts';
import { realTemplate } from '../real-template.ts';
import { makeStranger, type Stranger } from '../strangers.ts';

const template = realTemplate();
let stranger: Stranger;
let bound: HeadRig;

beforeAll(async () => {
  stranger = makeStranger(template, { seed: 6, teeth: true });
  bound = await bindHead(stranger.mesh, stranger.face, { template });
}, 240_000);

/** What the head's maker would have modelled: the template's shapes at the places that the skin was made of. */
function artist(weights: Readonly<Record<string, number>>): Float32Array {
  const { vertices, weights: shares } = stranger.places;
  const out = new Float32Array(vertices.length);
  for (let v = 0; v < vertices.length / 3; v++) {
    const offset = [0, 0, 0];
    for (const [control, weight] of Object.entries(weights)) {
      const field = template.fields[template.controls.indexOf(control)];
      for (let i = 0; i < 9; i++) {
        const corner = 3 * v + Math.floor(i / 3);
        offset[i % 3] += weight * shares[corner] * field[3 * vertices[corner] + (i % 3)];
      }
    }
    out.set(stranger.turn(offset), 3 * v);
  }
  return out;
}

function withMorphs(morphs: Readonly<Record<string, Float32Array>>): HeadMesh {
  const [skin, ...others] = stranger.mesh.parts;
  return {
    ...stranger.mesh,
    parts: [
      { ...skin, morphs: Object.entries(morphs).map(([name, offsets]) => ({ name, offsets })) },
      ...others,
    ],
  };
}

function field(rig: HeadRig, ...controls: string[]): Float32Array {
  const out = new Float32Array(rig.parts[0].vertices * 3);
  for (const name of controls) addPackedField(rig.parts[0].fields[rig.controls.indexOf(name)], 1, out);
  return out.subarray(0, stranger.places.vertices.length);
}

const length = (a: Float32Array) => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
const apart = (a: Float32Array, b: Float32Array) => length(a.map((value, i) => value - b[i])) / length(b);

describe('on a bound head', () => {
  test('shapes of the artist’s win, as strong as the controls mean them; the rest is transferred', () => {
    const odd = artist({ jawOpen: 2, jawLeft: 0.6 });
    const rig = keepOwnControls(withMorphs({ 'head.jaw_open': odd }), bound, template);
    const { own, gains, others } = rig.report.controls!;
    expect(own).toEqual(['jawOpen', 'mouthClose']);
    expect(others).toHaveLength(template.controls.length - 2);
    expect(gains.jawOpen).toBeGreaterThan(0.35);
    expect(gains.jawOpen).toBeLessThan(0.6);
    // Its direction is the artist's to the last digit of 16 bits.
    expect(
      apart(
        field(rig, 'jawOpen'),
        odd.map((value) => value * gains.jawOpen),
      ),
    ).toBeLessThan(1e-3);
    expect(field(rig, 'mouthSmileLeft')).toEqual(field(bound, 'mouthSmileLeft'));
    // Teeth have no shapes: they keep the transferred jaw.
    const teeth = stranger.mesh.parts.findIndex(({ name }) => name === 'lowerTeeth');
    expect(rig.parts[teeth].fields).toEqual(bound.parts[teeth].fields);
  });

  test('lips meet with the artist’s jaw and a transferred closing', () => {
    const rig = keepOwnControls(
      withMorphs({ jawOpen: artist({ jawOpen: 0.8, jawForward: 0.8 }) }),
      bound,
      template,
    );
    const wanted = field(bound, 'jawOpen', 'mouthClose');
    const closed = field(rig, 'jawOpen', 'mouthClose');
    const close = field(bound, 'mouthClose');
    let worst = 0;
    const strongest = Math.max(...close.map(Math.abs));
    for (let i = 0; i < close.length; i += 3)
      if (Math.hypot(close[i], close[i + 1], close[i + 2]) > 0.7 * strongest)
        worst = Math.max(
          worst,
          Math.hypot(closed[i] - wanted[i], closed[i + 1] - wanted[i + 1], closed[i + 2] - wanted[i + 2]),
        );
    expect(worst / stranger.scale).toBeLessThan(0.0003);
  });

  test('an artist’s closing goes with an artist’s jaw; lids close as they were made to', () => {
    const mesh = withMorphs({
      jawOpen: artist({ jawOpen: 1.6 }),
      mouthClose: artist({ mouthClose: 1.6, mouthPucker: 0.5 }),
      eyeBlinkLeft: artist({ eyeBlinkLeft: 0.8 }),
    });
    const { gains } = keepOwnControls(mesh, bound, template).report.controls!;
    expect(gains.jawOpen).toBeCloseTo(1 / 1.6, 1);
    expect(gains.mouthClose).toBe(gains.jawOpen);
    expect(gains.eyeBlinkLeft).toBe(1);
  });

  test('one shape for both sides is parted in the middle', () => {
    const both = artist({ mouthSmileLeft: 1, mouthSmileRight: 1 });
    const rig = keepOwnControls(withMorphs({ mouthSmile: both }), bound, template);
    expect(apart(field(rig, 'mouthSmileLeft'), artist({ mouthSmileLeft: 1 }))).toBeLessThan(0.25);
    expect(rig.report.controls?.gains.mouthSmileRight).toBeCloseTo(1, 0);
  });

  test('visemes make the controls that they can', () => {
    const visemes = ['aa', 'E', 'I', 'O', 'U', 'FF', 'PP'] as const;
    const mesh = withMorphs(
      Object.fromEntries(visemes.map((name) => [`viseme_${name}`, artist(VISEME_RECIPES[name])])),
    );
    const rig = keepOwnControls(mesh, bound, template);
    const { visemes: made, visemesFound } = rig.report.controls!;
    expect(visemesFound).toEqual([...visemes]);
    // What no recipe has stays transferred; an artist whose visemes are ours changes little.
    expect(made).toEqual(
      expect.arrayContaining(['jawOpen', 'mouthClose', 'mouthFunnel', 'mouthPucker', 'mouthRollLower']),
    );
    expect(made).not.toContain('mouthFrownLeft');
    for (const control of ['jawOpen', 'mouthPucker', 'mouthFunnel'])
      expect(apart(field(rig, control), artist({ [control]: 1 })), control).toBeLessThan(0.2);
  });

  test('visemes of another style are spoken in that style, all of them', () => {
    const style: Record<string, Record<string, number>> = {
      aa: { jawOpen: 0.8, mouthStretchLeft: 0.4, mouthStretchRight: 0.4 },
      E: { jawOpen: 0.4, mouthDimpleLeft: 0.6, mouthDimpleRight: 0.6 },
      I: { jawOpen: 0.1, mouthSmileLeft: 0.6, mouthSmileRight: 0.6 },
      O: { jawOpen: 0.6, mouthFunnel: 0.9 },
      U: { jawOpen: 0.1, mouthPucker: 1, jawForward: 0.3 },
      FF: { jawOpen: 0.15, mouthRollLower: 0.8, mouthUpperUpLeft: 0.2, mouthUpperUpRight: 0.2 },
      PP: { mouthPressLeft: 0.7, mouthPressRight: 0.7, mouthRollLower: 0.1 },
      SS: { jawOpen: 0.05, mouthStretchLeft: 0.5, mouthStretchRight: 0.5 },
    };
    const mesh = withMorphs(
      Object.fromEntries(Object.entries(style).map(([name, weights]) => [`viseme_${name}`, artist(weights)])),
    );
    const rig = keepOwnControls(mesh, bound, template);
    const spoken = (of: HeadRig, name: keyof typeof VISEME_RECIPES) => {
      const out = new Float32Array(of.parts[0].vertices * 3);
      for (const [control, weight] of Object.entries(VISEME_RECIPES[name]))
        addPackedField(of.parts[0].fields[of.controls.indexOf(control)], weight, out);
      return out.subarray(0, stranger.places.vertices.length);
    };
    const distances = Object.entries(style).map(([name, weights]) => {
      const viseme = name as keyof typeof VISEME_RECIPES;
      const meant = artist(weights);
      // As strong as ours are: the direction is the artist's.
      const cosine = (of: HeadRig) => {
        const own = spoken(of, viseme);
        return own.reduce((sum, value, i) => sum + value * meant[i], 0) / (length(own) * length(meant));
      };
      return [1 - cosine(bound), 1 - cosine(rig)];
    });
    const sum = (i: number) => distances.reduce((total, pair) => total + pair[i], 0);
    expect(sum(1)).toBeLessThan(0.35 * sum(0));
  });

  test('bones of jaw, eyes and head', () => {
    const { toTemplate, eyes } = bound.report;
    expect(eyes.left).toBe('ball');
    const r = toTemplate.rotation;
    /** A place given in the template's frame. */
    const toHead = (p: readonly number[]) => {
      const d = p.map((value, i) => value - toTemplate.translation[i]);
      return [0, 1, 2].map(
        (axis) => (r[axis] * d[0] + r[3 + axis] * d[1] + r[6 + axis] * d[2]) / toTemplate.scale,
      ) as [number, number, number];
    };
    const names = ['head', 'jaw', 'eye.L'];
    const open = artist({ jawOpen: 1 });
    const most = Math.max(...open.map(Math.abs));
    const mesh: HeadMesh = {
      ...stranger.mesh,
      joints: [
        { name: 'head', parent: -1, position: toHead([0, -0.02, 0]) },
        { name: 'jaw', parent: 0, position: toHead([0, 0.01, 0.02]) },
        { name: 'eye.L', parent: 0, position: bound.eyes.left.centre },
      ],
      parts: stranger.mesh.parts.map((part, p) => {
        const count = part.positions.length / 3;
        const jointIndices = new Uint16Array(count * 4);
        const jointWeights = new Float32Array(count * 4);
        for (let v = 0; v < count; v++) {
          const jaw =
            p === 0 ? Math.min(1, (1.2 * Math.hypot(...open.subarray(3 * v, 3 * v + 3))) / most) : 0;
          jointIndices.set([0, 1, 2, 0], 4 * v);
          jointWeights.set(part.name === 'leftEye' ? [0, 0, 1, 0] : [1 - jaw, jaw, 0, 0], 4 * v);
        }
        return { ...part, skin: { joints: names, jointIndices, jointWeights } };
      }),
    };
    const rig = keepOwnControls(mesh, bound, template);
    const { bones, bonesFound } = rig.report.controls!;
    expect(bonesFound).toEqual(['head', 'jaw', 'leftEye']);
    for (const control of ['jawOpen', 'jawLeft', 'jawForward', 'eyeLookOutLeft'])
      expect(bones).toContain(control);
    expect(bones).not.toContain('eyeLookOutRight');
    expect(apart(field(rig, 'jawOpen'), field(bound, 'jawOpen'))).toBeLessThan(0.5);
    expect(rig.pivot).toEqual(mesh.joints[0].position);
    // All hang on the head's bone or below it.
    for (const part of rig.parts) expect(part.turnShares.every((share) => share === 255)).toBe(true);
  });

  test('a head without any is left as it is', () => {
    expect(keepOwnControls(stranger.mesh, bound, template)).toBe(bound);
  });
});

test('a head whose face nobody sees speaks by its own shapes, wherever it looks', () => {
  const names = ['jawOpen', 'mouthClose', 'mouthPucker', 'eyeBlinkLeft', 'eyeBlinkRight', 'mouthSmileLeft'];
  const mesh = withMorphs(Object.fromEntries(names.map((name) => [name, artist({ [name]: 1 })])));
  const own = findOwnControls(mesh, template.controls);
  expect(speaksAlone(own)).toBe(true);
  const place = faceFromControls(mesh, template, own)!;
  expect(place.scale * stranger.scale).toBeCloseTo(1, 0);
  // The rotation is the one that the binding found: the trace of the quotient tells the angle between them.
  const other = bound.report.toTemplate.rotation;
  const trace = place.rotation.reduce((sum, value, i) => sum + value * other[i], 0);
  expect((Math.acos(Math.min(1, (trace - 1) / 2)) * 180) / Math.PI).toBeLessThan(12);
  const rig = rigFromOwnControls(mesh, place, template, own);
  expect(apart(field(rig, 'jawOpen'), artist({ jawOpen: 1 }))).toBeLessThan(1e-3);
  expect(Math.max(...field(rig, 'cheekPuff'))).toBe(0);
  expect(rig.report.warnings.at(-1)).toContain('cheekPuff');
  const visemesOnly = findOwnControls(
    withMorphs({ viseme_aa: artist({ jawOpen: 1 }), viseme_O: artist({ mouthFunnel: 1 }) }),
    template.controls,
  );
  expect(speaksAlone(visemesOnly)).toBe(false);
});
