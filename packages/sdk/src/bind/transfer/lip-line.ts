import { createEdgeGraph, geodesicDistances } from '../geometry/edge-graph.ts';
import type { BindTemplate } from '../template/bind-template.ts';

/** A surface in the template's frame. */
export interface Surface {
  readonly positions: Float64Array;
  readonly indices: Uint32Array;
}

/** The line along which the lips meet, seen from the front: points by ascending x. */
export interface LipLine {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Mean of how far the line was moved up or down, metres, and of the valley's depth under it. */
  readonly shift: number;
  readonly depth: number;
}

/** Pixels along each side of a depth map. */
export const DEPTH_MAP_SIZE = 256;
const SIZE = DEPTH_MAP_SIZE;
/** The line may move up or down by this, metres. */
const RANGE = 0.0055;
/** Standard deviations of the two blurs whose difference shows a valley, metres. */
const FINE = 0.0004;
const BROAD = 0.003;

/** Height of the line at x; beyond its ends that of the ends. */
export function lineAt(xs: Float64Array, values: Float64Array, x: number): number {
  if (x <= xs[0]) return values[0];
  const last = xs.length - 1;
  if (x >= xs[last]) return values[last];
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= x) low = middle;
    else high = middle;
  }
  const t = (x - xs[low]) / (xs[high] - xs[low] || 1);
  return values[low] + t * (values[high] - values[low]);
}

/**
 * Where the lips of a head meet: the registered template's line, moved into the valley of the depth map that runs near it
 * (the cheapest path from corner to corner, Viterbi), because landmarks place it a few millimetres too high.
 */
export function findLipLine(template: BindTemplate, registered: Float64Array, surface: Surface): LipLine {
  const guess = template.lipPairs
    .map(([upper, lower]) =>
      [0, 1, 2].map((axis) => (registered[upper * 3 + axis] + registered[lower * 3 + axis]) / 2),
    )
    .sort((a, b) => a[0] - b[0]);
  const gx = Float64Array.from(guess, (p) => p[0]);
  const gy = Float64Array.from(guess, (p) => p[1]);
  const gz = Float64Array.from(guess, (p) => p[2]);
  const middleX = (gx[0] + gx[gx.length - 1]) / 2;
  const half = ((gx[gx.length - 1] - gx[0]) / 2) * 1.3;
  const middleY = gy.reduce((sum, y) => sum + y, 0) / gy.length;
  const nearest = Math.max(...gz);
  const pixel = (2 * half) / SIZE;
  const depth = depthMap(surface, middleX - half, middleY - half, pixel, nearest - 0.035, nearest + 0.03);
  const fine = blur(depth, FINE / pixel, FINE / pixel);
  const broad = blur(depth, FINE / pixel, BROAD / pixel);
  const columnOf = (x: number) => Math.max(0, Math.min(SIZE - 1, Math.floor((x - middleX + half) / pixel)));
  const rowOf = (y: number) => Math.max(0, Math.min(SIZE - 1, Math.floor((y - middleY + half) / pixel)));
  const from = columnOf(gx[0]);
  const to = columnOf(gx[gx.length - 1]);
  const reach = Math.round(RANGE / pixel);
  const states = 2 * reach + 1;
  const columns = to - from + 1;
  const valley = (column: number, row: number) =>
    Math.max(-0.0005, Math.min(0.0025, broad[row * SIZE + column] - fine[row * SIZE + column]));
  let cost = new Float64Array(states);
  const back: Int16Array[] = [];
  const xOf = (column: number) => middleX - half + (column + 0.5) * pixel;
  for (let i = 0; i < columns; i++) {
    const column = from + i;
    const y = lineAt(gx, gy, xOf(column));
    const next = new Float64Array(states);
    const trace = new Int16Array(states);
    for (let s = 0; s < states; s++) {
      const shift = s - reach;
      let best = Number.POSITIVE_INFINITY;
      if (i === 0) best = 0;
      else {
        for (let o = Math.max(0, s - 3); o <= Math.min(states - 1, s + 3); o++) {
          const c = cost[o] + 0.02 * (o - s) ** 2;
          if (c < best) {
            best = c;
            trace[s] = o;
          }
        }
      }
      next[s] = best - valley(column, rowOf(y + shift * pixel)) * 800 + 0.25 * ((shift * pixel) / RANGE) ** 2;
    }
    back.push(trace);
    cost = next;
  }
  let state = cost.indexOf(Math.min(...cost));
  const shifts = new Float64Array(columns);
  for (let i = columns - 1; i >= 0; i--) {
    shifts[i] = (state - reach) * pixel;
    state = back[i][state];
  }
  const smooth = smoothLine(shifts, 3);
  const x = new Float64Array(columns);
  const y = new Float64Array(columns);
  const z = new Float64Array(columns);
  let moved = 0;
  let deep = 0;
  for (let i = 0; i < columns; i++) {
    x[i] = xOf(from + i);
    y[i] = lineAt(gx, gy, x[i]) + smooth[i];
    const row = rowOf(y[i]);
    const found = depth[row * SIZE + from + i];
    z[i] = Math.abs(found - lineAt(gx, gz, x[i])) < 0.02 ? found : lineAt(gx, gz, x[i]);
    moved += Math.abs(smooth[i]) / columns;
    deep += Math.max(0, valley(from + i, row)) / columns;
  }
  return { x, y, z, shift: moved, depth: deep };
}

