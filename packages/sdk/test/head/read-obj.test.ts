import { describe, expect, test } from 'vitest';
import { readObj } from '../../src/index.ts';

const SQUARE = 'v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n';

describe('readObj', () => {
  test('makes fans of polygons and leaves everything but places and faces out', () => {
    const { positions, indices } = readObj(
      `# a square\nmtllib none.mtl\n${SQUARE}vt 0 0\nvn 0 0 1\nusemtl skin\nf 1/1/1 2/1/1 3/1/1 4/1/1\n`,
      'square.obj',
    );
    expect([...positions]).toEqual([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]);
    expect([...indices]).toEqual([0, 1, 2, 0, 2, 3]);
  });

  test('counts negative numbers back from the face', () => {
    expect([...readObj(`${SQUARE}f -4//-1 -2//-1 -1//-1\nv 2 2 2\n`, 'back.obj').indices]).toEqual([0, 2, 3]);
  });

  test('reads tabs, indents, colours and the line ends of Windows', () => {
    const text = '\tv\t0 0 0 0.5 0.5 0.5\r\n  v 1 0 0\r\nv 0 1 0\r\nf\t1 2 3\r\n';
    const { positions, indices } = readObj(text, 'windows.obj');
    expect([...positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect([...indices]).toEqual([0, 1, 2]);
  });

  test.each([
    ['nothing', ' \n', 'empty-head'],
    ['no faces', SQUARE, 'not-a-mesh'],
    ['a number that is cut', 'v 0 0\nf 1 1 1\n', 'truncated-head'],
    ['words for numbers', 'v a b c\nf 1 1 1\n', 'truncated-head'],
    ['a face of two corners', `${SQUARE}f 1 2\n`, 'truncated-head'],
    ['a vertex that is not there', `${SQUARE}f 1 2 5\n`, 'truncated-head'],
    ['vertex 0', `${SQUARE}f 0 1 2\n`, 'truncated-head'],
  ])('refuses %s with the name of the file', (_what, text, code) => {
    expect(() => readObj(text, 'head.obj')).toThrow(expect.objectContaining({ code }));
    expect(() => readObj(text, 'head.obj')).toThrow('head.obj');
  });
});
