import { type FoundFace, LANDMARK_COUNT } from '../found-face.ts';
import { refuse } from '../refuse.ts';

/** One landmark placed by hand. */
export interface BindPoint {
  /** Index in MediaPipe's face mesh. */
  readonly landmark: number;
  /** xyz on the head's surface, in the head's frame. */
  readonly position: readonly [x: number, y: number, z: number];
}

/** A face by hand: at least four points that do not lie on a line. */
export interface HandPoints {
  readonly points: readonly BindPoint[];
  /** True when the triangles' backs show. */
  readonly insideOut?: boolean;
}

export function isFound(face: FoundFace | HandPoints): face is FoundFace {
  return 'landmarks' in face;
}

/**
 * The landmarks of a face and how far each is to be trusted.
 *
 * @throws ParleyError `binding-refused` when no face was found.
 * @throws RangeError when points do not fit the landmarks.
 */
export function readLandmarks(face: FoundFace | HandPoints): {
  landmarks: Float64Array;
  trust: Float64Array;
} {
  const landmarks = new Float64Array(LANDMARK_COUNT * 3);
  const trust = new Float64Array(LANDMARK_COUNT);
  if (isFound(face)) {
    landmarks.set(face.landmarks.positions);
    trust.set(face.landmarks.weights);
    if (face.status === 'none') refuse(face.message);
  } else {
    for (const { landmark, position } of face.points) {
      if (!Number.isInteger(landmark) || landmark < 0 || landmark >= LANDMARK_COUNT)
        throw new RangeError(`landmark ${landmark} is not one of 0 to ${LANDMARK_COUNT - 1}`);
      landmarks.set(position, landmark * 3);
      trust[landmark] = 1;
    }
  }
  if (trust.filter((w) => w > 0).length < 4)
    throw new RangeError('a face needs at least four points, for instance eyes, nose and chin');
  return { landmarks, trust };
}
