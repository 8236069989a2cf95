/** A point of the face as the server proposes it; `position` is in the head's own frame. */
export interface PagePoint {
  readonly name: string;
  readonly landmark: number;
  readonly hint: string;
  position: [number, number, number];
}

/** What the server wants to know; it serves this as `job.json`. Addresses are relative to the page. */
export interface BindJob {
  readonly headUrl: string;
  readonly exportsUrl: string;
  /** Folder of `sentence.wav` and `sentence.json`, with a closing slash. */
  readonly sentenceUrl: string;
  readonly points: { readonly points: PagePoint[]; readonly insideOut?: boolean };
}
