/** Column-major 4 x 4, as glTF's; the last row is 0 0 0 1. */
export type Matrix4 = readonly number[] | Float64Array;

/** a x b. */
export function multiply4(a: Matrix4, b: Matrix4): number[] {
  const out = new Array<number>(16).fill(0);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++)
      for (let k = 0; k < 4; k++) out[column * 4 + row] += a[k * 4 + row] * b[column * 4 + k];
  return out;
}

/** Determinant of the linear part: negative where the matrix mirrors. */
export function determinant3(m: Matrix4): number {
  return (
    m[0] * (m[5] * m[10] - m[9] * m[6]) -
    m[4] * (m[1] * m[10] - m[9] * m[2]) +
    m[8] * (m[1] * m[6] - m[5] * m[2])
  );
}

/** xyz triples moved by `m` (w = 1 for points, 0 for offsets). */
export function transformTriples(xyz: Float32Array, m: Matrix4, w: 0 | 1): Float32Array {
  const out = new Float32Array(xyz.length);
  for (let i = 0; i < xyz.length; i += 3) {
    const x = xyz[i];
    const y = xyz[i + 1];
    const z = xyz[i + 2];
    for (let row = 0; row < 3; row++)
      out[i + row] = m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row] * w;
  }
  return out;
}

/** Normals moved by the inverse transpose of `m`'s linear part, then of length 1 (0 stays 0). */
export function transformNormals(xyz: Float32Array, m: Matrix4): Float32Array {
  // Cofactors are the inverse transpose times the determinant; its sign turns normals of mirrored meshes round.
  const cofactors = [0, 1, 2].map((row) =>
    [0, 1, 2].map((column) => {
      const [r1, r2] = [(row + 1) % 3, (row + 2) % 3];
      const [c1, c2] = [(column + 1) % 3, (column + 2) % 3];
      return m[c1 * 4 + r1] * m[c2 * 4 + r2] - m[c2 * 4 + r1] * m[c1 * 4 + r2];
    }),
  );
  const sign = determinant3(m) < 0 ? -1 : 1;
  const out = new Float32Array(xyz.length);
  for (let i = 0; i < xyz.length; i += 3) {
    const n = cofactors.map((row) => sign * (row[0] * xyz[i] + row[1] * xyz[i + 1] + row[2] * xyz[i + 2]));
    const length = Math.hypot(n[0], n[1], n[2]) || 1;
    out[i] = n[0] / length;
    out[i + 1] = n[1] / length;
    out[i + 2] = n[2] / length;
  }
  return out;
}
