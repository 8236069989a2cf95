import { ParleyError } from '../errors.ts';
import type { ManifestFile } from './face-manifest.ts';
import { sha256 } from './sha256.ts';

/**
 * Checks a file of the export against the manifest: its length, then its hash.
 * @param bytes The whole file.
 * @param file The manifest's entry for it.
 * @returns `bytes`, for chaining.
 * @throws ParleyError `bad-export` if they differ.
 */
export function checkExportFile(bytes: Uint8Array, file: ManifestFile): Uint8Array {
  if (bytes.length !== file.sizeBytes)
    throw new ParleyError(
      'bad-export',
      `${file.path} has ${bytes.length} bytes instead of ${file.sizeBytes}; load it again, or export the model again`,
    );
  if (sha256(bytes) !== file.sha256)
    throw new ParleyError(
      'bad-export',
      `${file.path} differs from what manifest.json promises; clear the cache and load it again, or export the model again`,
    );
  return bytes;
}
