import { freemem } from 'node:os';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel, resolveModelFile } from 'node-llama-cpp';
import { cacheFolder } from '../../weights/index.ts';
import { chooseLlm } from './choose-llm.ts';

/** The model that `llm: auto` came to. */
export interface FoundLlm {
  /** Path of a GGUF file; null for the model that comes along. */
  readonly modelPath: string | null;
  /** Why, for `parley doctor`. */
  readonly because: string;
}

/**
 * Takes the best published model that this machine's memory allows, downloading it once. Without network or room, the model that
 * comes along does: `auto` asks for the best there is.
 */
export async function findLlm(): Promise<FoundLlm> {
  const memory = { freeBytes: freemem(), gpuBytes: await gpuBytes() };
  const chosen = chooseLlm(memory);
  if (!chosen) return { modelPath: null, because: 'auto: too little memory for a larger model' };
  try {
    const directory = join(cacheFolder(), 'models');
    const modelPath = await resolveModelFile(chosen.uri, { directory, cli: false });
    return { modelPath, because: `auto: ${chosen.uri}` };
  } catch (error) {
    return {
      modelPath: null,
      because: `auto: ${chosen.uri} cannot be fetched (${(error as Error).message})`,
    };
  }
}

async function gpuBytes(): Promise<number> {
  const llama = await getLlama({
    build: 'never',
    skipDownload: true,
    gpu: { type: 'auto', exclude: ['vulkan'] },
    logLevel: LlamaLogLevel.error,
  });
  try {
    return llama.gpu ? (await llama.getVramState()).free : 0;
  } finally {
    await llama.dispose();
  }
}
