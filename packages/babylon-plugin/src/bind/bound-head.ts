import type { BindReport } from '@parley/sdk/bind';
import type { Head } from '../head/head.ts';
import type { BindResult } from './messages.ts';

/** A head that Parley gave its controls. */
export interface BoundHead extends Head {
  readonly kind: 'bound';
  /** How it was bound and how well it fits. */
  readonly report: BindReport;
  /** The rig as a file: save it as `.parley-rig`, and give it along the next time. */
  readonly rigFile: Uint8Array;
  /** `given` with the head, kept in the browser's `cache`, or `bound` now. */
  readonly rigFrom: BindResult['from'];
  /** Milliseconds of each step of getting the rig and putting it on the meshes. */
  readonly timingsMs: Readonly<Record<string, number>>;
}
