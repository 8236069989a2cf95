import type { Buffer, Document, Node } from '@gltf-transform/core';
import { type FaceBoneName, faceBoneName, headQuaternion } from '@parley/sdk';
import { AnimationTrack } from './animation-track.ts';
import { type GltfHead, isBone } from './gltf-head.ts';
import { gltfSurface } from './gltf-surface.ts';
import { inverted, multiplied, type Quaternion } from './quaternions.ts';
import type { TakeCurves } from './take-curves.ts';

/** The neck takes this part of the head's rotation, the skull the rest; the same as in a room. */
const NECK_PART = 0.35;
/** How far an eye bone turns at weight 1, radians; the same as in a room. */
const LOOK_SIDE = (25 * Math.PI) / 180;
const LOOK_UP_DOWN = (20 * Math.PI) / 180;
/** Height of the joint between neck and skull in the bounding box of a head without bones, as a part of it. */
const JOINT_HEIGHT = 0.35;

/**
 * Gives a glTF head the take as its only animation: weights of its morph targets, and rotations of neck, head and (where no
 * morph target moves the gaze) eye bones. A head without bones is turned by a node above it. Changes the document.
 */
export function animateGltf(head: GltfHead, curves: TakeCurves): void {
  const { document, morphNodes } = head;
  removeAnimations(document);
  const track = new AnimationTrack(document, onlyBuffer(document), curves);
  for (const { node, targetNames, map } of morphNodes) {
    const rest = node.getWeights().length > 0 ? node.getWeights() : (node.getMesh()?.getWeights() ?? []);
    const size = targetNames.length;
    const values = new Float32Array(curves.frames * size);
    for (let frame = 0; frame < curves.frames; frame++) {
      for (let i = 0; i < size; i++) values[frame * size + i] = rest[i] ?? 0;
      map.controlIndices.forEach((control, i) => {
        values[frame * size + map.targetIndices[i]!] = curves.at(frame, control);
      });
    }
    track.add(node, 'weights', values);
  }

  const bones = findBones(document);
  const neckPart = bones.neck ? (bones.head ? NECK_PART : 1) : 0;
  if (bones.neck) track.add(bones.neck, 'rotation', turned(bones.neck, curves.headTurns(neckPart)));
  if (bones.head) track.add(bones.head, 'rotation', turned(bones.head, curves.headTurns(1 - neckPart)));
  if (!bones.neck && !bones.head) track.add(addPivot(head), 'rotation', curves.headTurns());
  if (!head.missing.includes('eyeLookOutLeft')) return;
  for (const side of ['Left', 'Right'] as const) {
    const eye = side === 'Left' ? bones.leftEye : bones.rightEye;
    if (eye) track.add(eye, 'rotation', turned(eye, eyeTurns(curves, side)));
  }
}

function removeAnimations(document: Document): void {
  for (const animation of document.getRoot().listAnimations()) {
    for (const sampler of animation.listSamplers()) {
      sampler.getInput()?.dispose();
      sampler.getOutput()?.dispose();
      sampler.dispose();
    }
    for (const channel of animation.listChannels()) channel.dispose();
    animation.dispose();
  }
}

/** A .glb has one buffer. */
function onlyBuffer(document: Document): Buffer {
  const [first = document.createBuffer(), ...others] = document.getRoot().listBuffers();
  for (const accessor of document.getRoot().listAccessors()) accessor.setBuffer(first);
  for (const buffer of others) buffer.dispose();
  return first;
}

function findBones(document: Document): Partial<Record<FaceBoneName, Node>> {
  const bones: Partial<Record<FaceBoneName, Node>> = {};
  for (const node of document.getRoot().listNodes()) {
    const name = isBone(node) ? faceBoneName(node.getName()) : undefined;
    if (name) bones[name] ??= node;
  }
  return bones;
}

/** Turns given in the scene's axes, on top of a node's own rotation, whatever way its axes point. */
function turned(node: Node, turns: Float32Array): Float32Array {
  let parent: Quaternion = [0, 0, 0, 1];
  for (let above = node.getParentNode(); above; above = above.getParentNode())
    parent = multiplied(above.getRotation(), parent);
  const back = inverted(parent);
  const own = multiplied(parent, node.getRotation());
  const out = new Float32Array(turns.length);
  for (let i = 0; i < turns.length; i += 4) {
    const turn: Quaternion = [turns[i]!, turns[i + 1]!, turns[i + 2]!, turns[i + 3]!];
    out.set(multiplied(multiplied(back, turn), own), i);
  }
  return out;
}

function eyeTurns(curves: TakeCurves, side: 'Left' | 'Right'): Float32Array {
  // "Out" is away from the nose: to the face's own left for the left eye.
  const [toLeft, toRight] = side === 'Left' ? ['Out', 'In'] : ['In', 'Out'];
  const left = curves.curve(`eyeLook${toLeft}${side}`);
  const right = curves.curve(`eyeLook${toRight}${side}`);
  const up = curves.curve(`eyeLookUp${side}`);
  const down = curves.curve(`eyeLookDown${side}`);
  const out = new Float32Array(curves.frames * 4);
  for (let frame = 0; frame < curves.frames; frame++)
    headQuaternion(
      (down[frame]! - up[frame]!) * LOOK_UP_DOWN,
      (left[frame]! - right[frame]!) * LOOK_SIDE,
      0,
      out.subarray(frame * 4, frame * 4 + 4),
    );
  return out;
}

/** A node above the whole scene, at the joint between neck and skull. */
function addPivot({ document, morphNodes }: GltfHead): Node {
  const { positions } = gltfSurface(morphNodes);
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((value) => -value);
  positions.forEach((value, i) => {
    low[i % 3] = Math.min(low[i % 3]!, value);
    high[i % 3] = Math.max(high[i % 3]!, value);
  });
  const joint = low.map((value, axis) => (value + high[axis]!) / 2) as [number, number, number];
  joint[1] = low[1]! + (high[1]! - low[1]!) * JOINT_HEIGHT;
  const pivot = document.createNode('headPivot').setTranslation(joint);
  const inner = document.createNode('headPivotInner').setTranslation([-joint[0], -joint[1], -joint[2]]);
  for (const scene of document.getRoot().listScenes()) {
    for (const node of scene.listChildren()) inner.addChild(node);
    scene.addChild(pivot);
  }
  pivot.addChild(inner);
  return pivot;
}
