export type {
  Asr,
  AsrPart,
  AudioChunk,
  ChatMessage,
  EngineInfo,
  Engines,
  FaceCodes,
  FaceEncoder,
  Llm,
  LlmPart,
  LlmRequest,
  TimedPhone,
  Tts,
  TtsPart,
  Vad,
  VadFrame,
} from './contracts.ts';
export { createEngines } from './create-engines.ts';
export { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts';
export { Resampler, resample } from './resample.ts';
