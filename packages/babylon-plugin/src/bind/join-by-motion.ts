import { type HeadRig, weld } from '@parley/sdk/bind';

/** Vertices at one place whose motion differs by this part of the largest are two: lips that part. */
const SAME_MOTION = 1e-3;

/** Surfaces as one, joined where vertices lie at one place and move alike. */
export interface Joined {
  /** Place of every vertex of every part. */
  readonly of: readonly Uint32Array[];
  /** xyz of every place. */
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
  /** For each control, the places that it moves and by how much. */
  readonly fields: readonly { readonly places: Uint32Array; readonly offsets: Float32Array }[];
}

export interface Surface {
  readonly positions: Float32Array;
  readonly indices: Uint32Array;
}

/** @param surfaces - One for each part of the rig. */
export function joinByMotion(
  surfaces: readonly Surface[],
  { parts, controls }: Pick<HeadRig, 'parts' | 'controls'>,
): Joined {
  const firsts: number[] = [];
  let vertices = 0;
  for (const { positions } of surfaces) {
    firsts.push(vertices);
    vertices += positions.length / 3;
  }
  const all = new Float32Array(vertices * 3);
  surfaces.forEach(({ positions }, p) => {
    all.set(positions, firsts[p] * 3);
  });
  const motion = motionOf(parts, firsts, vertices);
  const { places: spots, count: spotCount } = weld(all);
  const alike = largestOf(motion) * SAME_MOTION;
  // places at one spot, as linked lists
  const firstAt = new Int32Array(spotCount).fill(-1);
  const next = new Int32Array(vertices);
  const vertexOf = new Uint32Array(vertices);
  const of = new Uint32Array(vertices);
  let count = 0;
  for (let v = 0; v < vertices; v++) {
    let place = firstAt[spots[v]];
    while (place >= 0 && Math.abs(motion[vertexOf[place]] - motion[v]) > alike) place = next[place];
    if (place < 0) {
      place = count++;
      vertexOf[place] = v;
      next[place] = firstAt[spots[v]];
      firstAt[spots[v]] = place;
    }
    of[v] = place;
  }
  const positions = new Float32Array(count * 3);
  for (let place = 0; place < count; place++)
    for (let axis = 0; axis < 3; axis++) positions[place * 3 + axis] = all[vertexOf[place] * 3 + axis];
  const indices = new Uint32Array(surfaces.reduce((sum, surface) => sum + surface.indices.length, 0));
  let at = 0;
  surfaces.forEach((surface, p) => {
    for (let i = 0; i < surface.indices.length; i++) indices[at++] = of[firsts[p] + surface.indices[i]];
  });
  const stamp = new Int32Array(count).fill(-1);
  const fields = controls.map((_, k) => {
    const places: number[] = [];
    const offsets: number[] = [];
    parts.forEach((part, p) => {
      const field = part.fields[k];
      for (let i = 0; i < field.vertices.length; i++) {
        const place = of[firsts[p] + field.vertices[i]];
        if (stamp[place] === k) continue;
        stamp[place] = k;
        places.push(place);
        for (let axis = 0; axis < 3; axis++) offsets.push(field.offsets[i * 3 + axis] * field.scale);
      }
    });
    return { places: Uint32Array.from(places), offsets: Float32Array.from(offsets) };
  });
  const ofParts = surfaces.map((surface, p) =>
    of.subarray(firsts[p], firsts[p] + surface.positions.length / 3),
  );
  return { of: ofParts, positions, indices, fields };
}

/** One number for each vertex that differs wherever motions do: its offsets along a direction that changes with the control. */
function motionOf(parts: HeadRig['parts'], firsts: readonly number[], vertices: number): Float32Array {
  const motion = new Float32Array(vertices);
  parts.forEach(({ fields }, p) => {
    fields.forEach(({ vertices: moved, offsets, scale }, k) => {
      const [x, y, z] = [0, 2, 4].map((phase) => scale * Math.sin(1 + k * 2.4 + phase));
      for (let i = 0; i < moved.length; i++)
        motion[firsts[p] + moved[i]] += x * offsets[i * 3] + y * offsets[i * 3 + 1] + z * offsets[i * 3 + 2];
    });
  });
  return motion;
}

function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
