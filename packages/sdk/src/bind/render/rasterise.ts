/** What is seen at every pixel, row after row from the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Triangle at the pixel's centre, -1 for none. */
  readonly triangle: Int32Array;
  /** Its nearness there, see `project`; -Infinity for none. */
  readonly nearness: Float32Array;
}

/** An empty raster. */
export function createRaster(width: number, height: number): Raster {
  return {
    width,
    height,
    triangle: new Int32Array(width * height).fill(-1),
    nearness: new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY),
  };
}

/** A pixel whose centre is this far outside a triangle (in barycentric weight) still counts, so that no seam stays open. */
const EDGE = 1e-6;

/**
 * Draws triangles, the nearest wins, the first among equals. Both sides are drawn. Triangles with a NaN corner (before the
 * near plane) and those without area are left out.
 * @param screen x, y and nearness of every vertex, as `project` gives them.
 * @param triangles Three vertices each.
 * @param raster Cleared first.
 */
export function rasterise(screen: Float32Array, triangles: Uint32Array, raster: Raster): Raster {
  const { width, height, triangle, nearness } = raster;
  triangle.fill(-1);
  nearness.fill(Number.NEGATIVE_INFINITY);
  const count = triangles.length / 3;
  for (let t = 0; t < count; t++) {
    const a = 3 * triangles[3 * t];
    const b = 3 * triangles[3 * t + 1];
    const c = 3 * triangles[3 * t + 2];
    const ax = screen[a];
    const ay = screen[a + 1];
    const bx = screen[b];
    const by = screen[b + 1];
    const cx = screen[c];
    const cy = screen[c + 1];
    const minX = Math.min(ax, bx, cx);
    const maxX = Math.max(ax, bx, cx);
    const minY = Math.min(ay, by, cy);
    const maxY = Math.max(ay, by, cy);
    // First and last pixel whose centre can be inside. Small triangles often have none.
    const x0 = minX > 0.5 ? Math.ceil(minX - 0.5) : 0;
    const x1 = maxX < width - 0.5 ? Math.floor(maxX - 0.5) : width - 1;
    if (x0 > x1) continue;
    const y0 = minY > 0.5 ? Math.ceil(minY - 0.5) : 0;
    const y1 = maxY < height - 0.5 ? Math.floor(maxY - 0.5) : height - 1;
    if (y0 > y1) continue;
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    const na = screen[a + 2];
    const nb = screen[b + 2] - na;
    const nc = screen[c + 2] - na;
    if (!(Math.abs(area) > 1e-12) || Number.isNaN(na + nb + nc)) continue;
    const bRight = (cy - ay) / area;
    const bDown = -(cx - ax) / area;
    const cRight = -(by - ay) / area;
    const cDown = (bx - ax) / area;
    for (let y = y0; y <= y1; y++) {
      const dy = y + 0.5 - ay;
      const bRow = dy * bDown;
      const cRow = dy * cDown;
      let at = y * width + x0;
      for (let x = x0; x <= x1; x++, at++) {
        const dx = x + 0.5 - ax;
        const wb = bRow + dx * bRight;
        const wc = cRow + dx * cRight;
        if (wb < -EDGE || wc < -EDGE || wb + wc > 1 + EDGE) continue;
        const near = na + wb * nb + wc * nc;
        if (near > nearness[at]) {
          nearness[at] = near;
          triangle[at] = t;
        }
      }
    }
  }
  return raster;
}

/**
 * Where a point of the screen lies in a triangle: weights of its three corners, right for perspective. A point outside gets
 * the weights of a place on the border near it.
 * @param out Receives three weights, each 0 to 1, of sum 1.
 */
export function barycentricsAt(
  screen: Float32Array,
  triangles: Uint32Array,
  triangle: number,
  x: number,
  y: number,
  perspective: boolean,
  out: Float64Array,
): Float64Array {
  const a = 3 * triangles[3 * triangle];
  const b = 3 * triangles[3 * triangle + 1];
  const c = 3 * triangles[3 * triangle + 2];
  const ax = screen[a];
  const ay = screen[a + 1];
  const abx = screen[b] - ax;
  const aby = screen[b + 1] - ay;
  const acx = screen[c] - ax;
  const acy = screen[c + 1] - ay;
  const area = abx * acy - aby * acx;
  let wb = Math.max(0, ((x - ax) * acy - (y - ay) * acx) / area);
  let wc = Math.max(0, (abx * (y - ay) - aby * (x - ax)) / area);
  let wa = Math.max(0, 1 - ((x - ax) * acy - (y - ay) * acx + abx * (y - ay) - aby * (x - ax)) / area);
  if (perspective) {
    // A near corner takes more of the surface than of the screen.
    wa *= screen[a + 2];
    wb *= screen[b + 2];
    wc *= screen[c + 2];
  }
  const sum = wa + wb + wc;
  out[0] = wa / sum;
  out[1] = wb / sum;
  out[2] = wc / sum;
  return out;
}
