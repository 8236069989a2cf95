import { expect, test } from 'vitest';
import { interpolateControls } from '../../src/index.ts';

test('controls are interpolated linearly, rotations too, in place if wanted', () => {
  const a = Float32Array.of(0, -0.25, 1);
  const b = Float32Array.of(1, 0.25, 1);
  expect([...interpolateControls(a, b, 0.25, new Float32Array(3))]).toEqual([0.25, -0.125, 1]);
  expect(interpolateControls(a, b, 1, a)).toBe(a);
  expect([...a]).toEqual([1, 0.25, 1]);
});
