/** Turns windows of face codes into controls. One decoder serves all NPCs of a page. */
export interface FaceDecoder {
  /** Frames in a window, the current one included. */
  readonly window: number;
  /** Codes in a frame. */
  readonly heads: number;
  /** Numbers that come out for each window. */
  readonly controls: number;
  /**
   * Decodes a batch. Requests made while the decoder is busy, or in the same tick, run together in one call of the
   * model.
   * @param codes batch x window x heads class indices, oldest frame first. May be reused after the call returns.
   * @param batch Number of windows, at least 1.
   * @returns batch x controls, in the manifest's order and units.
   * @throws RangeError if `codes` is shorter than `batch` says.
   * @throws ParleyError `decoder-failed` if the model cannot run or the decoder is closed.
   */
  decode(codes: Int32Array, batch: number): Promise<Float32Array>;
  /** Frees the model; waiting requests are rejected. */
  close(): Promise<void>;
}
