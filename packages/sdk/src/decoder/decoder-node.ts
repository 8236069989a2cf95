import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';
import { ParleyError } from '../errors.ts';
import { checkExportFile } from '../model/check-export-file.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import { createFaceDecoder, type OrtModule } from './create-face-decoder.ts';
import type { FaceDecoder } from './face-decoder.ts';

export type { FaceDecoder } from './face-decoder.ts';

/** Settings of {@link createNodeFaceDecoder}. */
export interface NodeFaceDecoderOptions {
  readonly manifest: FaceManifest;
  /** Path of `decoder.onnx`. */
  readonly modelPath: string;
}

/**
 * A face decoder on onnxruntime-node, for tests, tools and headless clients.
 * @throws ParleyError `bad-export` if the file is not there or not the manifest's, `decoder-failed` if it does not load.
 */
export async function createNodeFaceDecoder(options: NodeFaceDecoderOptions): Promise<FaceDecoder> {
  const { manifest, modelPath } = options;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(modelPath);
  } catch (error) {
    throw new ParleyError('bad-export', `${modelPath} cannot be read; check the path of the export`, error);
  }
  return createFaceDecoder(ort as OrtModule, checkExportFile(bytes, manifest.files.decoder), manifest);
}
