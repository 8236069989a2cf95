import { OCC_EMOTIONS } from '@parley/sdk';
import { expect, it } from 'vitest';
import { Expression } from '../src/npc/expression.ts';
import { exportedModel } from './support/exported-model.ts';

const { manifest } = exportedModel();
const at = (name: string): number => manifest.controls.findIndex((control) => control.name === name);

/** A neutral face after so long with a feeling. */
function face(told: string, ms = 3_000): Float32Array {
  const expression = new Expression(manifest);
  let controls = new Float32Array(manifest.controls.length);
  for (let t = 0; t < ms; t += 16) {
    controls = new Float32Array(manifest.controls.length);
    expression.apply(controls, told, 16);
  }
  return controls;
}

it.each(OCC_EMOTIONS)('%s can be seen, and leaves the lips to speech', (name) => {
  const controls = face(`${name}:1`);
  expect(Math.hypot(...controls)).toBeGreaterThan(0.4);
  for (const lips of ['jawOpen', 'mouthClose', 'mouthPucker', 'mouthFunnel', 'mouthPressLeft'])
    expect(controls[at(lips)]).toBe(0);
  for (const [i, value] of controls.entries())
    if (!manifest.controls[i].name.startsWith('head')) expect(value).toBeLessThanOrEqual(1);
});

it('no two feelings look the same', () => {
  const faces = OCC_EMOTIONS.map((name) => face(`${name}:1`));
  faces.forEach((a, i) => {
    for (const b of faces.slice(i + 1))
      expect(Math.hypot(...a.map((v, k) => v - b[k]))).toBeGreaterThan(0.08);
  });
});

it('joy lifts the corners of the mouth, anger lowers the brows, both by their intensity and not at once', () => {
  expect(face('joy:1')[at('mouthSmileLeft')]).toBeGreaterThan(0.3);
  expect(face('joy:0.3')[at('mouthSmileLeft')]).toBeCloseTo(0.3 * face('joy:1')[at('mouthSmileLeft')], 3);
  expect(face('anger:1')[at('browDownRight')]).toBeGreaterThan(0.5);
  expect(face('anger:1', 64)[at('browDownRight')]).toBeLessThan(0.25);
});

it('a feeling goes, and what is none is left alone', () => {
  const expression = new Expression(manifest);
  const controls = new Float32Array(manifest.controls.length);
  for (const told of ['joy:1', ''])
    for (let t = 0; t < 6_000; t += 16) {
      controls.fill(0);
      expression.apply(controls, told, 16);
    }
  expect(Math.hypot(...controls)).toBeLessThan(0.01);
  expect(Math.hypot(...face('melancholy:1'))).toBe(0);
});
