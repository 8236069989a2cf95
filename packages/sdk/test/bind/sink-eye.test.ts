import { expect, test } from 'vitest';
import { sinkEye } from '../../src/bind/transfer/eyes-of-head.ts';

/** An eye of 12 mm around the origin, of which vertices 3 to 5 are the ball's, and one flat triangle of a lid that comes down before it. */
function blinkOver(lidZ: number): Float32Array {
  const positions = Float64Array.of(
    ...[-0.006, 0.02, lidZ, 0.006, 0.02, lidZ, 0, 0.028, lidZ],
    ...[0, 0, 0.012, 0.012, 0, 0, 0, 0.012, 0],
  );
  const field = new Float32Array(positions.length);
  // counter-clockwise from the front, down by 22 mm
  for (const v of [0, 1, 2]) field[v * 3 + 1] = -0.022;
  const eye = { sphere: { centre: [0, 0, 0], radius: 0.012 }, own: [3, 4, 5] } as const;
  sinkEye(positions, field, eye, Uint8Array.of(1, 1, 1, 0, 0, 0), Uint32Array.of(0, 1, 2));
  return field;
}

test('an eye sinks under a flat lid that would cut through it, as a whole', () => {
  const field = blinkOver(0.009);
  const [front, side, top] = [3, 4, 5].map((v) => field.subarray(v * 3, v * 3 + 3));
  expect([...side]).toEqual([...front]);
  expect([...top]).toEqual([...front]);
  expect(front[2]).toBeLessThan(-0.0025);
  expect(front[2]).toBeGreaterThan(-0.0035);
  // the lid itself goes where it went
  expect(field[2]).toBe(0);
});

test('it stays where the lid passes before it', () => {
  expect([...blinkOver(0.0125).subarray(9)]).toEqual(new Array(9).fill(0));
});
