import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { keepTriangles } from '../geometry/keep-triangles.ts';
import { connectedComponents } from '../mesh/components.ts';
import type { JoinedHead } from './join-head.ts';

/** What is on the head within this radius takes part in registration: times the landmarks' own radius. */
const REACH = 3;
/** A component is the face's when it carries twice this part of the landmarks' weight. */
const FACE_SHARE = 0.06;

/** The triangles of what carries the face, within reach of it. */
export function faceTriangles(
  head: JoinedHead,
  landmarks: Float64Array,
  trust: Float64Array,
): { triangles: Uint32Array; components: Set<number> } {
  const centre = [0, 0, 0];
  let sum = 0;
  for (let i = 0; i < trust.length; i++) {
    sum += trust[i];
    for (let axis = 0; axis < 3; axis++) centre[axis] += trust[i] * landmarks[i * 3 + axis];
  }
  for (let axis = 0; axis < 3; axis++) centre[axis] /= sum;
  let radius = 0;
  for (let i = 0; i < trust.length; i++) {
    if (trust[i] === 0) continue;
    radius = Math.max(radius, Math.hypot(...centre.map((c, axis) => landmarks[i * 3 + axis] - c)));
  }
  const reach = (radius * REACH) ** 2;
  const near = keepTriangles(head.indices, (t) => {
    const v = head.indices[t * 3] * 3;
    return (
      (head.positions[v] - centre[0]) ** 2 +
        (head.positions[v + 1] - centre[1]) ** 2 +
        (head.positions[v + 2] - centre[2]) ** 2 <
      reach
    );
  });
  const { ofVertex: of, count } = connectedComponents(head.positions.length / 3, head.indices);
  const carried = new Float64Array(count);
  const tree = new ClosestPointTree(head.positions, near);
  for (let i = 0; i < trust.length; i++) {
    if (trust[i] === 0) continue;
    const hit = tree.query(landmarks[i * 3], landmarks[i * 3 + 1], landmarks[i * 3 + 2]);
    if (hit.triangle >= 0) carried[of[near[hit.triangle * 3]]] += trust[i] / sum;
  }
  const components = new Set<number>();
  const most = Math.max(...carried);
  carried.forEach((share, c) => {
    if (share === most || share > FACE_SHARE * 2) components.add(c);
  });
  const kept = [...components].reduce((total, c) => total + carried[c], 0);
  if (kept < 0.5) {
    carried.forEach((share, c) => {
      if (share > 0) components.add(c);
    });
  }
  return { triangles: keepTriangles(near, (t) => components.has(of[near[t * 3]])), components };
}
