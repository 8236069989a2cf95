/**
 * For each of iBUG's 68 points the point of MediaPipe's 468 that lies nearest to it on a face: jaw from the person's right ear
 * (0-16), right and left brow (17-26), nose (27-35), right and left eye (36-47), outer and inner lips (48-67).
 */
export const IBUG_68: readonly number[] = [
  162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389, 71, 63, 105, 66, 107,
  336, 296, 334, 293, 301, 168, 197, 5, 4, 75, 97, 2, 326, 305, 33, 160, 158, 133, 153, 144, 362, 385, 387,
  263, 373, 380, 61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
];

/** The outline of the face: where the face turns away, so that these points slide along the surface with the view. */
export const FACE_OVAL: readonly number[] = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/** Outer corners of the person's right and left eye. */
export const EYE_CORNERS = [33, 263] as const;
