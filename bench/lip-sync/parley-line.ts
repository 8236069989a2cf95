import { join } from 'node:path';
import { type EncoderSize, type FaceManifest, SPEECH_RATE_HZ } from '@parley/sdk';
import { createNodeFaceDecoder } from '@parley/sdk/decoder-node';
import { readAudio } from '@parley/server';
// The server keeps its engines behind workers; here one is enough.
import { OnnxFaceEncoder } from '../../packages/server/src/engines/face/onnx-face-encoder.ts';

/** The room hears its own voice in blocks of 100 ms. */
const BLOCK_MS = 100;
const DECODE_BATCH = 64;

/** Parley as it runs: audio streamed into the exported encoder, its codes through the exported decoder. */
export async function openParley(exportsFolder: string, size: EncoderSize) {
  const encoder = await OnnxFaceEncoder.load({ exportsPath: exportsFolder, threads: 1, encoder: size });
  const { manifest } = encoder;
  const decoder = await createNodeFaceDecoder({
    manifest,
    modelPath: join(exportsFolder, manifest.files.decoder.path),
  });
  return {
    manifest,
    /** @returns frames x controls at the codec's frame rate. */
    async face(path: string, seed: number): Promise<Float32Array> {
      const pcm = await readAudio(path, SPEECH_RATE_HZ);
      const codes: number[] = [];
      const blocks = inBlocks(pcm, (SPEECH_RATE_HZ * BLOCK_MS) / 1000);
      for await (const part of encoder.encode(blocks, { seed }, AbortSignal.timeout(600_000)))
        codes.push(...part.codes);
      return decode(codes, manifest, decoder);
    },
    async close(): Promise<void> {
      await encoder.close();
      await decoder.close();
    },
  };
}

async function* inBlocks(pcm: Float32Array, samples: number): AsyncGenerator<Float32Array> {
  for (let from = 0; from < pcm.length; from += samples) yield pcm.slice(from, from + samples);
}

async function decode(
  codes: readonly number[],
  manifest: FaceManifest,
  decoder: Awaited<ReturnType<typeof createNodeFaceDecoder>>,
): Promise<Float32Array> {
  const { heads, window, neutral } = manifest.codec;
  const before = Array.from({ length: window - 1 }, () => neutral).flat();
  const padded = Int32Array.from([...before, ...codes]);
  const frames = codes.length / heads;
  const out = new Float32Array(frames * manifest.controls.length);
  for (let from = 0; from < frames; from += DECODE_BATCH) {
    const batch = Math.min(DECODE_BATCH, frames - from);
    const windows = new Int32Array(batch * window * heads);
    for (let i = 0; i < batch; i++)
      windows.set(padded.subarray((from + i) * heads, (from + i + window) * heads), i * window * heads);
    out.set(await decoder.decode(windows, batch), from * manifest.controls.length);
  }
  return out;
}
