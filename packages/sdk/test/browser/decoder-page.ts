import { createWebFaceDecoder, type FaceDecoder } from '../../src/decoder/decoder-web.ts';
import { readManifest } from '../../src/index.ts';

declare global {
  interface Window {
    decodePage: {
      load(): Promise<{ window: number; heads: number; controls: number }>;
      decode(codes: number[], batch: number): Promise<number[]>;
      /** Median time of a run of `batch` windows, in ms, and the longest the page was kept from its frames meanwhile. */
      measure(batch: number): Promise<{ medianMs: number; longestBlockMs: number }>;
      failure(modelUrl: string): Promise<string>;
      abort(): Promise<string>;
      close(): Promise<string>;
    };
  }
}

let decoder: FaceDecoder;
const manifest = fetch('/parley/manifest.json').then(async (reply) => readManifest(await reply.json()));

window.decodePage = {
  async load() {
    decoder = await createWebFaceDecoder({ manifest: await manifest, modelUrl: '/parley/decoder.onnx' });
    const { window, heads, controls } = decoder;
    return { window, heads, controls };
  },
  async decode(codes, batch) {
    return [...(await decoder.decode(Int32Array.from(codes), batch))];
  },
  async measure(batch) {
    const codes = new Int32Array(batch * decoder.window * decoder.heads);
    const times: number[] = [];
    let longestBlockMs = 0;
    let last = performance.now();
    const ticker = setInterval(() => {
      longestBlockMs = Math.max(longestBlockMs, performance.now() - last);
      last = performance.now();
    }, 1);
    for (let i = 0; i < 60; i++) {
      const startMs = performance.now();
      await decoder.decode(codes, batch);
      times.push(performance.now() - startMs);
    }
    clearInterval(ticker);
    times.sort((a, b) => a - b);
    return { medianMs: times[30], longestBlockMs };
  },
  async failure(modelUrl) {
    return createWebFaceDecoder({ manifest: await manifest, modelUrl }).then(
      () => 'loaded',
      (error) => `${error.name} ${error.code}`,
    );
  },
  async abort() {
    const controller = new AbortController();
    const loading = createWebFaceDecoder({
      manifest: await manifest,
      modelUrl: '/parley/decoder.onnx',
      signal: controller.signal,
    });
    controller.abort();
    return loading.then(
      () => 'loaded',
      (error) => error.name,
    );
  },
  async close() {
    await decoder.close();
    return decoder.decode(new Int32Array(decoder.window * decoder.heads), 1).then(
      () => 'decoded',
      (error) => error.code,
    );
  },
};
