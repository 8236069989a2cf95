import type { HeadMesh } from '../head-mesh.ts';
import { boundsOf } from '../mesh/bounds.ts';
import { connectedComponents } from '../mesh/components.ts';
import type { HeadDrawable } from '../render/head-drawable.ts';

/** A ball in which a face is looked for. */
export interface SearchWindow {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
}

/**
 * Where the head of a body may be, likely places first: at a joint or in a part that is named so, in a large connected piece,
 * at the ends of what is long. The whole mesh is not among them. Names are hints: nothing is lost where they lie.
 */
export function searchWindows(head: HeadMesh, mesh: HeadDrawable): SearchWindow[] {
  const whole = boundsOf(mesh.positions, mesh.triangles);
  const found: SearchWindow[] = [];
  const add = (centre: readonly [number, number, number], radius: number): void => {
    if (!(radius > 0) || radius > 0.4 * whole.diagonal) return;
    const near = found.some(
      (other) =>
        Math.hypot(centre[0] - other.centre[0], centre[1] - other.centre[1], centre[2] - other.centre[2]) <
          0.35 * radius &&
        radius / other.radius > 0.7 &&
        radius / other.radius < 1.4,
    );
    if (!near) found.push({ centre, radius });
  };

  const carried = carriedByHead(head);
  if (carried.length >= 30) {
    const box = boundsOf(Float32Array.from(carried));
    add(box.centre, box.diagonal * 0.45);
  }
  head.parts.forEach((part) => {
    if (!/head|face|skin/i.test(`${part.name} ${part.material}`) || /hair|gear|phone/i.test(part.name))
      return;
    const box = boundsOf(part.positions, part.indices);
    add(box.centre, box.diagonal * 0.45);
  });

  const pieces = connectedComponents(mesh.positions.length / 3, mesh.triangles);
  const sizes = new Uint32Array(pieces.count);
  for (let i = 0; i < mesh.triangles.length; i += 3) sizes[pieces.ofVertex[mesh.triangles[i]]]++;
  const total = mesh.triangles.length / 3;
  [...sizes.keys()]
    .filter((piece) => sizes[piece] > 0.08 * total && sizes[piece] < 0.95 * total)
    .sort((a, b) => sizes[b] - sizes[a])
    .slice(0, 3)
    .forEach((piece) => {
      const box = boundsOf(
        mesh.positions,
        mesh.triangles.filter((vertex) => pieces.ofVertex[vertex] === piece),
      );
      add(box.centre, box.diagonal * 0.45);
    });

  for (const end of longEnds(mesh)) for (const share of [0.08, 0.14]) add(...end(share));
  return found.slice(0, 12);
}

/** xyz of the vertices that a joint named head, or one below it, carries for the most part. */
function carriedByHead(head: HeadMesh): number[] {
  const isHead = head.joints.map(({ name }) => /head/i.test(name) && !/head.*(end|top|nub|tip)/i.test(name));
  const below = head.joints.map(({ parent }, joint) => {
    for (let at = joint, up = parent; at >= 0; at = up, up = head.joints[at]?.parent ?? -1)
      if (isHead[at]) return true;
    return false;
  });
  const names = new Set(head.joints.filter((_, joint) => below[joint]).map(({ name }) => name));
  if (names.size === 0) return [];
  const carried: number[] = [];
  for (const { skin, positions } of head.parts) {
    if (!skin) continue;
    const ours = skin.joints.map((name) => names.has(name));
    for (let i = 0; i < positions.length / 3; i++) {
      let share = 0;
      for (let k = 0; k < 4; k++)
        if (ours[skin.jointIndices[4 * i + k]]) share += skin.jointWeights[4 * i + k];
      if (share > 0.7) carried.push(positions[3 * i], positions[3 * i + 1], positions[3 * i + 2]);
    }
  }
  return carried;
}

/** The ends of the two longest principal axes, by area; each as a function of the window's radius as a share of the length. */
function longEnds({
  positions: p,
  triangles,
}: HeadDrawable): ((share: number) => [readonly [number, number, number], number])[] {
  const mean = [0, 0, 0];
  const products = new Float64Array(9);
  let area = 0;
  const middle = [0, 0, 0];
  for (const pass of [0, 1])
    for (let i = 0; i < triangles.length; i += 3) {
      const [a, b, c] = [3 * triangles[i], 3 * triangles[i + 1], 3 * triangles[i + 2]];
      const u = [p[b] - p[a], p[b + 1] - p[a + 1], p[b + 2] - p[a + 2]];
      const v = [p[c] - p[a], p[c + 1] - p[a + 1], p[c + 2] - p[a + 2]];
      const size = Math.hypot(
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
      );
      if (pass === 0) area += size;
      for (let k = 0; k < 3; k++) middle[k] = (p[a + k] + p[b + k] + p[c + k]) / 3;
      for (let k = 0; k < 3; k++) {
        if (pass === 0) mean[k] += size * middle[k];
        else
          for (let l = 0; l < 3; l++)
            products[3 * k + l] += size * (middle[k] - mean[k] / area) * (middle[l] - mean[l] / area);
      }
    }
  if (!(area > 0)) return [];
  const centre = mean.map((value) => value / area);
  const first = powerIteration(products);
  const strength = rayleigh(products, first);
  const rest = products.map((value, i) => value - strength * first[Math.floor(i / 3)] * first[i % 3]);
  const second = powerIteration(rest);
  const extents = [first, second].map((axis) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const vertex of triangles) {
      let along = 0;
      for (let k = 0; k < 3; k++) along += axis[k] * (p[3 * vertex + k] - centre[k]);
      low = Math.min(low, along);
      high = Math.max(high, along);
    }
    return { axis, low, high };
  });
  return extents
    .filter(({ low, high }) => high - low > 0.6 * (extents[0].high - extents[0].low))
    .flatMap(({ axis, low, high }) =>
      [1, -1].map((side) => (share: number): [readonly [number, number, number], number] => {
        const radius = share * (high - low);
        const along = side > 0 ? high - radius * 0.9 : low + radius * 0.9;
        // The slab at the end may lie beside the axis: its own middle counts.
        const sums = [0, 0, 0];
        let count = 0;
        for (const vertex of triangles) {
          let at = 0;
          for (let k = 0; k < 3; k++) at += axis[k] * (p[3 * vertex + k] - centre[k]);
          if (side > 0 ? at < high - 2 * radius : at > low + 2 * radius) continue;
          count++;
          for (let k = 0; k < 3; k++) sums[k] += p[3 * vertex + k];
        }
        const slab = sums.map((sum) => sum / count);
        let off = 0;
        for (let k = 0; k < 3; k++) off += axis[k] * (slab[k] - centre[k]);
        const [x, y, z] = slab.map((value, k) => value + axis[k] * (along - off));
        return [[x, y, z], radius];
      }),
    );
}

function powerIteration(m: Float64Array): number[] {
  // No axis of a model is likely to be at a right angle to this one.
  let v = [0.5346, 0.7813, 0.3223];
  for (let i = 0; i < 60; i++) {
    const next = [0, 1, 2].map((r) => m[3 * r] * v[0] + m[3 * r + 1] * v[1] + m[3 * r + 2] * v[2]);
    const length = Math.hypot(...next);
    if (!(length > 0)) return v;
    v = next.map((value) => value / length);
  }
  return v;
}

function rayleigh(m: Float64Array, v: number[]): number {
  let sum = 0;
  for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) sum += v[r] * m[3 * r + c] * v[c];
  return sum;
}