/** z of the front layer in a square window of SIZE x SIZE pixels, rows upwards; what is hollow gets the farthest depth. */
export function depthMap(
  { positions, indices }: Surface,
  left: number,
  bottom: number,
  pixel: number,
  farthest: number,
  foremost: number,
): Float64Array {
  const map = new Float64Array(SIZE * SIZE).fill(farthest);
  for (let t = 0; t < indices.length; t += 3) {
    const a = indices[t] * 3;
    const b = indices[t + 1] * 3;
    const c = indices[t + 2] * 3;
    if (positions[a + 2] < farthest || positions[a + 2] > foremost) continue;
    const ax = (positions[a] - left) / pixel;
    const ay = (positions[a + 1] - bottom) / pixel;
    const bx = (positions[b] - left) / pixel;
    const by = (positions[b + 1] - bottom) / pixel;
    const cx = (positions[c] - left) / pixel;
    const cy = (positions[c + 1] - bottom) / pixel;
    const lowX = Math.max(0, Math.floor(Math.min(ax, bx, cx) - 0.5));
    const highX = Math.min(SIZE - 1, Math.ceil(Math.max(ax, bx, cx) - 0.5));
    const lowY = Math.max(0, Math.floor(Math.min(ay, by, cy) - 0.5));
    const highY = Math.min(SIZE - 1, Math.ceil(Math.max(ay, by, cy) - 0.5));
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
    if (Math.abs(area) < 1e-12) continue;
    for (let row = lowY; row <= highY; row++) {
      for (let column = lowX; column <= highX; column++) {
        const px = column + 0.5 - ax;
        const py = row + 0.5 - ay;
        const v = (px * (cy - ay) - py * (cx - ax)) / area;
        const w = ((bx - ax) * py - (by - ay) * px) / area;
        if (v < -1e-9 || w < -1e-9 || v + w > 1 + 1e-9) continue;
        const z = positions[a + 2] * (1 - v - w) + positions[b + 2] * v + positions[c + 2] * w;
        if (z > map[row * SIZE + column]) map[row * SIZE + column] = z;
      }
    }
  }
  return map;
}

function kernel(sigma: number): Float64Array {
  const reach = Math.max(1, Math.ceil(sigma * 3));
  const out = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const sum = out.reduce((total, value) => total + value, 0);
  return out.map((value) => value / sum);
}

