import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as ortWeb from 'onnxruntime-web/wasm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodeFaceDecoder } from '../../src/decoder/decoder-node.ts';
import { createFaceDecoder, type FaceDecoder, loadIdleLoop, type OrtModule } from '../../src/index.ts';
import { decoderFixture, realFile, realManifest, realPath } from '../real-export.ts';
import { seededRandom } from '../seeded-random.ts';

/** Largest difference of a control (weights, and radians) between PyTorch and the runtimes. */
const TOLERANCE = 1e-4;

const manifest = realManifest();
const fixture = decoderFixture();
const decoders = new Map<string, FaceDecoder>();

beforeAll(async () => {
  // In Node the WebAssembly runtime finds its files beside its own module.
  const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  ortWeb.env.wasm.wasmPaths = `${pathToFileURL(dist).href}/`;
  ortWeb.env.wasm.numThreads = 1;
  const modelPath = realPath(manifest, 'decoder');
  decoders.set('onnxruntime-node', await createNodeFaceDecoder({ manifest, modelPath }));
  const model = realFile(manifest, 'decoder');
  decoders.set('onnxruntime-web', await createFaceDecoder(ortWeb as unknown as OrtModule, model, manifest));
});

afterAll(async () => {
  for (const decoder of decoders.values()) await decoder.close();
});

function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

test.each(['onnxruntime-node', 'onnxruntime-web'])('%s agrees with PyTorch on the fixture', async (name) => {
  const [batch, window, heads] = fixture.codes.shape;
  const decoder = decoders.get(name)!;
  expect([window, heads]).toEqual([decoder.window, decoder.heads]);
  expect(fixture.controls.shape).toEqual([batch, decoder.controls]);
  const controls = await decoder.decode(Int32Array.from(fixture.codes.data), batch);
  expect(worstDifference(controls, fixture.controls.data)).toBeLessThan(TOLERANCE);
});

test('the two runtimes agree on random codes, whatever the batch (seed 71)', async () => {
  const random = seededRandom(71);
  const { window, heads, classes } = manifest.codec;
  const batch = 40;
  const codes = Int32Array.from({ length: batch * window * heads }, () => random() * classes);
  const node = await decoders.get('onnxruntime-node')!.decode(codes, batch);
  const web = await decoders.get('onnxruntime-web')!.decode(codes, batch);
  expect(worstDifference(node, web)).toBeLessThan(TOLERANCE);
  const rowSize = window * heads;
  const controls = manifest.controls.length;
  for (const row of [0, 17, 39]) {
    const alone = await decoders
      .get('onnxruntime-web')!
      .decode(codes.slice(row * rowSize, (row + 1) * rowSize), 1);
    expect(worstDifference(alone, web.slice(row * controls, (row + 1) * controls))).toBeLessThan(TOLERANCE);
  }
});

test('controls stay within the range that the manifest gives (seed 72)', async () => {
  const random = seededRandom(72);
  const { window, heads, classes } = manifest.codec;
  const batch = 200;
  const codes = Int32Array.from({ length: batch * window * heads }, () => random() * classes);
  const out = await decoders.get('onnxruntime-node')!.decode(codes, batch);
  const outside = new Set<string>();
  out.forEach((value, i) => {
    const { name, min, max } = manifest.controls[i % manifest.controls.length];
    if (!(value >= min - TOLERANCE && value <= max + TOLERANCE)) outside.add(`${name} ${value}`);
  });
  expect([...outside]).toEqual([]);
});

test('the idle loop of the export is alive, seamless and keeps its mouth shut', async () => {
  const decoder = decoders.get('onnxruntime-node')!;
  const idle = await loadIdleLoop(realFile(manifest, 'idle'), manifest, decoder);
  const index = (name: string) => manifest.controls.findIndex((control) => control.name === name);
  const frame = new Float32Array(manifest.controls.length);
  const next = new Float32Array(manifest.controls.length);
  const blink = index('eyeBlinkLeft');
  let blinks = 0;
  let shut = false;
  let widest = 0;
  for (let n = 0; n < idle.frames; n++) {
    idle.sampleControls((n * 1000) / manifest.codec.fps, frame);
    if (frame[blink] > 0.6 && !shut) blinks++;
    shut = frame[blink] > 0.4;
    widest = Math.max(widest, frame[index('jawOpen')] - frame[index('mouthClose')]);
  }
  const minutes = idle.durationMs / 60_000;
  expect(blinks / minutes).toBeGreaterThan(5);
  expect(blinks / minutes).toBeLessThan(40);
  expect(widest).toBeLessThan(0.15);
  // The step over the seam is as small as any other, blinks apart.
  idle.sampleControls(idle.durationMs - 1000 / manifest.codec.fps, frame);
  idle.sampleControls(0, next);
  expect(worstDifference(frame, next)).toBeLessThan(0.35);
});

test('a file that is no model, or none at all, says what to do', async () => {
  const broken = realFile(manifest, 'decoder').slice(0, 1000);
  await expect(createFaceDecoder(ortWeb as unknown as OrtModule, broken, manifest)).rejects.toMatchObject({
    code: 'decoder-failed',
  });
  await expect(
    createFaceDecoder(ortWeb as unknown as OrtModule, realFile(manifest, 'encoderSmall'), manifest),
  ).rejects.toMatchObject({ code: 'decoder-failed', message: expect.stringContaining('input "codes"') });
  await expect(createNodeFaceDecoder({ manifest, modelPath: 'nowhere.onnx' })).rejects.toMatchObject({
    code: 'bad-export',
  });
  await expect(
    createNodeFaceDecoder({ manifest, modelPath: realPath(manifest, 'idle') }),
  ).rejects.toMatchObject({ code: 'bad-export', message: expect.stringContaining('bytes instead of') });
});
