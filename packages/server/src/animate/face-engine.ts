import { resolve } from 'node:path';
import type { EncoderSize } from '@parley/sdk';
import { resolveEngineOptions } from '../engines/engine-options.ts';
import { chooseEncoder } from '../engines/face/choose-encoder.ts';
import { OnnxFaceEncoder } from '../engines/face/onnx-face-encoder.ts';
import { type FaceModelFiles, loadFaceModelFiles, OWN_EXPORTS } from './face-model-files.ts';

/** What {@link loadFaceEngine} loads. */
export interface FaceEngineOptions {
  /** Which audio encoder. Default: what PARLEY_FACE says, else as `auto` in `EngineOptions`. */
  readonly encoder?: EncoderSize;
  /** Folder of the face model. Default: the one that comes with Parley. */
  readonly exportsPath?: string;
  /** Whether the sound comes from a voice that tells its phones. Default false. */
  readonly voiceTellsPhones?: boolean;
}

/** The whole face model, ready for {@link animate}. */
export interface FaceEngine {
  readonly model: FaceModelFiles;
  readonly encoder: OnnxFaceEncoder;
  /** The size that was chosen. */
  readonly size: EncoderSize;
  close(): Promise<void>;
}

/**
 * Loads the face model once for many files.
 * @throws ParleyError `missing-export`, `bad-manifest`, `bad-export` or `decoder-failed`.
 */
export async function loadFaceEngine(options: FaceEngineOptions = {}): Promise<FaceEngine> {
  const exportsPath = resolve(options.exportsPath ?? OWN_EXPORTS);
  const { voiceTellsPhones = false } = options;
  const wanted = options.encoder ?? resolveEngineOptions().face.encoder;
  const model = await loadFaceModelFiles(exportsPath);
  try {
    const size = await chooseEncoder({ wanted, exportsPath, voiceTellsPhones });
    const encoder = await OnnxFaceEncoder.load({ exportsPath, threads: 1, encoder: size });
    return {
      model,
      encoder,
      size,
      async close() {
        await encoder.close();
        await model.decoder.close();
      },
    };
  } catch (error) {
    await model.decoder.close();
    throw error;
  }
}
