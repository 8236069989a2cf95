/**
 * Points of MediaPipe's face mesh (canonical_face_model, Apache-2.0) by name; right is the person's right. Rows run from the
 * person's right to the left.
 */
export const FACE_OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;
/** Inner edge of the upper lip, corner to corner. */
export const INNER_UPPER_LIP = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308] as const;
export const INNER_LOWER_LIP = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308] as const;
/** Border of the upper lip's red, without the corners. */
export const OUTER_UPPER_LIP = [185, 40, 39, 37, 0, 267, 269, 270, 409] as const;
export const OUTER_LOWER_LIP = [146, 91, 181, 84, 17, 314, 405, 321, 375] as const;
/** Margins of the lids, without the corners. */
export const RIGHT_UPPER_LID = [246, 161, 160, 159, 158, 157, 173] as const;
export const RIGHT_LOWER_LID = [7, 163, 144, 145, 153, 154, 155] as const;
export const LEFT_UPPER_LID = [398, 384, 385, 386, 387, 388, 466] as const;
export const LEFT_LOWER_LID = [382, 381, 380, 374, 373, 390, 249] as const;
/** Outer and inner corner. */
export const RIGHT_EYE_CORNERS = [33, 133] as const;
export const LEFT_EYE_CORNERS = [263, 362] as const;
export const MOUTH_CORNERS = [61, 291] as const;
export const NOSE_TIP = 1;
export const CHIN = 152;
