import { expect, test } from 'vitest';
import { partTouching } from '../../src/bind/register/part-touching.ts';

test('pieces that touch at one place are taken apart, those with a seam are not', () => {
  // two squares of two triangles each, with vertices of their own
  const triangles = Uint32Array.of(0, 1, 2, 1, 3, 2, 4, 5, 6, 5, 7, 6);
  const atOne = Uint32Array.of(0, 1, 2, 3, 3, 4, 5, 6);
  expect(partTouching(atOne, triangles, 7)).toEqual([4]);
  expect([...atOne]).toEqual([0, 1, 2, 3, 7, 4, 5, 6]);
  const seam = Uint32Array.of(0, 1, 2, 3, 1, 4, 3, 5);
  expect(partTouching(seam, triangles, 6)).toEqual([]);
  expect([...seam]).toEqual([0, 1, 2, 3, 1, 4, 3, 5]);
});

test('a fan of triangles with corners of their own is one piece', () => {
  const triangles = Uint32Array.from({ length: 12 }, (_, i) => i);
  const places = Uint32Array.of(0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4, 1);
  expect(partTouching(places, triangles, 5)).toEqual([]);
});
