import { expect, it } from 'vitest';
import { Nod } from '../src/npc/nod.ts';
import { exportedModel } from './support/exported-model.ts';

const { manifest } = exportedModel();
const pitch = manifest.controls.findIndex(({ name }) => name === 'headPitch');

/** Pitch over two seconds of frames, of which the count changes at the first. */
function nod(from: number | undefined, to: number | undefined): number[] {
  const head = new Nod(manifest);
  const controls = new Float32Array(manifest.controls.length);
  head.apply(controls, from, 16);
  const pitches: number[] = [];
  for (let ms = 0; ms < 2000; ms += 16) {
    controls.fill(0);
    head.apply(controls, to, 16);
    pitches.push(controls[pitch]);
  }
  return pitches;
}

it('dips twice, by a few degrees, smoothly, and comes back', () => {
  const pitches = nod(3, 4);
  const deepest = Math.max(...pitches);
  expect(deepest).toBeGreaterThan(0.05);
  expect(deepest).toBeLessThan(0.12);
  expect(Math.min(...pitches)).toBeGreaterThanOrEqual(0);
  expect(pitches.at(-1)).toBe(0);
  const tops = pitches.filter((value, i) => i > 0 && value > pitches[i - 1] && value > (pitches[i + 1] ?? 0));
  expect(tops).toHaveLength(2);
  for (let i = 1; i < pitches.length; i++) expect(Math.abs(pitches[i] - pitches[i - 1])).toBeLessThan(0.012);
});

it('does not nod at the first count it sees, nor without one', () => {
  expect(Math.max(...nod(undefined, 7))).toBe(0);
  expect(Math.max(...nod(7, 7))).toBe(0);
  expect(Math.max(...nod(undefined, undefined))).toBe(0);
});
