/** A unit quaternion, xyzw. */
export type Quaternion = readonly [number, number, number, number];

/** First `b`, then `a`. */
export function multiplied(a: Quaternion, b: Quaternion): Quaternion {
  const [ax, ay, az, aw] = a;
  const [bx, by, bz, bw] = b;
  return [
    aw * bx + ax * bw + ay * bz - az * by,
    aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw,
    aw * bw - ax * bx - ay * by - az * bz,
  ];
}

/** The turn back. */
export function inverted([x, y, z, w]: Quaternion): Quaternion {
  return [-x, -y, -z, w];
}
