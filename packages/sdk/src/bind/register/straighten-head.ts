import { applySimilarity, invertSimilarity, type Similarity } from '../../head/similarity.ts';
import { SmoothMap } from '../geometry/smooth-map.ts';
import { type BindTemplate, landmarkPositions } from '../template/bind-template.ts';

/** A head that no human face fits, bent so that one does; all points in the template's frame. */
export interface Straightening {
  /** Takes points of the head as it is to the bent one. */
  toStraight(points: Float64Array): Float64Array;
  /** The way back, for points and for the template laid onto the bent head. */
  fromStraight(points: Float64Array): Float64Array;
  /** How much space grows at a point of the head; not positive where it is turned inside out. */
  growthAt(point: ArrayLike<number>): number;
}

/** Points that identity modes leave further off than this may be a shape of their own and no noise, metres. */
const ODD = 0.0035;
/** A person's points may be missed by about this, metres. */
const POINT_SOFTNESS = 0.001;
/** What holds space around the head where no point says anything; metres. */
const ANCHOR_SOFTNESS = 0.25;
/** Ears, crown, back and neck of the template, metres. */
const ANCHORS = [
  [0.085, 0.01, -0.01],
  [-0.085, 0.01, -0.01],
  [0, 0.15, 0],
  [0, 0.05, -0.1],
  [0, -0.12, -0.02],
  [0, 0, 0],
] as const;
/** The map is rounded over this at its points, metres. */
const ROUND = 0.012;

/**
 * Bends space so that points set by a person come to where the fitted template has them. Everything that knows how large a human
 * mouth is can then work on an ogre.
 *
 * @param points - xyz of the landmarks in the template's frame.
 * @param trust - Weight of each, 0 where unknown.
 * @param residual - Mean distance that the fit of a human face left, metres.
 * @returns null where the points are those of a human face, but for noise.
 */
export function straightenHead(
  template: BindTemplate,
  points: Float64Array,
  trust: Float64Array,
  residual: number,
): SmoothMaps | null {
  if (residual < ODD) return null;
  const goals = landmarkPositions(template.landmarks, template.positions);
  const from: number[] = [];
  const to: number[] = [];
  const softness: number[] = [];
  trust.forEach((weight, i) => {
    if (weight === 0) return;
    softness.push(POINT_SOFTNESS / (weight * Math.max(0.1, template.landmarks.trust[i])));
    for (let axis = 0; axis < 3; axis++) {
      from.push(points[3 * i + axis]);
      to.push(goals[3 * i + axis]);
    }
  });
  for (const anchor of ANCHORS) {
    from.push(...anchor);
    to.push(...anchor);
    softness.push(ANCHOR_SOFTNESS);
  }
  const [a, b] = [Float64Array.from(from), Float64Array.from(to)];
  return { forth: new SmoothMap(a, b, softness, ROUND), guess: new SmoothMap(b, a, softness, ROUND) };
}

/** The map, and one that is nearly its inverse. */
export interface SmoothMaps {
  readonly forth: SmoothMap;
  readonly guess: SmoothMap;
}

/** The same in a frame to which `move` takes the template's. */
export function straighteningIn({ forth, guess }: SmoothMaps, move: Similarity): Straightening {
  const back = invertSimilarity(move);
  return {
    toStraight: (points) => applySimilarity(move, forth.apply(applySimilarity(back, points))),
    fromStraight(points) {
      const places = applySimilarity(back, points);
      return applySimilarity(move, forth.invert(places, guess.apply(places)));
    },
    growthAt(point) {
      const [x, y, z] = applySimilarity(back, point);
      return forth.growthAt(x, y, z);
    },
  };
}
