/** The messages between an engine's worker and the thread that owns it. Each stream has an id and two bounded directions. */

/** Values that may be under way in one direction of a stream before the receiver has taken them. */
export const WINDOW = 8;

/** An error as plain data; `code` is kept so that a `ParleyError` arrives as one. */
export interface WireError {
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

export type ToWorker =
  | { readonly type: 'start'; readonly id: number; readonly method: string; readonly args: unknown }
  | { readonly type: 'input'; readonly id: number; readonly value: unknown }
  | { readonly type: 'input-end'; readonly id: number }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'credit'; readonly id: number }
  | { readonly type: 'close' };

export type FromWorker =
  | { readonly type: 'ready'; readonly description: unknown }
  | { readonly type: 'failed'; readonly error: WireError }
  | { readonly type: 'part'; readonly id: number; readonly value: unknown }
  | { readonly type: 'end'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError }
  | { readonly type: 'credit'; readonly id: number };
