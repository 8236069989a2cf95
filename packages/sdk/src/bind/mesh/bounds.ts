/** An axis-aligned box. */
export interface Bounds {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
  readonly centre: readonly [number, number, number];
  /** Length of the diagonal. */
  readonly diagonal: number;
}

/**
 * The box around points.
 * @param positions xyz triples.
 * @param used Vertices that count, for instance a triangle list; vertices that no triangle uses often lie anywhere. Default: all.
 * @throws RangeError if there are none.
 */
export function boundsOf(positions: Float32Array, used?: Uint32Array): Bounds {
  const count = used ? used.length : positions.length / 3;
  if (count === 0) throw new RangeError('there are no points to put a box around');
  const min: [number, number, number] = [Infinity, Infinity, Infinity];
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const at = 3 * (used ? used[i] : i);
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[at + axis];
      if (value < min[axis]) min[axis] = value;
      if (value > max[axis]) max[axis] = value;
    }
  }
  return {
    min,
    max,
    centre: [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2],
    diagonal: Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2]),
  };
}
