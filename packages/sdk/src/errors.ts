/** What went wrong, for code that reacts to it; the message says what to do. */
export type ParleyErrorCode =
  /** Bytes that are not a packet of this protocol version: count and drop them. */
  | 'malformed-packet'
  /** A JSON message without the fields the protocol asks for: count and drop it. */
  | 'malformed-message'
  /** `manifest.json` lacks a field, or holds a value outside its range. */
  | 'bad-manifest'
  /** An exported file whose length, hash or shape differs from what the manifest promises. */
  | 'bad-export'
  /** The face decoder could not be loaded or run. */
  | 'decoder-failed'
  /** The room's connection is closed. */
  | 'not-connected'
  /** The room did not answer the clock. */
  | 'clock-unavailable'
  /** A head's file that cannot be read; `MeshErrorCode` of `@parley/sdk/bind` says what each means. */
  | 'empty-mesh'
  | 'truncated-mesh'
  | 'not-a-mesh'
  | 'unsupported-mesh'
  | 'non-finite-mesh'
  | 'missing-resource'
  | 'malformed-mesh'
  /** A head that would come out wrong was not bound: the message says why; set points by hand. */
  | 'binding-refused'
  /** A `.parley-rig` that is cut short or altered: bind the head again. */
  | 'rig-damaged'
  /** A `.parley-rig` of another version: bind the head again. */
  | 'rig-version'
  /** A `.parley-rig` made for another file: bind the head again. */
  | 'rig-of-another-head'
  // Other packages add their own codes.
  | (string & {});

/** Every expected failure of Parley. Misuse of a function throws `TypeError` or `RangeError` instead. */
export class ParleyError extends Error {
  readonly code: ParleyErrorCode;

  /**
   * @param code Stable identifier of the failure.
   * @param message What happened and what to do about it.
   * @param cause The error underneath, if there is one.
   */
  constructor(code: ParleyErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ParleyError';
    this.code = code;
  }
}
