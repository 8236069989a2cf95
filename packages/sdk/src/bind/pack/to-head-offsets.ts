import { applySimilarity, type Similarity } from '../../head/similarity.ts';

/** Offsets of the template's frame in the head's. */
export function toHeadOffsets(
  { scale, rotation }: Similarity,
  offsets: ArrayLike<number>,
  out?: Float64Array<ArrayBuffer>,
): Float64Array {
  return applySimilarity({ scale, rotation, translation: new Float64Array(3) }, offsets, out);
}
