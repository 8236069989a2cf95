import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import {
  createFaceNets,
  type FaceNets,
  type FaceOrtModule,
  type HeadMesh,
  readHead,
  readTemplateLandmarks,
} from '../../src/bind/index.ts';
import { exportsUrl } from '../real-export.ts';

/** The folder of the committed nets. */
export const landmarksUrl = new URL('landmarks/', exportsUrl);

/** Bytes of a committed file of the nets. */
export function netFile(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, landmarksUrl)));
}

/** The committed nets on a runtime. */
export function realNets(runtime: unknown = ort): Promise<FaceNets> {
  return createFaceNets(runtime as FaceOrtModule, {
    detector: netFile('face-detector.onnx'),
    landmarks: netFile('face-landmarks.onnx'),
  });
}

/** The committed landmarks of the template. */
export function realTemplate() {
  return readTemplateLandmarks(JSON.parse(readFileSync(new URL('template.json', landmarksUrl), 'utf8')));
}

/** The template as a head. */
export function templateHead(): Promise<HeadMesh> {
  return readHead(new Uint8Array(readFileSync(new URL('template.obj', exportsUrl))), {
    fileName: 'template.obj',
  });
}
