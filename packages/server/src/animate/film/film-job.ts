/**
 * What the server wants filmed; it serves this as `job.json`. Addresses are relative to the page. The page in packages/film has
 * the same types: a published server cannot import from there, a test compares them.
 */
export interface FilmJob {
  readonly container: 'mp4' | 'webm';
  /** Edge of the square picture, even. */
  readonly sizePx: number;
  readonly fps: number;
  readonly soundRateHz: number;
  /** Length of the sound: an MP4 reserves room for its index by it. 0 where the container needs none. */
  readonly soundSeconds: number;
  /** Address of the head's file. */
  readonly headUrl: string;
  /** Where the face model's files are, with a closing slash. */
  readonly exportsUrl: string;
}

/** What came of it. */
export interface FilmResult {
  readonly frames: number;
  readonly videoCodec: string;
  readonly audioCodec: string;
}
