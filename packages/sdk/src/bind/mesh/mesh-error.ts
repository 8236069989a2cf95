import { ParleyError } from '../../errors.ts';

/** Codes of the errors that reading a head can end in. */
export type MeshErrorCode =
  /** The file has no bytes, or no triangle with an area. */
  | 'empty-mesh'
  /** The file ends before what it announces. */
  | 'truncated-mesh'
  /** Neither .obj nor glTF, nor any other format that is known by its first bytes. */
  | 'not-a-mesh'
  /** A known format that is not read: FBX, STL, PLY, USDZ, glTF 1 and so on; or a needed extension that is not known. */
  | 'unsupported-mesh'
  /** A vertex has a coordinate that is NaN, infinite or beyond what 32-bit floats hold. */
  | 'non-finite-mesh'
  /** A buffer in a file of its own was not given along. */
  | 'missing-resource'
  /** The format is right and its contents are not: an index out of range, broken JSON, a broken compressed stream. */
  | 'malformed-mesh';

/** A {@link ParleyError} with one of the mesh reader's codes. */
export function meshError(code: MeshErrorCode, message: string, cause?: unknown): ParleyError {
  return new ParleyError(code, message, cause);
}
