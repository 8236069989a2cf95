import type { Document } from '@gltf-transform/core';
import type { Similarity } from '@parley/sdk/bind';

/** Cosine from which on a head counts as upright but for right angles: 25 degrees. */
const LEANS = 0.9;
/** Sizes of an adult head's that are left alone. */
const SCALE_RANGE = [0.75, 1.34] as const;

/**
 * Puts a node above a scene that turns it to +y up and +z out of the face and scales it to metres, where it was modelled
 * otherwise: by right angles and a power of ten where that does, else wholly to the template's pose and size.
 */
export function addUprightNode(document: Document, { rotation, scale }: Similarity): void {
  const rows = [0, 1, 2].map((row) => [0, 1, 2].map((column) => rotation[row * 3 + column]!));
  const snapped = rows.map((row) => {
    const axis = row.reduce((best, value, i) => (Math.abs(value) > Math.abs(row[best]!) ? i : best), 0);
    return row.map((value, i) => (i === axis ? Math.sign(value) : 0));
  });
  const isSquare =
    rows.every((row, i) => row.some((value, k) => Math.abs(value) > LEANS && snapped[i]![k] !== 0)) &&
    new Set(snapped.map((row) => row.findIndex((value) => value !== 0))).size === 3;
  const unit = 10 ** Math.round(Math.log10(scale));
  const isUnit = scale / unit > SCALE_RANGE[0] && scale / unit < SCALE_RANGE[1];
  const turn = quaternionOf(isSquare ? snapped : rows);
  const size = isUnit ? unit : scale;
  if (turn[3] > 0.9999 && size === 1) return;
  const upright = document.createNode('upright').setRotation(turn).setScale([size, size, size]);
  for (const scene of document.getRoot().listScenes()) {
    for (const node of scene.listChildren()) upright.addChild(node);
    scene.addChild(upright);
  }
}

/** Unit quaternion xyzw of a rotation by rows. Shepperd 1978. */
function quaternionOf(m: readonly (readonly number[])[]): [number, number, number, number] {
  const [[a, b, c], [d, e, f], [g, h, i]] = m as unknown as [number[], number[], number[]] as [
    [number, number, number],
    [number, number, number],
    [number, number, number],
  ];
  const squares = [1 + a - e - i, 1 - a + e - i, 1 - a - e + i, 1 + a + e + i];
  const largest = squares.indexOf(Math.max(...squares));
  const candidates: [number, number, number, number][] = [
    [squares[0]!, b + d, c + g, h - f],
    [b + d, squares[1]!, f + h, c - g],
    [c + g, f + h, squares[2]!, d - b],
    [h - f, c - g, d - b, squares[3]!],
  ];
  const q = candidates[largest]!;
  const length = Math.hypot(...q) * (q[3] < 0 ? -1 : 1);
  return q.map((value) => value / length) as [number, number, number, number];
}
