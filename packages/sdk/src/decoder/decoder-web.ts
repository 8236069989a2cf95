import { ParleyError } from '../errors.ts';
import { checkExportFile } from '../model/check-export-file.ts';
import type { FaceManifest } from '../model/face-manifest.ts';
import { batchDecodes } from './batch-decodes.ts';
import type { FaceDecoder } from './face-decoder.ts';
import type { DecoderWorkerReply, DecoderWorkerRequest, WasmUrls } from './worker-messages.ts';

export type { FaceDecoder } from './face-decoder.ts';
export type { WasmUrls } from './worker-messages.ts';

/** Settings of {@link createWebFaceDecoder}. */
export interface WebFaceDecoderOptions {
  readonly manifest: FaceManifest;
  /** URL of `decoder.onnx`. */
  readonly modelUrl: string | URL;
  /** Where onnxruntime-web's files are served. Default: where the bundler puts them. */
  readonly wasmUrls?: WasmUrls;
  /** Gives up loading. */
  readonly signal?: AbortSignal;
}

/**
 * A face decoder on onnxruntime-web in a worker of its own, so that rendering never waits for it. One is enough for a
 * page.
 * @throws ParleyError `bad-export` if the file is not there or not the manifest's, `decoder-failed` if it does not load.
 */
export async function createWebFaceDecoder(options: WebFaceDecoderOptions): Promise<FaceDecoder> {
  const { manifest, modelUrl, wasmUrls, signal } = options;
  const model = checkExportFile(await fetchBytes(modelUrl, signal), manifest.files.decoder);
  signal?.throwIfAborted();
  const caller = new DecoderWorker();
  const abort = (): void => caller.terminate();
  signal?.addEventListener('abort', abort);
  try {
    await caller.call({ type: 'load', manifest, model, wasmUrls }, [model.buffer]);
  } catch (error) {
    caller.terminate();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  return batchDecodes({
    window: manifest.codec.window,
    heads: manifest.codec.heads,
    controls: manifest.controls.length,
    async run(codes, batch) {
      const reply = await caller.call({ type: 'decode', codes, batch }, [codes.buffer]);
      if (reply.type !== 'decoded') throw new Error(`the worker answered ${reply.type}`);
      return reply.controls;
    },
    async close() {
      caller.terminate();
    },
  });
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

interface Call {
  readonly resolve: (reply: DecoderWorkerReply) => void;
  readonly reject: (error: ParleyError) => void;
}

/** Pairs the worker's answers with the questions. */
class DecoderWorker {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  #nextId = 1;

  constructor() {
    // Bundlers recognise exactly this form.
    this.#worker = new Worker(new URL('./decoder-worker.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<DecoderWorkerReply>) => {
      const call = this.#calls.get(data.id);
      this.#calls.delete(data.id);
      if (data.type === 'failed') call?.reject(new ParleyError(data.code, data.message));
      else call?.resolve(data);
    };
    this.#worker.onerror = (event) => {
      this.#fail(
        `the decoder's worker failed: ${event.message || 'its script did not load'}; reload the page`,
      );
    };
  }

  call(request: WithoutId<DecoderWorkerRequest>, transfer: Transferable[]): Promise<DecoderWorkerReply> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.postMessage({ ...request, id }, transfer);
    });
  }

  terminate(): void {
    this.#worker.terminate();
    this.#fail('the face decoder is closed');
  }

  #fail(message: string): void {
    for (const call of this.#calls.values()) call.reject(new ParleyError('decoder-failed', message));
    this.#calls.clear();
  }
}

async function fetchBytes(
  url: string | URL,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ParleyError('bad-export', `${url} cannot be loaded; check the network, then reload`, error);
  }
  if (!response.ok)
    throw new ParleyError(
      'bad-export',
      `${url} answers ${response.status}; check that models/exports is served there`,
    );
  return new Uint8Array(await response.arrayBuffer());
}
