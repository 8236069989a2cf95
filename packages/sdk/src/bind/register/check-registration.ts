import { applySimilarity } from '../../head/similarity.ts';
import { ClosestPointTree } from '../geometry/closest-point-tree.ts';
import { distance } from '../geometry/robust-weights.ts';
import { refuse } from '../refuse.ts';
import { type BindTemplate, landmarkPositions } from '../template/bind-template.ts';
import type { HandPoints } from './read-landmarks.ts';
import type { Registration } from './register-template.ts';

/** Limits of a registration, all in millimetres of the template. */
export interface RegistrationLimits {
  /** Largest residual of landmarks. */
  readonly landmarkResidualMm: number;
  /** Largest mean distance of the registered face to the surface. */
  readonly distanceMm: number;
}

/**
 * Limits for points that a person set. No human face has to fit them, but they have to lie on the head, to agree with each other and to
 * be met by what came of them.
 */
export const BY_HAND = {
  /** Largest mean distance of the points to those of a human face, millimetres: a monkey's are 10 mm off, points of no face 30. */
  landmarkResidualMm: 22,
  /** Largest mean distance of the registered face to the surface, millimetres. */
  distanceMm: 4,
  /** Largest distance of a point to the surface, millimetres. */
  offSurfaceMm: 12,
  /** Largest share of the face that the points turn inside out. */
  folded: 0.01,
  /** Largest mean distance of the mouth to the points that were set on it, millimetres. */
  mouthMm: 10,
  /** Largest distance of any point to its place on a face that is like people's, millimetres; sloppy ones are 10 mm off. */
  strayMm: 25,
} as const;

/** Corners of the mouth, middles of the lips' outer edges, and where they meet. */
const MOUTH = [61, 291, 0, 17, 13] as const;

/**
 * Refuses a registration that found landmarks led to.
 *
 * @throws ParleyError `binding-refused`.
 */
export function checkFound(
  { landmarkResidualMm, distanceMm }: Registration,
  limits: RegistrationLimits,
): void {
  if (landmarkResidualMm > limits.landmarkResidualMm)
    refuse(
      `the points of the face lie ${landmarkResidualMm.toFixed(1)} mm from where a human face has them; move them by hand and bind again`,
    );
  if (!(distanceMm.mean < limits.distanceMm))
    refuse(
      `the face's surface stays ${distanceMm.mean.toFixed(1)} mm away; check that the points lie on the face and are not swapped`,
    );
}

/**
 * Refuses a registration that points of a person led to.
 *
 * @param nameOf - What a person calls a landmark.
 * @throws ParleyError `binding-refused`.
 */
export function checkByHand(
  template: BindTemplate,
  registration: Registration,
  { points }: HandPoints,
  nameOf: (landmark: number) => string,
): void {
  const { toTemplate, surface, straightening, asItIs, landmarkResidualMm, distanceMm } = registration;
  const given = applySimilarity(toTemplate, Float64Array.from(points.flatMap(({ position }) => position)));
  const bent = straightening ? straightening.toStraight(given) : given;
  const tree = straightening ? new ClosestPointTree(asItIs.head, surface.indices) : surface.tree;
  const off = points.filter((_, i) => {
    const hit = tree.query(given[3 * i], given[3 * i + 1], given[3 * i + 2], 1);
    return hit.triangle < 0 || hit.distance * 1000 > BY_HAND.offSurfaceMm;
  });
  if (off.length > 0)
    refuse(
      `${off.length === 1 ? 'a point lies' : `${off.length} points lie`} off the face (${listed(off, nameOf)}); set them on its surface`,
    );
  if (landmarkResidualMm > BY_HAND.landmarkResidualMm)
    refuse(
      `the points lie ${landmarkResidualMm.toFixed(0)} mm from where any face has them; check that each is what its name says`,
    );
  if (straightening) {
    const face = [];
    for (let v = 0; v < template.skinVertices; v += 3) if (template.registered[v] > 0.9) face.push(v);
    const folded = face.filter(
      (v) => !(straightening.growthAt(asItIs.template.subarray(v * 3, v * 3 + 3)) > 0),
    );
    if (folded.length > BY_HAND.folded * face.length)
      refuse(
        'its points contradict each other, as when two are swapped or one is far from its place; check that each is what its name says',
      );
  }
  if (!(distanceMm.mean < BY_HAND.distanceMm))
    refuse(
      `the face's surface stays ${distanceMm.mean.toFixed(1)} mm away from what the points say; check that they lie on the face`,
    );
  const reached = landmarkPositions(template.landmarks, registration.positions);
  const misses = points.map(({ landmark }, i) =>
    distance(bent.subarray(3 * i, 3 * i + 3), reached.subarray(3 * landmark, 3 * landmark + 3), 0),
  );
  const stray = points.filter((_, i) => misses[i] * 1000 > BY_HAND.strayMm);
  if (stray.length > 0)
    refuse(
      `${listed(stray, nameOf)} ${stray.length === 1 ? 'lies' : 'lie'} more than ${BY_HAND.strayMm} mm from where the face has ${stray.length === 1 ? 'it' : 'them'}; check that no two are swapped`,
    );
  const mouth = misses.filter((_, i) => (MOUTH as readonly number[]).includes(points[i].landmark));
  const awayMm = (1000 * mouth.reduce((sum, away) => sum + away, 0)) / (mouth.length || 1);
  if (awayMm > BY_HAND.mouthMm)
    refuse(
      `the mouth would open ${awayMm.toFixed(0)} mm from the points that were set on it; check those of mouth, nose and chin`,
    );
}

/** Names of the first few points. */
function listed(points: HandPoints['points'], nameOf: (landmark: number) => string): string {
  const names = points.slice(0, 3).map(({ landmark }) => nameOf(landmark));
  return `${names.join(', ')}${points.length > 3 ? ', …' : ''}`;
}
