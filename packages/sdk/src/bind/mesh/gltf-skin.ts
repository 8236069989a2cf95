import type { Accessor, Node, Skin } from '@gltf-transform/core';
import type { HeadJoint, HeadSkin } from '../head-mesh.ts';
import { type Matrix4, multiply4 } from './affine.ts';
import { readFloats } from './gltf-accessors.ts';

const IDENTITY: Matrix4 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Four joints and weights of every vertex; weights are cleaned and sum to 1. */
export function readSkin(skin: Skin, joints: Accessor, weights: Accessor, count: number): HeadSkin {
  const jointIndices = new Uint16Array(count * 4);
  const jointWeights = readFloats(weights, 4, count);
  const element: number[] = [];
  const last = skin.listJoints().length - 1;
  for (let i = 0; i < count; i++) {
    joints.getElement(i, element);
    let sum = 0;
    for (let k = 0; k < 4; k++) {
      jointIndices[4 * i + k] = Math.min(element[k], last);
      if (!(jointWeights[4 * i + k] > 0)) jointWeights[4 * i + k] = 0;
      sum += jointWeights[4 * i + k];
    }
    if (sum > 0) for (let k = 0; k < 4; k++) jointWeights[4 * i + k] /= sum;
  }
  return { joints: skin.listJoints().map((joint) => joint.getName()), jointIndices, jointWeights };
}

/** How a joint carries a vertex of the file in the resting pose: its world matrix x its inverse bind matrix. */
function jointMatrix(skin: Skin, joint: number): number[] {
  const inverse: number[] = [];
  const accessor = skin.getInverseBindMatrices();
  if (accessor) accessor.getElement(joint, inverse);
  return multiply4(skin.listJoints()[joint].getWorldMatrix(), accessor ? inverse : IDENTITY);
}

/** The matrix of the head's joint; where no joint is named so, of the one that carries most. */
export function bindMatrix(skin: Skin, { joints, jointIndices, jointWeights }: HeadSkin): number[] {
  let chosen = joints.findIndex((name) => /(^|[^a-z])head$/i.test(name));
  if (chosen < 0) chosen = joints.findIndex((name) => /head(?!.*(end|top|nub|tip))/i.test(name));
  if (chosen < 0) {
    const carried = new Float64Array(joints.length);
    for (let i = 0; i < jointIndices.length; i++) carried[jointIndices[i]] += jointWeights[i];
    chosen = carried.indexOf(Math.max(...carried));
  }
  return jointMatrix(skin, Math.max(0, chosen));
}

/** All joints of some skins, each once. */
export function listJoints(skins: ReadonlySet<Skin>): HeadJoint[] {
  const nodes = new Map<Node, number>();
  for (const skin of skins)
    for (const joint of skin.listJoints()) if (!nodes.has(joint)) nodes.set(joint, nodes.size);
  return [...nodes.keys()].map((node) => {
    let parent = node.getParentNode();
    while (parent && !nodes.has(parent)) parent = parent.getParentNode();
    const world = node.getWorldMatrix();
    return {
      name: node.getName(),
      parent: parent ? nodes.get(parent)! : -1,
      position: [world[12], world[13], world[14]] as const,
    };
  });
}
