import { createFaceDecoder, type FaceDecoder, type OrtModule, readManifest } from '@parley/sdk';
import { createWebFaceDecoder } from '@parley/sdk/decoder-web';
import * as ort from 'onnxruntime-web/wasm';

declare global {
  interface Window {
    /** Milliseconds of each of `rounds` calls with `batch` windows, in a worker of the sdk or here. */
    measureDecoder(where: 'worker' | 'page', batch: number, rounds: number): Promise<number[]>;
  }
}

const WARM_UP_ROUNDS = 20;
const MODEL_URL = '/parley/decoder.onnx';
const manifest = readManifest(await (await fetch('/parley/manifest.json')).json());
ort.env.wasm.numThreads = 1;
const decoders: Record<'worker' | 'page', FaceDecoder> = {
  worker: await createWebFaceDecoder({ manifest, modelUrl: MODEL_URL }),
  page: await createFaceDecoder(
    ort as unknown as OrtModule,
    new Uint8Array(await (await fetch(MODEL_URL)).arrayBuffer()),
    manifest,
  ),
};

window.measureDecoder = async (where, batch, rounds) => {
  const { window, heads, classes } = manifest.codec;
  const codes = Int32Array.from({ length: batch * window * heads }, () => Math.random() * classes);
  const times: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    const startMs = performance.now();
    await decoders[where].decode(codes, batch);
    if (round >= 0) times.push(performance.now() - startMs);
  }
  return times;
};
