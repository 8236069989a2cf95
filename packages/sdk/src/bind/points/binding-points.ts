import type { Similarity } from '../../head/similarity.ts';
import { applySimilarity, invertSimilarity } from '../../head/similarity.ts';
import type { FoundFace } from '../found-face.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import type { HeadMesh } from '../head-mesh.ts';
import type { TemplateLandmarks } from '../landmarks/template-landmarks.ts';
import { boundsOf } from '../mesh/bounds.ts';
import { joinParts } from '../mesh/join-parts.ts';

/** A point of the face that a person can see and set. `left` and `right` are the person's. */
export interface NamedPoint {
  readonly name: string;
  /** Index in MediaPipe's face mesh. */
  readonly landmark: number;
  /** Where it is, for whoever sets it. */
  readonly hint: string;
}

/** The points that a binding by hand asks for: few, easy to see, and they tell what matters for speech. */
export const BINDING_POINTS: readonly NamedPoint[] = [
  { name: 'mouthRight', landmark: 61, hint: 'right corner of the mouth' },
  { name: 'mouthLeft', landmark: 291, hint: 'left corner of the mouth' },
  { name: 'upperLip', landmark: 0, hint: 'middle of the upper edge of the upper lip' },
  { name: 'lips', landmark: 13, hint: 'where the lips meet, in the middle' },
  { name: 'lowerLip', landmark: 17, hint: 'middle of the lower edge of the lower lip' },
  { name: 'chin', landmark: 199, hint: 'front of the chin' },
  { name: 'noseTip', landmark: 4, hint: 'tip of the nose' },
  { name: 'noseBase', landmark: 2, hint: 'where the nose meets the upper lip' },
  { name: 'noseRight', landmark: 129, hint: 'right wing of the nose' },
  { name: 'noseLeft', landmark: 358, hint: 'left wing of the nose' },
  { name: 'noseBridge', landmark: 168, hint: 'bridge of the nose, between the eyes' },
  { name: 'rightEyeOuter', landmark: 33, hint: 'outer corner of the right eye' },
  { name: 'rightEyeInner', landmark: 133, hint: 'inner corner of the right eye' },
  { name: 'rightUpperLid', landmark: 159, hint: 'middle of the right upper lid' },
  { name: 'rightLowerLid', landmark: 145, hint: 'middle of the right lower lid' },
  { name: 'leftEyeOuter', landmark: 263, hint: 'outer corner of the left eye' },
  { name: 'leftEyeInner', landmark: 362, hint: 'inner corner of the left eye' },
  { name: 'leftUpperLid', landmark: 386, hint: 'middle of the left upper lid' },
  { name: 'leftLowerLid', landmark: 374, hint: 'middle of the left lower lid' },
  { name: 'rightBrow', landmark: 105, hint: 'middle of the right brow' },
  { name: 'leftBrow', landmark: 334, hint: 'middle of the left brow' },
  { name: 'forehead', landmark: 151, hint: 'middle of the forehead' },
];

/** What a person calls a landmark. */
export function pointName(landmark: number): string {
  return BINDING_POINTS.find((point) => point.landmark === landmark)?.name ?? `landmark ${landmark}`;
}

/** A named point at a place. */
export interface PlacedPoint {
  readonly name: string;
  readonly landmark: number;
  /** xyz on the head's surface, in the head's frame. */
  readonly position: readonly [x: number, y: number, z: number];
}

/** Points to be confirmed or moved by a person, and where they come from. */
export interface ProposedPoints {
  readonly points: readonly PlacedPoint[];
  readonly insideOut: boolean;
  /** `face`: seen; `axes`: nothing looks like a face, they assume a head that stands upright and looks along +z. */
  readonly from: 'face' | 'axes';
}

/** Below this score a face is as likely one that the nets dreamt up. */
const DREAM_SCORE = 0.25;
/** Another face is one worth proposing with this share of the best one's score. */
const RIVAL_SHARE = 0.4;

/**
 * Points for a face of which {@link findFace} is not sure: one proposal for each place that looks like a face, the likeliest
 * first; at least one.
 */
export function proposePoints(
  head: HeadMesh,
  face: FoundFace,
  template: TemplateLandmarks,
): readonly ProposedPoints[] {
  const upright = (): ProposedPoints => ({
    points: pointsOnHead(head, template, fromAxes(head, template)),
    insideOut: face.insideOut,
    from: 'axes',
  });
  if (face.status === 'none') return [upright()];
  const { positions, weights } = face.landmarks;
  const best = pointsOnHead(head, template, invertSimilarity(face.toTemplate)).map((point) =>
    weights[point.landmark] > 0 ? { ...point, position: triple(positions, point.landmark) } : point,
  );
  const seen: ProposedPoints = { points: best, insideOut: face.insideOut, from: 'face' };
  if (face.score < DREAM_SCORE) return [upright(), seen];
  if (!face.doubts.includes('several-faces')) return [seen];
  const others = face.candidates.slice(1).filter(({ score }) => score > RIVAL_SHARE * face.score);
  return [
    seen,
    ...others.map(({ toTemplate }) => ({
      ...seen,
      points: pointsOnHead(head, template, invertSimilarity(toTemplate)),
    })),
  ];
}

/** The template's points carried to the head, each at the nearest place of the surface. */
export function pointsOnHead(
  head: HeadMesh,
  template: TemplateLandmarks,
  fromTemplate: Similarity,
): PlacedPoint[] {
  const { positions, triangles } = joinParts(head);
  const tree = new ClosestPointTree(Float64Array.from(positions), triangles);
  const carried = applySimilarity(fromTemplate, template.positions);
  return BINDING_POINTS.map(({ name, landmark }) => {
    const [x, y, z] = triple(carried, landmark);
    const hit = tree.query(x, y, z);
    return { name, landmark, position: hit.triangle < 0 ? [x, y, z] : [hit.x, hit.y, hit.z] };
  });
}

/** Height of a head by its template's face: crown to chin of the template's box, metres. */
const HEAD_HEIGHT_M = 0.23;
/** Of the head's height, where the middle between the template's ears is, from below. */
const ORIGIN_HEIGHT = 0.42;

/** A head that fills the box and looks along +z; of what is much higher than wide, a body, the top. */
function fromAxes(head: HeadMesh, template: TemplateLandmarks): Similarity {
  const { positions, triangles } = joinParts(head);
  const { min, max, centre } = boundsOf(positions, triangles);
  const size = max.map((high, axis) => high - min[axis]);
  const height = Math.min(size[1], 1.6 * Math.min(size[0], size[2]) || size[1]);
  const scale = height / HEAD_HEIGHT_M;
  const front = Math.max(
    ...Array.from({ length: template.positions.length / 3 }, (_, i) => template.positions[3 * i + 2]),
  );
  return {
    scale,
    rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
    translation: Float64Array.of(centre[0], max[1] - height * (1 - ORIGIN_HEIGHT), max[2] - front * scale),
  };
}

function triple(values: ArrayLike<number>, index: number): [number, number, number] {
  return [values[3 * index], values[3 * index + 1], values[3 * index + 2]];
}
