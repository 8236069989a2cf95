import { vertexNormals } from '../../head/vertex-normals.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { triangleNormals } from '../geometry/triangle-normals.ts';
import type { MouthGeometry } from './add-mouth.ts';
import type { Surface } from './lip-line.ts';
import { followSocket } from './roll-lips.ts';

/** The mouth's middle, this far behind where the lips meet, is taken to be inside the head; metres. */
const BEHIND_LIPS = 0.006;
/** Of the way to where it would come out of the head a vertex keeps this part. */
const KEPT = 0.6;
const HALVINGS = 5;
/** Places that are looked at on the way from the middle to a vertex. */
const MARCH = 10;
const FAR = 0.2;
/** How the room behind the lips is looked for: steps back, and ways beside the middle, of the width of the teeth. */
const STEP = 0.001;
/** What stands out in front is pushed back by no more than this, metres. */
const UNDER_SKIN = 0.008;
/** Then it lies so deep under the skin, metres. */
const UNDER = 0.0015;
const BESIDE = [-0.25, 0, 0.25] as const;

/**
 * Makes the inside of a mouth fit a head that is less deep than a human one, as a muzzle is: flattens it as a whole, then draws what
 * still comes out of the back or the sides towards its middle. Teeth are only flattened.
 *
 * @param isTooth - Says which sources are teeth.
 * @param skin - The head's skin without a pocket behind its lips, outside counter-clockwise.
 * @param lips - Where the lips meet, in the middle.
 * @param halfWidth - Of the line along which they meet, metres; what lines them there is left alone.
 */
export function keepMouthInside(
  inside: MouthGeometry,
  isTooth: (source: number) => boolean,
  skin: Surface,
  lips: readonly [x: number, y: number, z: number],
  halfWidth: number,
): MouthGeometry {
  const centre = [lips[0], lips[1], lips[2] - BEHIND_LIPS] as const;
  const tree = new ClosestPointTree(skin.positions, skin.indices);
  const flatNormals = triangleNormals(skin.positions, skin.indices);
  const smooth = vertexNormals(skin.positions, skin.indices, new Float64Array(skin.positions.length));
  const isOutside = (x: number, y: number, z: number): boolean => {
    const { triangle, second, third, ...hit } = tree.query(x, y, z, FAR);
    if (triangle < 0) return true;
    const away = [x - hit.x, y - hit.y, z - hit.z];
    const weights = [1 - second - third, second, third];
    // at an edge the normal of one triangle says nothing
    if (weights.every((w) => w > 1e-6))
      return away.reduce((sum, d, axis) => sum + d * flatNormals[triangle * 3 + axis], 0) > 0;
    const height = weights.reduce((sum, w, c) => {
      const v = skin.indices[triangle * 3 + c] * 3;
      return sum + w * away.reduce((part, d, axis) => part + d * smooth[v + axis], 0);
    }, 0);
    return height > 0;
  };
  if (isOutside(...centre)) return inside;
  const positions = inside.positions.slice();
  const low = [lips[0], lips[2]];
  let right = lips[0];
  inside.sources.forEach((source, i) => {
    if (!isTooth(source)) return;
    low[0] = Math.min(low[0], positions[i * 3]);
    right = Math.max(right, positions[i * 3]);
    low[1] = Math.min(low[1], positions[i * 3 + 2]);
  });
  const wanted = lips[2] - low[1];
  const rooms = BESIDE.map((part) => {
    const x = centre[0] + part * (right - low[0]);
    let room = BEHIND_LIPS;
    while (room * KEPT < wanted && !isOutside(x, lips[1], lips[2] - room)) room += STEP;
    return room;
  }).sort((a, b) => a - b);
  const flat = Math.min(1, (rooms[1] * KEPT) / wanted);
  if (flat < 1)
    for (let i = 2; i < positions.length; i += 3)
      if (positions[i] < lips[2]) positions[i] = lips[2] - flat * (lips[2] - positions[i]);
  inside.sources.forEach((source, i) => {
    const [x, y, z] = positions.subarray(i * 3, i * 3 + 3);
    if (isTooth(source)) return;
    if (z > centre[2]) {
      // what lines the lips beyond the corners of a smaller mouth goes under the skin
      if (!inside.roll && Math.abs(x - lips[0]) < halfWidth) return;
      let back = 0;
      while (back < UNDER_SKIN && isOutside(x, y, z - back)) back += STEP / 2;
      if (back > 0) positions[i * 3 + 2] = z - back - UNDER;
      return;
    }
    const isOut = (t: number): boolean =>
      isOutside(
        centre[0] + t * (x - centre[0]),
        centre[1] + t * (y - centre[1]),
        centre[2] + t * (z - centre[2]),
      );
    // what is inside again beyond a bay, as between muzzle and throat, shows in the bay
    let beyond = 1 / MARCH;
    while (beyond <= 1 && !isOut(beyond)) beyond += 1 / MARCH;
    if (beyond > 1) return;
    let within = beyond - 1 / MARCH;
    for (let round = 0; round < HALVINGS; round++) {
      const t = (within + beyond) / 2;
      if (isOut(t)) beyond = t;
      else within = t;
    }
    [x, y, z].forEach((value, axis) => {
      positions[i * 3 + axis] = centre[axis] + KEPT * within * (value - centre[axis]);
    });
  });
  const { roll, sources } = inside;
  return { ...inside, positions, roll: roll && followSocket(roll, sources, inside.positions, positions) };
}
