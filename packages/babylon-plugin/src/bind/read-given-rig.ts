import { type HeadRig, readRigFile } from '@parley/sdk/bind';

/** Magic, version, bytes of the header, bytes of the arrays: four u32, then the header. */
const PREFIX_BYTES = 16;

/**
 * Reads a `.parley-rig` for a head.
 *
 * @param headSha256 - Hash of the head's file. Without it (the head came into the scene by other ways) the rig is taken at its
 *   word, and must fit the head's parts and vertices.
 * @throws ParleyError as {@link readRigFile} does.
 */
export function readGivenRig(bytes: Uint8Array, headSha256: string | undefined): HeadRig {
  return readRigFile(bytes, headSha256 ?? namedHead(bytes));
}

function namedHead(bytes: Uint8Array): string {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const header = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + view.getUint32(8, true));
    const { headSha256 } = JSON.parse(new TextDecoder().decode(header)) as { headSha256: string };
    return headSha256;
  } catch {
    // What is no rig is told so by the reader.
    return '';
  }
}
