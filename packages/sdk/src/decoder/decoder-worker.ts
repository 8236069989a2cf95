import * as ort from 'onnxruntime-web/wasm';
import { ParleyError } from '../errors.ts';
import type { DecodeRun } from './batch-decodes.ts';
import { createDecodeRun, type OrtModule } from './create-face-decoder.ts';
import type { DecoderWorkerReply, DecoderWorkerRequest } from './worker-messages.ts';

/** The worker's global scope, as far as it is used here (the root configuration has no DOM types). */
const scope = globalThis as unknown as {
  onmessage: ((event: { data: DecoderWorkerRequest }) => void) | null;
  postMessage(reply: DecoderWorkerReply, transfer: ArrayBufferLike[]): void;
};

let decoder: DecodeRun | undefined;

scope.onmessage = async ({ data }) => {
  try {
    if (data.type === 'load') {
      // One thread needs no cross-origin isolation, and a batch of 50 takes about a millisecond.
      ort.env.wasm.numThreads = 1;
      if (data.wasmUrls) ort.env.wasm.wasmPaths = data.wasmUrls;
      decoder = await createDecodeRun(ort as OrtModule, data.model, data.manifest);
      scope.postMessage({ type: 'loaded', id: data.id }, []);
    } else {
      if (!decoder) throw new ParleyError('decoder-failed', 'the decoder was not loaded');
      const controls = new Float32Array(await decoder.run(data.codes, data.batch));
      scope.postMessage({ type: 'decoded', id: data.id, controls }, [controls.buffer]);
    }
  } catch (error) {
    const code = error instanceof ParleyError ? error.code : 'decoder-failed';
    scope.postMessage({ type: 'failed', id: data.id, code, message: String((error as Error).message) }, []);
  }
};
