/** Sound of a file, mixed to one channel. */
export interface AudioFile {
  /** Samples in [-1, 1]. */
  readonly pcm: Float32Array;
  readonly rateHz: number;
}
