import type { FaceManifest } from '../model/face-manifest.ts';

/** Where onnxruntime-web's own two files are served. */
export interface WasmUrls {
  /** URL of `ort-wasm-simd-threaded.wasm`. */
  readonly wasm: string;
  /** URL of `ort-wasm-simd-threaded.mjs`. */
  readonly mjs?: string;
}

/** Page to worker. The first message is `load`; every message is answered once, by its `id`. */
export type DecoderWorkerRequest =
  | {
      readonly type: 'load';
      readonly id: number;
      readonly manifest: FaceManifest;
      readonly model: Uint8Array;
      readonly wasmUrls?: WasmUrls;
    }
  | { readonly type: 'decode'; readonly id: number; readonly codes: Int32Array; readonly batch: number };

/** Worker to page. */
export type DecoderWorkerReply =
  | { readonly type: 'loaded'; readonly id: number }
  | { readonly type: 'decoded'; readonly id: number; readonly controls: Float32Array }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string };
