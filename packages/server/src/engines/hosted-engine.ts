import { stat } from 'node:fs/promises';
import type { WhisperOptions } from './asr/whisper.ts';
import type { Asr, Embedder, EngineInfo, FaceEncoder, Llm, Reranker, Tts, Vad } from './contracts.ts';
import type { MiniLmOptions } from './embed/minilm.ts';
import type { FaceEncoderOptions } from './face/onnx-face-encoder.ts';
import type { LlamaOptions } from './llm/llama.ts';
import type { AnswerRerankerOptions } from './rerank/answer-reranker.ts';
import type { KokoroOptions } from './tts/kokoro.ts';
import type { PiperOptions } from './tts/piper.ts';
import { EngineWorker } from './worker/engine-worker.ts';

/** An embedded engine and what it is loaded with; travels to its worker as plain data. */
export type HostedEngine =
  | { readonly kind: 'vad'; readonly options: { readonly modelPath: string } }
  | { readonly kind: 'asr'; readonly options: WhisperOptions }
  | { readonly kind: 'llm'; readonly options: LlamaOptions }
  | { readonly kind: 'tts'; readonly options: PiperOptions }
  | { readonly kind: 'voices'; readonly options: KokoroOptions }
  | { readonly kind: 'face'; readonly options: FaceEncoderOptions }
  | { readonly kind: 'embed'; readonly options: MiniLmOptions }
  | { readonly kind: 'rerank'; readonly options: AnswerRerankerOptions };

/** An engine ready for use, with what `parley doctor` says of it. */
export interface LoadedEngine<T> {
  readonly engine: T;
  readonly info: EngineInfo;
  close(): Promise<void>;
}

/** A GGUF file of fewer bytes holds under about a billion weights, of four bits each. */
const SMALL_BYTES = 600e6;

export async function hostVad(modelPath: string, model: string): Promise<LoadedEngine<Vad>> {
  const { worker, info } = await host({ kind: 'vad', options: { modelPath } }, model);
  const engine: Vad = { detect: (input, signal) => worker.stream('detect', null, input, signal) };
  return { engine, info, close: () => worker.close() };
}

export async function hostAsr(options: WhisperOptions, model: string): Promise<LoadedEngine<Asr>> {
  const { worker, info } = await host({ kind: 'asr', options }, model);
  const engine: Asr = { transcribe: (input, signal) => worker.stream('transcribe', null, input, signal) };
  return { engine, info, close: () => worker.close() };
}

export async function hostLlm(options: LlamaOptions, model: string): Promise<LoadedEngine<Llm>> {
  const { worker, info } = await host({ kind: 'llm', options }, model);
  const { size } = await stat(options.modelPath);
  const engine: Llm = {
    size: size < SMALL_BYTES ? 'small' : 'large',
    generate: (request, signal) => worker.stream('generate', request, null, signal),
    async preload(messages, signal) {
      for await (const _ of worker.stream('preload', messages, null, signal));
    },
  };
  return { engine, info, close: () => worker.close() };
}

export async function hostTts(options: PiperOptions, model: string): Promise<LoadedEngine<Tts>> {
  const { worker, info } = await host({ kind: 'tts', options }, model);
  const engine: Tts = { speak: (clauses, signal) => worker.stream('speak', null, clauses, signal) };
  return { engine, info, close: () => worker.close() };
}

/** Several voices of one model, in one worker. */
export async function hostVoices(
  options: KokoroOptions,
  model: string,
): Promise<LoadedEngine<ReadonlyMap<string, Tts>>> {
  const { worker, info } = await host({ kind: 'voices', options }, model);
  const engine = new Map(
    Object.keys(options.voicePaths).map((voice): [string, Tts] => [
      voice,
      { speak: (clauses, signal) => worker.stream('speak', voice, clauses, signal) },
    ]),
  );
  return { engine, info, close: () => worker.close() };
}

export async function hostFace(
  options: FaceEncoderOptions,
  model: string,
): Promise<LoadedEngine<FaceEncoder>> {
  const { worker, info } = await host({ kind: 'face', options }, model);
  const engine: FaceEncoder = {
    encode: (input, options, signal) => worker.stream('encode', options, input, signal),
  };
  return { engine, info, close: () => worker.close() };
}

export async function hostEmbedder(options: MiniLmOptions, model: string): Promise<LoadedEngine<Embedder>> {
  const { worker, info } = await host({ kind: 'embed', options }, model);
  const engine: Embedder = { embed: (texts, signal) => worker.stream('embed', texts, null, signal) };
  return { engine, info, close: () => worker.close() };
}

export async function hostReranker(
  options: AnswerRerankerOptions,
  model: string,
): Promise<LoadedEngine<Reranker>> {
  const { worker, info } = await host({ kind: 'rerank', options }, model);
  const engine: Reranker = {
    async rank(question, candidates, signal) {
      for await (const logits of worker.stream<Float32Array>('rank', { question, candidates }, null, signal))
        return logits;
      return new Float32Array(0);
    },
  };
  return { engine, info, close: () => worker.close() };
}

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

async function host(
  hosted: HostedEngine,
  model: string,
): Promise<{ worker: EngineWorker; info: EngineInfo }> {
  const startMs = performance.now();
  const { worker, description } = await EngineWorker.start({
    name: hosted.kind,
    module: new URL(`./engine-host.${EXTENSION}`, import.meta.url),
    data: hosted,
  });
  const { device } = description as { device: string };
  const loadMs = performance.now() - startMs;
  const kind = hosted.kind === 'voices' ? 'tts' : hosted.kind;
  return { worker, info: { kind, model, device, loadMs } };
}
