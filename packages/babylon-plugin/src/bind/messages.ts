import type { FoundFace, HandPoints, HeadMesh, HeadRig } from '@parley/sdk/bind';
import type { WasmUrls } from '@parley/sdk/decoder-web';
import type { PreparedRig, RigTarget } from './prepare-rig.ts';

/** What the worker does at the moment. */
export type BindHeadStep = 'read' | 'load' | 'find' | 'bind' | 'prepare';

/** A head as the worker takes it. */
export interface BindSource {
  /** The head's geometry, where the scene has it already; else `file` is read. */
  readonly mesh?: HeadMesh;
  /** Meshes of the scene; without them each part of the head is a mesh of its own. */
  readonly targets?: readonly RigTarget[];
  /** The head's file, whose hash the rig is kept under; without it the geometry's. */
  readonly file?: Uint8Array;
  /** For messages. */
  readonly name: string;
}

export interface BindRequest {
  readonly type: 'bind';
  readonly id: number;
  readonly source: BindSource;
  /** A rig that is there already: a `.parley-rig`, or as `bindHead` of the sdk gives it. */
  readonly rig?: Uint8Array | HeadRig;
  readonly points?: HandPoints;
  /** Where models/exports is served. */
  readonly exportsUrl: string;
  readonly wasmUrls?: WasmUrls;
  /** Names the model: rigs bound with another one are of no use. */
  readonly model: string;
  /** When the page asked, milliseconds since 1970. */
  readonly sentMs: number;
  /** Whether rigs are looked for and kept in IndexedDB. */
  readonly cache: boolean;
}

/** Page to worker. */
export type BinderRequest = BindRequest | { readonly type: 'abort'; readonly id: number };

/** What came out. */
export interface BindResult {
  /** Names the head, the model and the meshes: results of one name are alike. Empty where that is not known. */
  readonly id: string;
  readonly rig: PreparedRig;
  /** The head as it was read, for sources without `mesh`. */
  readonly mesh?: HeadMesh;
  /** The `.parley-rig`, to be saved. */
  readonly rigFile: Uint8Array;
  /** Where the rig comes from. */
  readonly from: 'given' | 'cache' | 'bound';
  /** Milliseconds of each step; `start` is the worker's own. */
  readonly timingsMs: Readonly<Record<string, number>>;
  /** When the worker answered, milliseconds since 1970. */
  readonly sentMs: number;
}

/** Worker to page; each `bind` is answered by any number of `progress` and one `bound` or `failed`. */
export type BinderReply =
  | { readonly type: 'progress'; readonly id: number; readonly step: BindHeadStep; readonly done: number }
  | { readonly type: 'bound'; readonly id: number; readonly result: BindResult }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly face?: FoundFace;
    };
