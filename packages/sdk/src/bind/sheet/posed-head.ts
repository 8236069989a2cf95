import type { HeadMesh } from '../head-mesh.ts';
import { addPackedField, type HeadRig, splitPositions } from '../head-rig.ts';
import { angleWeightedNormals } from '../mesh/angle-weighted-normals.ts';
import { weld, weldTriangles } from '../mesh/weld.ts';
import { CLAY, type Drawable } from '../render/view.ts';

/** The colours of a head and its rig, once for all poses. */
export interface PosableHead {
  readonly mesh: HeadMesh;
  readonly rig: HeadRig;
  readonly triangles: Uint32Array;
  readonly colours: Float32Array;
  /** First vertex of each part, of each added part, and the number of all vertices. */
  readonly firstVertex: readonly number[];
}

/** Joins the parts of a head with those that the rig adds. */
export function posableHead(mesh: HeadMesh, rig: HeadRig): PosableHead {
  const counts = [
    ...rig.parts.map(({ vertices }) => vertices),
    ...rig.added.map(({ positions }) => positions.length / 3),
  ];
  const firstVertex = [0];
  for (const count of counts) firstVertex.push(firstVertex[firstVertex.length - 1] + count);
  const total = firstVertex[counts.length];
  const lists = [
    ...rig.parts.map(({ indices }, p) => indices ?? mesh.parts[p].indices),
    ...rig.added.map(({ indices }) => indices),
  ];
  const triangles = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  const colours = new Float32Array(total * 3);
  let at = 0;
  lists.forEach((list, i) => {
    for (const vertex of list) triangles[at++] = firstVertex[i] + vertex;
  });
  mesh.parts.forEach(({ colours: own, baseColour, material }, p) => {
    const { splits, vertices } = rig.parts[p];
    const flat = baseColour && !baseColour.every((value) => value === 1) ? baseColour : undefined;
    const count = mesh.parts[p].positions.length / 3;
    for (let v = 0; v < vertices; v++) {
      const source = v < count ? v : (splits?.ends[2 * (v - count)] ?? 0);
      for (let axis = 0; axis < 3; axis++)
        colours[3 * (firstVertex[p] + v) + axis] =
          own || flat
            ? // Linear light to what a picture holds, roughly.
              Math.sqrt((own?.[3 * source + axis] ?? 1) * (flat?.[axis] ?? 1))
            : namedColour(material || mesh.parts[p].name)[axis];
    }
  });
  rig.added.forEach(({ colours: ranges, indices }, i) => {
    const first = firstVertex[rig.parts.length + i];
    for (const { first: from, count, rgb } of ranges)
      for (let t = 3 * from; t < 3 * (from + count); t++) colours.set(rgb, 3 * (first + indices[t]));
  });
  return { mesh, rig, triangles, colours, firstVertex };
}

/** Colours of what a material's name says, where the file has none but in pictures. */
const NAMED: readonly (readonly [name: RegExp, rgb: readonly [number, number, number]])[] = [
  [/eye_?(ball|white)|sclera|^eyes?$|(left|right|_l|_r)_?eye$/i, [0.92, 0.9, 0.88]],
  [/iris/i, [0.3, 0.38, 0.42]],
  [/pupil|lash|brow/i, [0.2, 0.15, 0.12]],
  [/teeth|tooth/i, [0.93, 0.91, 0.85]],
  [/tongue|lips?$/i, [0.72, 0.42, 0.4]],
  [/mouth/i, [0.42, 0.16, 0.16]],
  [/hair/i, [0.3, 0.22, 0.17]],
];

function namedColour(name: string): readonly [number, number, number] {
  return NAMED.find(([pattern]) => pattern.test(name))?.[1] ?? CLAY;
}

/** The head with its controls at these weights; names that the rig lacks are left out. */
export function poseHead(head: PosableHead, weights: Readonly<Record<string, number>>): Drawable {
  const { mesh, rig, firstVertex, triangles, colours } = head;
  const positions = new Float32Array(firstVertex[firstVertex.length - 1] * 3);
  const chosen = Object.entries(weights)
    .map(([name, weight]) => [rig.controls.indexOf(name), weight] as const)
    .filter(([k]) => k >= 0);
  const place = (rest: Float32Array, fields: HeadRig['parts'][number]['fields'], first: number): void => {
    for (const [k, weight] of chosen) addPackedField(fields[k], weight, rest);
    positions.set(rest, first * 3);
  };
  rig.parts.forEach(({ splits, fields }, p) => {
    place(splitPositions(mesh.parts[p].positions, splits), fields, firstVertex[p]);
  });
  rig.added.forEach((part, i) => {
    place(part.positions.slice(), part.fields, firstVertex[rig.parts.length + i]);
  });
  // Seams are smooth, lips that parted are not one.
  const places = weld(positions);
  const welded = new Float32Array(places.count * 3);
  places.vertices.forEach((v, i) => {
    welded.set(positions.subarray(3 * v, 3 * v + 3), 3 * i);
  });
  const smooth = angleWeightedNormals(welded, weldTriangles(triangles, places));
  const normals = new Float32Array(positions.length);
  places.places.forEach((p, v) => {
    normals.set(smooth.subarray(3 * p, 3 * p + 3), 3 * v);
  });
  return { positions, triangles, normals, colours };
}
