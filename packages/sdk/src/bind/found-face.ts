import type { Similarity } from '../head/similarity.ts';

/** Number of landmarks of MediaPipe's face mesh. */
export const LANDMARK_COUNT = 468;

/** Points on the surface of a {@link HeadMesh}, in structure-of-arrays form. */
export interface SurfacePoints {
  readonly count: number;
  /** Part of every point: index into `HeadMesh.parts`. */
  readonly parts: Uint32Array;
  /** Triangle of every point: its three vertices stand at `3 * triangle` in the part's `indices`. */
  readonly triangles: Uint32Array;
  /** Three weights of every point, for the triangle's vertices in their order; each 0 to 1, sum 1. */
  readonly barycentrics: Float32Array;
  /** xyz of every point in the head's frame. */
  readonly positions: Float32Array;
  /**
   * How much every point can be trusted, 0 to 1: 0 where it was not seen (its line of sight misses the mesh, or the face
   * turns away there), less where views disagree.
   */
  readonly weights: Float32Array;
}

/** Somewhere that looks like a face. */
export interface FaceCandidate {
  /** Takes the head's frame to the template's: metres, +y up, +z out of the face. */
  readonly toTemplate: Similarity;
  /** Detector score x presence, 0 to 1. */
  readonly score: number;
  /** Centre of the face in the head's frame. */
  readonly centre: readonly [number, number, number];
  /** Robust mean distance of the landmarks to the template's, in millimetres of the template. */
  readonly residualMm: number;
}

/** Why a face is not certain. */
export type FaceDoubt =
  /** Nothing looks like a face from anywhere. */
  | 'no-face'
  /** Several places look like faces about equally well. */
  | 'several-faces'
  /** The landmarks do not lie like a human face's: ogre, monkey, cartoon. */
  | 'unlike-a-face'
  /** Detector or presence is weak. */
  | 'weak-score'
  /** Repeated views from the found side do not agree. */
  | 'unstable';

/** Where the face of a mesh is. */
export interface FoundFace {
  /**
   * `found`: go on. `uncertain`: landmarks are a proposal to be confirmed or moved by hand. `none`: there is no proposal;
   * the landmarks' weights are all 0.
   */
  readonly status: 'found' | 'uncertain' | 'none';
  /** All reasons for a status other than `found`; empty for `found`. */
  readonly doubts: readonly FaceDoubt[];
  /** One sentence for a person: what was found, and what to do if it is not certain. */
  readonly message: string;
  /** Takes the head's frame to the template's: metres, +y up, +z out of the face. */
  readonly toTemplate: Similarity;
  /** True if most triangles that are seen show their back: the winding is reversed, as in mirrored exports. */
  readonly insideOut: boolean;
  /** 468 points in MediaPipe's order. `left` and `right` are the person's. */
  readonly landmarks: SurfacePoints;
  /** For each of the 68 points of iBUG's scheme its index in `landmarks`. */
  readonly ibug68: Uint16Array;
  /** Detector score x presence, 0 to 1. */
  readonly score: number;
  /** Robust mean distance of the landmarks to the template's after the similarity, in millimetres of the template. */
  readonly residualMm: number;
  /** Mean difference of the landmarks between views from different sides, in millimetres of the template. */
  readonly spreadMm: number;
  /** The best places, best first, the chosen one included; at most 8. */
  readonly candidates: readonly FaceCandidate[];
}
