import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as ort from 'onnxruntime-node';

/** Where models run. `auto` takes CUDA where the runtime can load it, else the CPU. */
export type Device = 'auto' | 'cpu' | 'cuda';

export interface OnnxSessionOptions {
  readonly device: Device;
  /** Threads inside one operator, at least 1. */
  readonly threads: number;
  /** Bytes of the files that the model names as its external data. */
  readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** Writes the optimised model there. It fits this machine and this version of ONNX Runtime only. */
  readonly optimizedModelPath?: string;
}

export interface OnnxSession {
  readonly session: ort.InferenceSession;
  /** `cuda` or `cpu`, the latter with the reason where CUDA would have been taken. */
  readonly device: string;
}

let whyNoCuda: string | null | undefined;

/** Why ONNX Runtime has no CUDA here; null where it may have. */
export function cudaProblem(): string | null {
  whyNoCuda ??= findCudaProblem();
  return whyNoCuda;
}

/** Opens a model; falls back to the CPU when CUDA does not load, unless CUDA is demanded. */
export async function openOnnxSession(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
): Promise<OnnxSession> {
  if (options.device === 'cuda' || (options.device === 'auto' && cudaProblem() === null)) {
    try {
      return { session: await create(model, options, ['cuda', 'cpu']), device: 'cuda' };
    } catch (error) {
      if (options.device === 'cuda') throw error;
      whyNoCuda = firstLine(error);
    }
  }
  const session = await create(model, options, ['cpu']);
  return { session, device: options.device === 'auto' ? `cpu (no CUDA: ${whyNoCuda})` : 'cpu' };
}

function create(
  model: string | Uint8Array,
  options: OnnxSessionOptions,
  executionProviders: string[],
): Promise<ort.InferenceSession> {
  const sessionOptions: ort.InferenceSession.SessionOptions = {
    executionProviders,
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    // The arena never gives memory back: one long utterance would cost 200 MB for good, and saves no time.
    enableCpuMemArena: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that spin while they wait would starve the other engines of a small machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(options.externalData && { externalData: [...options.externalData] }),
    ...(options.optimizedModelPath && { optimizedModelFilePath: options.optimizedModelPath }),
  };
  return typeof model === 'string'
    ? ort.InferenceSession.create(model, sessionOptions)
    : ort.InferenceSession.create(model, sessionOptions);
}

/** The library is looked for first, because ONNX Runtime prints to the terminal when it cannot load it. */
function findCudaProblem(): string | null {
  if (!ort.listSupportedBackends().some(({ name }) => name === 'cuda')) {
    return 'this build of ONNX Runtime does not list it';
  }
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  const isThere = ['libonnxruntime_providers_cuda.so', 'onnxruntime_providers_cuda.dll'].some((file) =>
    existsSync(join(folder, file)),
  );
  return isThere ? null : "onnxruntime-node's CUDA library is not installed";
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.slice(0, 160);
}
