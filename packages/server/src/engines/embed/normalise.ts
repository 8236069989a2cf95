/** Scales a vector to length 1, in place. */
export function normalise(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}
