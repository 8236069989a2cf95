import { join } from 'node:path';
import { type EncoderSize, SPEECH_RATE_HZ } from '@parley/sdk';
import { createNodeFaceDecoder } from '@parley/sdk/decoder-node';
import { readAudio } from '@parley/server';
// The server keeps its engines behind workers; here one is enough.
import { decodeFrames } from '../../packages/server/src/animate/face-frames.ts';
import { OnnxFaceEncoder } from '../../packages/server/src/engines/face/onnx-face-encoder.ts';

/** The room hears its own voice in blocks of 100 ms. */
const BLOCK_MS = 100;

/** Parley as it runs: audio streamed into the exported encoder, its codes through the exported decoder. */
export async function openParley(exportsFolder: string, size: EncoderSize) {
  const encoder = await OnnxFaceEncoder.load({ exportsPath: exportsFolder, threads: 1, encoder: size });
  const { manifest } = encoder;
  const modelPath = join(exportsFolder, manifest.files.decoder.path);
  const decoder = await createNodeFaceDecoder({ manifest, modelPath });
  return {
    manifest,
    /** @returns frames x controls at the codec's frame rate. */
    async face(path: string, seed: number): Promise<Float32Array> {
      const pcm = await readAudio(path, SPEECH_RATE_HZ);
      const blocks = inBlocks(pcm, (SPEECH_RATE_HZ * BLOCK_MS) / 1000);
      const codes = encoder.encode(blocks, { seed }, new AbortController().signal);
      const controls: number[] = [];
      for await (const part of decodeFrames(codes, decoder, manifest)) controls.push(...part.controls);
      return Float32Array.from(controls);
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
