import { readFileSync } from 'node:fs';
import { createFaceNets, type FaceNets, type FaceOrtModule, readTemplateLandmarks } from '@parley/sdk/bind';
import * as ort from 'onnxruntime-node';

/** The folder of the committed nets. */
export const landmarksUrl = new URL('../../models/exports/landmarks/', import.meta.url);

/** The nets on onnxruntime-node. */
export function loadNets(): Promise<FaceNets> {
  return createFaceNets(ort as unknown as FaceOrtModule, {
    detector: readFileSync(new URL('face-detector.onnx', landmarksUrl)),
    landmarks: readFileSync(new URL('face-landmarks.onnx', landmarksUrl)),
  });
}

/** The committed landmarks of the template. */
export function loadTemplate() {
  return readTemplateLandmarks(JSON.parse(readFileSync(new URL('template.json', landmarksUrl), 'utf8')));
}
