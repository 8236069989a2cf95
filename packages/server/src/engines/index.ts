export type {
  Asr,
  AsrPart,
  AudioChunk,
  ChatMessage,
  Embedder,
  Embedding,
  EngineInfo,
  Engines,
  FaceAudio,
  FaceCodes,
  FaceEncodeOptions,
  FaceEncoder,
  Llm,
  LlmPart,
  LlmRequest,
  PhonedAudio,
  TimedPhone,
  ToolCall,
  ToolDefinition,
  Tts,
  TtsPart,
  Vad,
  VadFrame,
} from './contracts.ts';
export { createEngines, createThinkingEngines, type ThinkingEngines } from './create-engines.ts';
export { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts';
export type { Endpoint } from './http/endpoint.ts';
export { OpenAiAsr, type OpenAiAsrOptions } from './http/openai-asr.ts';
export { OpenAiEmbedder } from './http/openai-embedder.ts';
export { OpenAiLlm } from './http/openai-llm.ts';
export { OpenAiTts, type OpenAiTtsOptions } from './http/openai-tts.ts';
export { Resampler, resample } from './resample.ts';
