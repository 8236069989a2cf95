import type { FacePoint } from '@parley/babylon';

/** What the server wants to know; it serves this as `job.json`. Addresses are relative to the page. */
export interface BindJob {
  readonly headUrl: string;
  readonly exportsUrl: string;
  /** Folder of `sentence.wav` and `sentence.json`, with a closing slash. */
  readonly sentenceUrl: string;
  /** As the server proposes them. */
  readonly points: { readonly points: FacePoint[]; readonly insideOut?: boolean };
}
