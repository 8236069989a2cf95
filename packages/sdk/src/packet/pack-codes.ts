import { ParleyError } from '../errors.ts';
import { assertCodeLayout, type CodeLayout, codeBits, packedFrameBytes } from './code-layout.ts';

/**
 * Bit-packs frames of codes: head 0 first, least significant bit first, each frame padded with zeros to a whole byte.
 * @param codes Class indices, frames x heads, row by row.
 * @param layout Heads and classes.
 * @throws RangeError if `codes` is not a whole number of frames or holds an index that is not below `classes`.
 */
export function packCodes(codes: Uint8Array, layout: CodeLayout): Uint8Array {
  assertCodeLayout(layout);
  const { heads, classes } = layout;
  if (codes.length % heads !== 0)
    throw new RangeError(`${codes.length} codes are not a whole number of frames of ${heads}`);
  const bits = codeBits(layout);
  const frameBytes = packedFrameBytes(layout);
  const frames = codes.length / heads;
  const out = new Uint8Array(frames * frameBytes);
  for (let frame = 0; frame < frames; frame++) {
    let bit = frame * frameBytes * 8;
    for (let head = 0; head < heads; head++, bit += bits) {
      const code = codes[frame * heads + head];
      if (code >= classes) throw new RangeError(`code ${code} of head ${head} is not below ${classes}`);
      const shifted = code << (bit & 7);
      out[bit >> 3] |= shifted;
      // A code of up to 8 bits touches at most two bytes.
      if ((bit & 7) + bits > 8) out[(bit >> 3) + 1] |= shifted >> 8;
    }
  }
  return out;
}

/**
 * Reads what {@link packCodes} wrote. Padding bits are ignored.
 * @param packed At least `frames` packed frames.
 * @param frames Number of frames to read.
 * @param layout Heads and classes.
 * @returns Class indices, frames x heads.
 * @throws ParleyError `malformed-packet` if bytes are missing or an index is not below `classes`.
 */
export function unpackCodes(packed: Uint8Array, frames: number, layout: CodeLayout): Uint8Array {
  assertCodeLayout(layout);
  const { heads, classes } = layout;
  const bits = codeBits(layout);
  const frameBytes = packedFrameBytes(layout);
  if (packed.length < frames * frameBytes)
    throw new ParleyError(
      'malformed-packet',
      `${frames} frames of codes take ${frames * frameBytes} bytes, but ${packed.length} are there; drop the packet`,
    );
  const mask = (1 << bits) - 1;
  const codes = new Uint8Array(frames * heads);
  for (let frame = 0; frame < frames; frame++) {
    let bit = frame * frameBytes * 8;
    for (let head = 0; head < heads; head++, bit += bits) {
      const low = packed[bit >> 3];
      const high = (bit & 7) + bits > 8 ? packed[(bit >> 3) + 1] : 0;
      const code = ((low | (high << 8)) >> (bit & 7)) & mask;
      if (code >= classes)
        throw new ParleyError(
          'malformed-packet',
          `code ${code} of head ${head} is not below ${classes}; drop the packet`,
        );
      codes[frame * heads + head] = code;
    }
  }
  return codes;
}
