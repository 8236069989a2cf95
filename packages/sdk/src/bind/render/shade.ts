import { CLAY, type View } from './view.ts';

/** A turned square of a view. */
export interface Crop {
  /** Centre in the view's pixels. */
  readonly x: number;
  readonly y: number;
  /** Side in the view's pixels. */
  readonly size: number;
  /** How far the square's right side points down from the view's, in radians: clockwise as seen. */
  readonly angle: number;
}

/** How a crop is lit. */
export type Shading =
  /** A key light from above, a fill light, and ambient light. */
  | 'plain'
  /** A light at the viewer, and hollows darkened: works for shallow and for roughly modelled faces. */
  | 'hollows';

const BACKGROUND = 0.25;
const KEY = unit(0.25, 0.45, 1);
const FILL = unit(-0.6, 0.1, 0.6);

/**
 * Lights a crop of a view and scales it to a net's input: light comes from above as the crop is turned, so that a face lying
 * on its side in the view is lit like one that stands. Each pixel is the mean of 2 x 2 points.
 * @param size Width and height of the output in pixels.
 * @param low Value of black.
 * @param high Value of white.
 * @returns rgb of every pixel, row after row.
 */
export function shadeCrop(
  view: View,
  crop: Crop,
  size: number,
  low: number,
  high: number,
  shading: Shading = 'plain',
): Float32Array {
  const { raster, normals, colours } = view;
  const { width, height, triangle } = raster;
  const out = new Float32Array(size * size * 3);
  const cos = Math.cos(crop.angle);
  const sin = Math.sin(crop.angle);
  const step = crop.size / size / 2;
  const hollow = shading === 'hollows' ? hollows(view, crop.size) : undefined;
  const [kx, ky, kz] = KEY;
  const [fx, fy, fz] = FILL;
  for (let row = 0; row < 2 * size; row++)
    for (let column = 0; column < 2 * size; column++) {
      const u = (column + 0.5 - size) * step;
      const v = (row + 0.5 - size) * step;
      const x = Math.floor(crop.x + cos * u - sin * v);
      const y = Math.floor(crop.y + sin * u + cos * v);
      const to = 3 * ((row >> 1) * size + (column >> 1));
      const at = y * width + x;
      let light = BACKGROUND / 4;
      let red = 1;
      let green = 1;
      let blue = 1;
      if (x >= 0 && y >= 0 && x < width && y < height && triangle[at] >= 0) {
        // The camera's y points up and the picture's down: a clockwise crop turns normals the other way.
        const nx = cos * normals[3 * at] - sin * normals[3 * at + 1];
        const ny = sin * normals[3 * at] + cos * normals[3 * at + 1];
        const nz = normals[3 * at + 2];
        if (hollow) light = (0.25 + 0.75 * nz * (0.85 + 0.15 * ny)) * hollow[at];
        else
          light =
            0.28 +
            0.62 * Math.max(0, nx * kx + ny * ky + nz * kz) +
            0.18 * Math.max(0, nx * fx + ny * fy + nz * fz);
        light /= 4;
        red = colours ? colours[3 * at] : CLAY[0];
        green = colours ? colours[3 * at + 1] : CLAY[1];
        blue = colours ? colours[3 * at + 2] : CLAY[2];
      }
      out[to] += Math.min(0.25, light * red);
      out[to + 1] += Math.min(0.25, light * green);
      out[to + 2] += Math.min(0.25, light * blue);
    }
  for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * out[i];
  return out;
}

/** Factors below 1 where the surface lies behind the mean of its surroundings (a box of 1/12 of the crop). */
function hollows(view: View, cropSize: number): Float32Array {
  const { width, height, nearness, triangle } = view.raster;
  const radius = Math.max(2, Math.round(cropSize / 24));
  // Sums over rectangles from the upper left corner make any box's mean cheap.
  const sums = new Float64Array((width + 1) * (height + 1));
  const counts = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const to = (y + 1) * (width + 1) + x + 1;
      const seen = triangle[at] >= 0;
      sums[to] = (seen ? nearness[at] : 0) + sums[to - 1] + sums[to - width - 1] - sums[to - width - 2];
      counts[to] = (seen ? 1 : 0) + counts[to - 1] + counts[to - width - 1] - counts[to - width - 2];
    }
  const box = (table: Float64Array, x0: number, y0: number, x1: number, y1: number): number =>
    table[y1 * (width + 1) + x1] -
    table[y0 * (width + 1) + x1] -
    table[y1 * (width + 1) + x0] +
    table[y0 * (width + 1) + x0];
  // Nearness into pixels of depth: near 1 it changes by 1 / distance for each unit of depth.
  const { camera } = view;
  const pixel = Math.min(width, height) / 2 / camera.half;
  const perPixel =
    camera.fovDeg > 0 ? (pixel * camera.half) / Math.tan((camera.fovDeg * Math.PI) / 360) : pixel;
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (triangle[at] < 0) continue;
      const x0 = Math.max(0, x - radius);
      const y0 = Math.max(0, y - radius);
      const x1 = Math.min(width, x + radius + 1);
      const y1 = Math.min(height, y + radius + 1);
      const mean = box(sums, x0, y0, x1, y1) / box(counts, x0, y0, x1, y1);
      const depth = ((mean - nearness[at]) * perPixel) / radius;
      out[at] = Math.min(1.15, Math.max(0.35, 1 - 1.6 * depth));
    }
  return out;
}

function unit(x: number, y: number, z: number): readonly [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
