/** Takes directions of a face (+x its own left, +y up, +z out of it) to those of another space: row-major 3 x 3. */
export type HeadAxes = ArrayLike<number>;

/** The face lies in the space as it should. */
export const FACES_FORWARD: HeadAxes = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * Turns the axis of a rotation of the face to the other space; in place.
 *
 * @param q - Quaternion xyzw.
 * @param axes - May mirror: give it times its determinant then, because an axis of rotation is a pseudovector.
 */
export function turnAxis(q: Float32Array | number[], axes: HeadAxes): void {
  const x = q[0];
  const y = q[1];
  const z = q[2];
  q[0] = axes[0] * x + axes[1] * y + axes[2] * z;
  q[1] = axes[3] * x + axes[4] * y + axes[5] * z;
  q[2] = axes[6] * x + axes[7] * y + axes[8] * z;
}
