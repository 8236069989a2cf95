/** Shape of a frame of face codes: `heads` class indices, each below `classes`. */
export interface CodeLayout {
  /** Categorical heads in a frame, 1 to 255. */
  readonly heads: number;
  /** Classes of each head, 2 to 256. */
  readonly classes: number;
}

/** Bits of one code on the wire: the smallest number that holds `classes` values. */
export function codeBits(layout: CodeLayout): number {
  return 32 - Math.clz32(layout.classes - 1);
}

/** Bytes of one bit-packed frame. Each frame starts at a whole byte. */
export function packedFrameBytes(layout: CodeLayout): number {
  return Math.ceil((layout.heads * codeBits(layout)) / 8);
}

/**
 * Checks a layout that this process was given by a programmer.
 * @throws RangeError if heads or classes are outside their ranges.
 */
export function assertCodeLayout(layout: CodeLayout): void {
  const { heads, classes } = layout;
  if (!Number.isInteger(heads) || heads < 1 || heads > 255)
    throw new RangeError(`heads must be an integer from 1 to 255, not ${heads}`);
  if (!Number.isInteger(classes) || classes < 2 || classes > 256)
    throw new RangeError(`classes must be an integer from 2 to 256, not ${classes}`);
}
