import { ParleyError } from '../errors.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import { batchDecodes, type DecodeRun } from './batch-decodes.ts';
import type { FaceDecoder } from './face-decoder.ts';

/** A tensor of ONNX Runtime, as far as it is used here. */
export interface OrtTensor {
  readonly data: unknown;
  readonly dims: readonly number[];
}

/** A session of ONNX Runtime, as far as it is used here. */
export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  // Method syntax, so that the runtimes' own narrower feeds fit.
  run(feeds: Record<string, never>): Promise<Record<string, unknown>>;
  release(): Promise<void>;
}

/** The part of `onnxruntime-web` and `onnxruntime-node` that a decoder needs; pass the whole module. */
export interface OrtModule {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: { graphOptimizationLevel?: 'all' }): Promise<OrtSession>;
  };
  readonly Tensor: new (type: 'int32', data: Int32Array, dims: readonly number[]) => OrtTensor;
}

/**
 * Loads `decoder.onnx` with an ONNX Runtime of the caller's choice.
 * @param ort The module `onnxruntime-web/wasm` or `onnxruntime-node`.
 * @param modelBytes The whole file. Its hash is not checked here, see {@link checkExportFile}.
 * @param manifest Shapes and names.
 * @throws ParleyError `decoder-failed` if the model does not load or has other inputs or outputs.
 */
export async function createFaceDecoder(
  ort: OrtModule,
  modelBytes: Uint8Array,
  manifest: FaceManifest,
): Promise<FaceDecoder> {
  return batchDecodes(await createDecodeRun(ort, modelBytes, manifest));
}

/** {@link createFaceDecoder} without its queue, for a worker whose queue is on the other side. */
export async function createDecodeRun(
  ort: OrtModule,
  modelBytes: Uint8Array,
  manifest: FaceManifest,
): Promise<DecodeRun> {
  const { window, heads } = manifest.codec;
  const controls = manifest.controls.length;
  let session: OrtSession;
  try {
    session = await ort.InferenceSession.create(modelBytes, { graphOptimizationLevel: 'all' });
  } catch (error) {
    throw new ParleyError(
      'decoder-failed',
      `decoder.onnx does not load: ${String(error)}; export the model again or reload the page`,
      error,
    );
  }
  if (!session.inputNames.includes('codes') || !session.outputNames.includes('controls')) {
    await session.release();
    throw new ParleyError(
      'decoder-failed',
      'decoder.onnx must have an input "codes" and an output "controls"',
    );
  }
  return {
    window,
    heads,
    controls,
    async run(codes, batch) {
      const feeds = { codes: new ort.Tensor('int32', codes, [batch, window, heads]) };
      const results = await session.run(feeds as unknown as Record<string, never>);
      return (results.controls as OrtTensor).data as Float32Array;
    },
    close: () => session.release(),
  };
}
