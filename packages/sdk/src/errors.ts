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
