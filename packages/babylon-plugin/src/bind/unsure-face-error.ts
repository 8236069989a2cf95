import { ParleyError } from '@parley/sdk';
import type { FoundFace } from '@parley/sdk/bind';

/**
 * A head was not bound because it is not certain where its face is, or because the result would be wrong: `no-face`,
 * `several-faces`, `unsure-face` or `binding-refused`. Show {@link face}'s landmarks (or its candidates) to somebody, let them
 * move the points, and bind again with `points`.
 */
export class UnsureFaceError extends ParleyError {
  /** The proposal, in the head's frame: that of its file, right-handed. */
  readonly face: FoundFace;

  constructor(code: string, message: string, face: FoundFace) {
    super(code, message);
    this.name = 'UnsureFaceError';
    this.face = face;
  }
}
