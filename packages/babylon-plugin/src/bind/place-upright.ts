import { Quaternion } from '@babylonjs/core/Maths/math.vector.js';
import type { TransformNode } from '@babylonjs/core/Meshes/transformNode.js';
import type { Similarity } from '@parley/sdk/bind';

/** A head of a size between these, against an adult's in metres, keeps it: children, giants, large-headed figures. */
const KEPT_SIZE = [0.7, 1.45] as const;
/** A face that looks this near to straight ahead keeps its pose. */
const KEPT_TURN = (25 * Math.PI) / 180;

/**
 * Sets a node so that the head below it stands upright, looks along +z and has a person's size in metres, whatever unit and axes its
 * file has. What is so already, a body in metres for instance, stays where it is.
 *
 * @param node - Above everything of the head; its own transform is overwritten.
 * @param toTemplate - From the head's frame to that of the template.
 */
export function placeUpright(node: TransformNode, { scale, rotation: r, translation }: Similarity): void {
  const turn = Math.acos(Math.min(1, Math.max(-1, (r[0] + r[4] + r[8] - 1) / 2)));
  const keepsSize = scale > KEPT_SIZE[0] && scale < KEPT_SIZE[1];
  if (keepsSize && turn < KEPT_TURN) return;
  // Left-handed scenes show heads mirrored in x.
  const mirror = node.getScene().useRightHandedSystem ? 1 : -1;
  const q = quaternionOf(r);
  node.rotationQuaternion = new Quaternion(q[0], q[1] * mirror, q[2] * mirror, q[3]);
  const size = keepsSize ? 1 : scale;
  node.scaling.setAll(size);
  node.position.set(translation[0] * mirror, translation[1], translation[2]).scaleInPlace(size / scale);
  for (const child of node.getChildTransformNodes(false)) child.computeWorldMatrix(true);
}

/** xyzw of a row-major rotation. */
function quaternionOf(r: ArrayLike<number>): [number, number, number, number] {
  const w = Math.sqrt(Math.max(0, 1 + r[0] + r[4] + r[8])) / 2;
  const x = Math.sqrt(Math.max(0, 1 + r[0] - r[4] - r[8])) / 2;
  const y = Math.sqrt(Math.max(0, 1 - r[0] + r[4] - r[8])) / 2;
  const z = Math.sqrt(Math.max(0, 1 - r[0] - r[4] + r[8])) / 2;
  const largest = Math.max(w, x, y, z);
  if (largest === w) return unit([(r[7] - r[5]) / 4 / w, (r[2] - r[6]) / 4 / w, (r[3] - r[1]) / 4 / w, w]);
  if (largest === x) return unit([x, (r[1] + r[3]) / 4 / x, (r[2] + r[6]) / 4 / x, (r[7] - r[5]) / 4 / x]);
  if (largest === y) return unit([(r[1] + r[3]) / 4 / y, y, (r[5] + r[7]) / 4 / y, (r[2] - r[6]) / 4 / y]);
  return unit([(r[2] + r[6]) / 4 / z, (r[5] + r[7]) / 4 / z, z, (r[3] - r[1]) / 4 / z]);
}

function unit(q: [number, number, number, number]): [number, number, number, number] {
  const length = Math.hypot(...q);
  return [q[0] / length, q[1] / length, q[2] / length, q[3] / length];
}
