import { ParleyError } from '../../errors.ts';

/** Side of the detector's input in pixels. */
export const DETECTOR_SIZE = 128;
/** Side of the landmark net's input in pixels. */
export const LANDMARKS_SIZE = 192;

/** The part of `onnxruntime-web` and `onnxruntime-node` that the nets need; pass the whole module. */
export interface FaceOrtModule {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options?: { graphOptimizationLevel?: 'all'; intraOpNumThreads?: number },
    ): Promise<FaceOrtSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
}

/** A session of ONNX Runtime, as far as it is used here. */
export interface FaceOrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, never>): Promise<Record<string, unknown>>;
  release(): Promise<void>;
}

/** The two files of `models/exports/landmarks`. */
export interface FaceNetFiles {
  /** `face-detector.onnx` */
  readonly detector: Uint8Array;
  /** `face-landmarks.onnx` */
  readonly landmarks: Uint8Array;
}

/** MediaPipe's face detector and face mesh. */
export interface FaceNets {
  /**
   * BlazeFace, short range (https://arxiv.org/abs/1907.05047).
   * @param image rgb, 128 x 128, -1 to 1.
   * @returns 896 x 16 regressors in pixels and 896 logits.
   */
  detect(image: Float32Array): Promise<{ regressors: Float32Array; scores: Float32Array }>;
  /**
   * The face mesh (https://arxiv.org/abs/1907.06724).
   * @param image rgb, 192 x 192, 0 to 1.
   * @returns 468 x 3 in pixels of the image, and the logit of a face being there.
   */
  landmarks(image: Float32Array): Promise<{ landmarks: Float32Array; presence: number }>;
  /** Frees both nets. */
  close(): Promise<void>;
}

/**
 * Loads the two nets with an ONNX Runtime of the caller's choice.
 * @param ort The module `onnxruntime-web/wasm` or `onnxruntime-node`.
 * @param files Whole files; their hashes are in `models/exports/landmarks/manifest.json` and not checked here.
 * @throws ParleyError `bad-export` if one does not load or has other inputs or outputs.
 */
export async function createFaceNets(ort: FaceOrtModule, files: FaceNetFiles): Promise<FaceNets> {
  const detector = await load(ort, files.detector, 'face-detector.onnx', ['regressors', 'scores']);
  const mesh = await load(ort, files.landmarks, 'face-landmarks.onnx', ['landmarks', 'presence']);
  const run = async (session: FaceOrtSession, image: Float32Array, size: number) => {
    const feeds = { image: new ort.Tensor('float32', image, [1, size, size, 3]) };
    return (await session.run(feeds as unknown as Record<string, never>)) as Record<
      string,
      { data: Float32Array }
    >;
  };
  return {
    async detect(image) {
      const { regressors, scores } = await run(detector, image, DETECTOR_SIZE);
      return { regressors: regressors.data, scores: scores.data };
    },
    async landmarks(image) {
      const { landmarks, presence } = await run(mesh, image, LANDMARKS_SIZE);
      return { landmarks: landmarks.data, presence: presence.data[0] };
    },
    async close() {
      await detector.release();
      await mesh.release();
    },
  };
}

async function load(
  ort: FaceOrtModule,
  bytes: Uint8Array,
  name: string,
  outputs: readonly string[],
): Promise<FaceOrtSession> {
  let session: FaceOrtSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
    });
  } catch (error) {
    throw new ParleyError(
      'bad-export',
      `${name} does not load: ${String(error)}; run models/landmarks.py or reload the page`,
      error,
    );
  }
  if (
    !session.inputNames.includes('image') ||
    !outputs.every((output) => session.outputNames.includes(output))
  ) {
    await session.release();
    throw new ParleyError(
      'bad-export',
      `${name} must have an input "image" and outputs "${outputs.join('", "')}"`,
    );
  }
  return session;
}