function blur(map: Float64Array, sigmaX: number, sigmaY: number): Float64Array {
  return blurAlong(blurAlong(map, kernel(Math.max(0.3, sigmaX)), 1), kernel(Math.max(0.3, sigmaY)), SIZE);
}

function blurAlong(map: Float64Array, weights: Float64Array, stride: number): Float64Array {
  const out = new Float64Array(map.length);
  const reach = (weights.length - 1) / 2;
  const other = stride === 1 ? SIZE : 1;
  for (let line = 0; line < SIZE; line++) {
    for (let i = 0; i < SIZE; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const at = Math.max(0, Math.min(SIZE - 1, i + k));
        sum += weights[k + reach] * map[line * other + at * stride];
      }
      out[line * other + i * stride] = sum;
    }
  }
  return out;
}

function smoothLine(values: Float64Array, sigma: number): Float64Array {
  const weights = kernel(sigma);
  const reach = (weights.length - 1) / 2;
  return values.map((_, i) => {
    let sum = 0;
    for (let k = -reach; k <= reach; k++)
      sum += weights[k + reach] * values[Math.max(0, Math.min(values.length - 1, i + k))];
    return sum;
  });
}

/** Ways along the surface longer than this many times the straight one go round inside the mouth. */
const SEPARATE = 2.8;

/**
 * True when skin closes over the mouth: the way along the surface from above the line to below it is then nearly straight.
 */
export function isSealed(line: LipLine, surface: Surface): boolean {
  const { positions, indices } = surface;
  const last = line.x.length - 1;
  const middleX = (line.x[0] + line.x[last]) / 2;
  const half = (line.x[last] - line.x[0]) / 2;
  const inBox = (v: number) => {
    const x = positions[v * 3];
    return (
      Math.abs(x - middleX) < half * 1.8 &&
      Math.abs(positions[v * 3 + 1] - lineAt(line.x, line.y, x)) < 0.022 &&
      positions[v * 3 + 2] > lineAt(line.x, line.z, x) - 0.04
    );
  };
  const box = new Uint8Array(positions.length / 3);
  for (let v = 0; v < box.length; v++) box[v] = inBox(v) ? 1 : 0;
  const graph = createEdgeGraph(
    positions,
    indices,
    (t) => box[indices[t * 3]] + box[indices[t * 3 + 1]] + box[indices[t * 3 + 2]] === 3,
  );
  const ratios: number[] = [];
  for (const u of [-0.5, -0.25, 0, 0.25, 0.5]) {
    const x = middleX + u * half;
    const y = lineAt(line.x, line.y, x);
    const z = lineAt(line.x, line.z, x) + 0.004;
    const above = nearestIn(positions, box, graph.first, x, y + 0.0045, z);
    const below = nearestIn(positions, box, graph.first, x, y - 0.0045, z);
    if (above < 0 || below < 0 || above === below) continue;
    const way = geodesicDistances(graph, [above], 0.2)[below];
    const straight = Math.hypot(
      ...[0, 1, 2].map((axis) => positions[above * 3 + axis] - positions[below * 3 + axis]),
    );
    ratios.push(way / Math.max(straight, 0.005));
  }
  if (ratios.length === 0) return true;
  ratios.sort((a, b) => a - b);
  return ratios[ratios.length >> 1] < SEPARATE;
}

function nearestIn(
  positions: Float64Array,
  box: Uint8Array,
  first: Uint32Array,
  x: number,
  y: number,
  z: number,
): number {
  let best = -1;
  let least = 0.012 ** 2;
  for (let v = 0; v < box.length; v++) {
    if (box[v] === 0 || first[v + 1] === first[v]) continue;
    const away =
      (positions[v * 3] - x) ** 2 + (positions[v * 3 + 1] - y) ** 2 + (positions[v * 3 + 2] - z) ** 2;
    if (away < least) {
      least = away;
      best = v;
    }
  }
  return best;
}
