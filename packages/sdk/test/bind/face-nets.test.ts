import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as ortNode from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web/wasm';
import { beforeAll, expect, test } from 'vitest';
import {
  createFaceNets,
  type FaceNets,
  type FaceOrtModule,
  readTemplateLandmarks,
} from '../../src/bind/index.ts';
import { decodeDetections } from '../../src/bind/landmarks/detections.ts';
import { checkExportFile } from '../../src/index.ts';
import { landmarksUrl, netFile, realNets } from './real-nets.ts';

const fixture = JSON.parse(readFileSync(new URL('fixtures.json', landmarksUrl), 'utf8'));
const picture = Buffer.from(fixture.picture.greyBase64, 'base64');
const nets = new Map<string, FaceNets>();

beforeAll(async () => {
  const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  ortWeb.env.wasm.numThreads = 1;
  ortWeb.env.wasm.wasmBinary = new Uint8Array(readFileSync(join(dist, 'ort-wasm-simd-threaded.wasm'))).buffer;
  nets.set('onnxruntime-node', await realNets(ortNode));
  nets.set('onnxruntime-web', await realNets(ortWeb));
}, 120_000);

test.each(['onnxruntime-node', 'onnxruntime-web'])(
  '%s agrees with TensorFlow Lite',
  { timeout: 120_000 },
  async (name) => {
    const { detect, landmarks } = nets.get(name)!;
    const half = new Float32Array(128 * 128 * 3);
    for (let i = 0; i < half.length; i++) {
      const pixel = Math.floor(i / 3);
      const at = 2 * Math.floor(pixel / 128) * 256 + 2 * (pixel % 128);
      half[i] = (picture[at] + picture[at + 1] + picture[at + 256] + picture[at + 257]) / 4 / 127.5 - 1;
    }
    const { regressors, scores } = await detect(half);
    const { anchor } = fixture.detector;
    expect(scores.indexOf(Math.max(...scores))).toBe(anchor);
    expect(scores[anchor]).toBeCloseTo(fixture.detector.score, 2);
    fixture.detector.regressors.forEach((value: number, k: number) => {
      expect(regressors[16 * anchor + k]).toBeCloseTo(value, 2);
    });
    // The drawn face is in the middle of the picture, its eyes above the mouth, the person's right eye at the left.
    const [face] = decodeDetections(regressors, scores, 0.5);
    expect(Math.abs(face.x - 0.5)).toBeLessThan(0.05);
    expect(face.points[0]).toBeLessThan(face.points[2]);
    expect(face.points[1]).toBeLessThan(face.points[7]);

    const crop = new Float32Array(192 * 192 * 3);
    for (let i = 0; i < crop.length; i++) {
      const pixel = Math.floor(i / 3);
      crop[i] = picture[(32 + Math.floor(pixel / 192)) * 256 + 32 + (pixel % 192)] / 255;
    }
    const mesh = await landmarks(crop);
    expect(mesh.presence).toBeCloseTo(fixture.landmarks.presence, 2);
    let worst = 0;
    mesh.landmarks.forEach((value, k) => {
      worst = Math.max(worst, Math.abs(value - fixture.landmarks.landmarks[k]));
    });
    expect(worst).toBeLessThan(0.01);
  },
);

test('the files are those of the manifest', () => {
  const { files } = JSON.parse(readFileSync(new URL('manifest.json', landmarksUrl), 'utf8'));
  for (const file of Object.values(files) as { path: string; sha256: string; sizeBytes: number }[])
    expect(checkExportFile(netFile(file.path), file)).toHaveLength(file.sizeBytes);
});

test('a file that is no net, or another one, is a bad export', async () => {
  const right = { detector: netFile('face-detector.onnx'), landmarks: netFile('face-landmarks.onnx') };
  const ort = ortNode as unknown as FaceOrtModule;
  const bad = [
    { ...right, detector: right.detector.subarray(0, 1000) },
    { ...right, landmarks: right.detector },
  ];
  for (const files of bad)
    await expect(createFaceNets(ort, files)).rejects.toMatchObject({ code: 'bad-export' });
  for (const json of [undefined, {}, { spreadMm: new Array(468).fill(Number.NaN) }])
    expect(() => readTemplateLandmarks(json)).toThrow(/landmarks\/template.json needs/);
});

test('overlapping boxes become their weighted mean, others stay apart', () => {
  const scores = new Float32Array(896).fill(-100);
  const regressors = new Float32Array(896 * 16);
  // Both anchors of a cell of 8 pixels, and one far away.
  const set = (anchor: number, score: number, dx: number) => {
    scores[anchor] = score;
    regressors.set([dx, 0, 32, 32], 16 * anchor);
  };
  set(0, Math.log(3), 0);
  set(1, 0, 5);
  set(511, 1, 0);
  const found = decodeDetections(regressors, scores, 0.3);
  expect(found.map(({ score }) => Number(score.toFixed(3)))).toEqual([0.75, 0.731]);
  expect(found[0].x).toBeCloseTo((4 + (0.5 * 5) / 1.25) / 128, 6);
  expect(found[0].width).toBeCloseTo(0.25, 6);
});
