/** Runs of the 68 iBUG points (Sagonas et al. 2013, "300 Faces in-the-Wild Challenge"); right is the face's own right. */
const RUNS = [
  ['jaw', 17],
  ['rightBrow', 5],
  ['leftBrow', 5],
  ['noseBridge', 4],
  ['noseBase', 5],
  ['rightEye', 6],
  ['leftEye', 6],
  ['outerLip', 12],
  ['innerLip', 8],
] as const;

/** Names of the 68 points in their order: `jaw0` … `innerLip7`. */
export const KEYPOINT_NAMES: readonly string[] = RUNS.flatMap(([name, count]) =>
  Array.from({ length: count }, (_, i) => `${name}${i}`),
);
