/** Row-major 3 x 3. */
export type Linear = ArrayLike<number>;

export const IDENTITY: Linear = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** The linear part of a column-major 4 x 4. */
export function linearOf(m: ArrayLike<number>): number[] {
  return [m[0], m[4], m[8], m[1], m[5], m[9], m[2], m[6], m[10]];
}

export function determinant(m: Linear): number {
  return (
    m[0] * (m[4] * m[8] - m[5] * m[7]) -
    m[1] * (m[3] * m[8] - m[5] * m[6]) +
    m[2] * (m[3] * m[7] - m[4] * m[6])
  );
}

export function inverseLinear(m: Linear): number[] {
  const d = determinant(m) || 1;
  return [
    (m[4] * m[8] - m[5] * m[7]) / d,
    (m[2] * m[7] - m[1] * m[8]) / d,
    (m[1] * m[5] - m[2] * m[4]) / d,
    (m[5] * m[6] - m[3] * m[8]) / d,
    (m[0] * m[8] - m[2] * m[6]) / d,
    (m[2] * m[3] - m[0] * m[5]) / d,
    (m[3] * m[7] - m[4] * m[6]) / d,
    (m[1] * m[6] - m[0] * m[7]) / d,
    (m[0] * m[4] - m[1] * m[3]) / d,
  ];
}

/** a x b. */
export function multiplyLinear(a: Linear, b: Linear): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const row = Math.floor(i / 3) * 3;
    return a[row] * b[i % 3] + a[row + 1] * b[3 + (i % 3)] + a[row + 2] * b[6 + (i % 3)];
  });
}

/** `m` without its size: for similarities a rotation, mirrored where `m` mirrors. */
export function directionsOf(m: Linear): number[] {
  const size = Math.cbrt(Math.abs(determinant(m))) || 1;
  return Array.from(m, (value) => value / size);
}

/**
 * Normals of a head's frame in a mesh's own space; in place.
 *
 * @param toHead - From the mesh's space to the head's frame.
 * @param unit - True makes them of unit length; false for differences of normals.
 */
export function normalsToLocal(xyz: Float32Array, toHead: Linear, unit = true): Float32Array {
  // A normal goes over by the transposed matrix where a place goes by the inverse.
  const m = directionsOf(toHead);
  for (let i = 0; i < xyz.length; i += 3) {
    const x = xyz[i];
    const y = xyz[i + 1];
    const z = xyz[i + 2];
    const nx = m[0] * x + m[3] * y + m[6] * z;
    const ny = m[1] * x + m[4] * y + m[7] * z;
    const nz = m[2] * x + m[5] * y + m[8] * z;
    const length = unit ? Math.hypot(nx, ny, nz) || 1 : 1;
    xyz[i] = nx / length;
    xyz[i + 1] = ny / length;
    xyz[i + 2] = nz / length;
  }
  return xyz;
}

export function transposed(m: Linear): number[] {
  return [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];
}
