/** A camera that looks along -z of its own frame at a point. */
export interface Camera {
  /** Row-major 3 x 3 of determinant 1: turns the head's frame into the camera's (x right, y up, z towards the viewer). */
  readonly rotation: ArrayLike<number>;
  /** The point in the middle of the picture, in the head's frame. */
  readonly target: ArrayLike<number>;
  /** Half of what the picture's smaller side shows at the target, in the head's unit. */
  readonly half: number;
  /** Angle of view over the smaller side, in degrees; 0 for an orthographic picture. */
  readonly fovDeg: number;
}

/** Triangles nearer to the viewer than this share of the target's distance are not drawn. */
const NEAR = 0.1;

/**
 * Projects points: x and y in pixels (y down, 0 at the picture's upper left corner), and nearness, which is larger for nearer
 * points and linear over a triangle on the screen: distance of the target / distance for a perspective, z for an
 * orthographic camera. Points before the near plane become NaN.
 * @param positions xyz triples in the head's frame.
 * @param out Receives x, y and nearness of each.
 */
export function project(
  camera: Camera,
  positions: Float32Array,
  width: number,
  height: number,
  out: Float32Array,
): Float32Array {
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = Array.from(camera.rotation);
  const [tx, ty, tz] = Array.from(camera.target);
  const pixels = Math.min(width, height) / 2 / camera.half;
  const distance = viewerDistance(camera);
  const perspective = camera.fovDeg > 0;
  for (let i = 0; i < positions.length; i += 3) {
    const x = positions[i] - tx;
    const y = positions[i + 1] - ty;
    const z = positions[i + 2] - tz;
    const depth = r6 * x + r7 * y + r8 * z;
    let near = depth;
    let scale = pixels;
    if (perspective) {
      near = distance / (distance - depth);
      if (!(near > 0 && near < 1 / NEAR)) near = Number.NaN;
      scale *= near;
    }
    out[i] = width / 2 + scale * (r0 * x + r1 * y + r2 * z);
    out[i + 1] = height / 2 - scale * (r3 * x + r4 * y + r5 * z);
    out[i + 2] = near;
  }
  return out;
}

/** How far the viewer stands from the target, in the head's unit; infinite for an orthographic camera. */
export function viewerDistance(camera: Camera): number {
  return camera.fovDeg > 0
    ? camera.half / Math.tan((camera.fovDeg * Math.PI) / 360)
    : Number.POSITIVE_INFINITY;
}

/** How far a nearness is from the target towards the viewer, in the head's unit. */
export function depthOf(camera: Camera, nearness: number): number {
  if (camera.fovDeg === 0) return nearness;
  const distance = viewerDistance(camera);
  return distance - distance / nearness;
}

/**
 * The place of a pixel in the head's frame: the reverse of {@link project}.
 * @param x In pixels.
 * @param y In pixels.
 * @param nearness As `project` gives it.
 */
export function unproject(
  camera: Camera,
  x: number,
  y: number,
  nearness: number,
  width: number,
  height: number,
): [number, number, number] {
  const depth = depthOf(camera, nearness);
  const scale = (camera.half / (Math.min(width, height) / 2)) * (camera.fovDeg > 0 ? 1 / nearness : 1);
  const right = (x - width / 2) * scale;
  const up = (height / 2 - y) * scale;
  const r = camera.rotation;
  const along = (axis: number): number =>
    camera.target[axis] + right * r[axis] + up * r[3 + axis] + depth * r[6 + axis];
  return [along(0), along(1), along(2)];
}
