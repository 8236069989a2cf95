/** What a machine has for a language model, in bytes. */
export interface Memory {
  readonly freeBytes: number;
  /** Memory of the graphics card that llama.cpp can use, 0 without one. */
  readonly gpuBytes: number;
}

/** A published GGUF file that `llm: auto` may take. */
export interface PublishedLlm {
  /** As node-llama-cpp resolves it: `hf:user/repository:quantisation`. */
  readonly uri: string;
  /** Free memory that it needs beside the other engines. */
  readonly needsBytes: number;
}

const GB = 1e9;

/** Apache-2.0, good at instructions and tools for their size, largest first; four bits a weight. */
export const PUBLISHED_LLMS: readonly PublishedLlm[] = [
  { uri: 'hf:Qwen/Qwen2.5-7B-Instruct-GGUF:Q4_K_M', needsBytes: 8 * GB },
  { uri: 'hf:Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q4_K_M', needsBytes: 2.5 * GB },
];

/** A processor alone answers too slowly with more than this. */
const MOST_BYTES_WITHOUT_GPU = 3 * GB;

/** The largest published model that fits, on the graphics card or, if it is small, in memory; null where the one that comes along must do. */
export function chooseLlm({ freeBytes, gpuBytes }: Memory): PublishedLlm | null {
  return (
    PUBLISHED_LLMS.find(
      ({ needsBytes }) =>
        gpuBytes >= needsBytes || (needsBytes <= MOST_BYTES_WITHOUT_GPU && freeBytes >= 3 * needsBytes),
    ) ?? null
  );
}
