import type { Emotion } from '@parley/sdk';

/**
 * The contracts between a room and its engines. Each engine is a streaming function that takes an `AbortSignal`;
 * one turn owns one `AbortController`, and barge-in aborts it. An aborted stream throws `signal.reason`.
 */

/** A piece of mono audio. */
export interface AudioChunk {
  /** Samples in [-1, 1]. */
  readonly pcm: Float32Array;
  /** Sample rate of `pcm` in Hz. */
  readonly rateHz: number;
}

/** What a voice activity detector says of each 32 ms window of a 16 kHz microphone. */
export interface VadFrame {
  /** First sample of the window, on the microphone's 16 kHz clock. */
  readonly startSample: number;
  /** Probability of speech in [0, 1]. */
  readonly probability: number;
}

/** Voice activity detection, 512 samples of 16 kHz PCM at a time; keeps state per stream. */
export interface Vad {
  /** @param input 16 kHz mono PCM in chunks of any length. */
  detect(input: AsyncIterable<Float32Array>, signal: AbortSignal): AsyncIterable<VadFrame>;
}

export type AsrPart =
  | { readonly type: 'partial'; readonly text: string }
  | {
      readonly type: 'final';
      readonly text: string;
      /** Mean log-probability of the tokens; below about -1.5 it is noise rather than speech. */
      readonly averageLogProbability: number;
      /** Probability in [0, 1] that there was no speech at all. */
      readonly noSpeechProbability: number;
    };

/** Speech recognition of one utterance: the input ends where the speaker's turn ends. */
export interface Asr {
  /** @param input 16 kHz mono PCM of one utterance, in chunks of any length. */
  transcribe(input: AsyncIterable<Float32Array>, signal: AbortSignal): AsyncIterable<AsrPart>;
}

export interface ChatMessage {
  /** `tool`: the result of a call that the assistant's message before made. */
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /** Calls that an assistant's message made. */
  readonly toolCalls?: readonly ToolCall[];
  /** Of a `tool` message: id of the call. */
  readonly toolCallId?: string;
}

/** A call that a model wants made. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote them, unchecked. */
  readonly arguments: unknown;
}

/** What a model is told of a tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface LlmRequest {
  /** System prompt first; the engine keeps the longest common prefix of successive requests cached. */
  readonly messages: readonly ChatMessage[];
  /** Upper bound of the answer, in tokens. */
  readonly maxTokens: number;
  /** Sampling temperature, 0 = greedy. */
  readonly temperature: number;
  /** What the model may call. */
  readonly tools?: readonly ToolDefinition[];
}

export type LlmPart =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  | { readonly type: 'finish'; readonly reason: 'stop' | 'length' };

/** A chat language model. */
export interface Llm {
  /**
   * `small`: under about a billion weights. It cannot be trusted with facts, tools or marks in its text, so that what
   * matters is not left to it.
   */
  readonly size?: 'small' | 'large';
  /** Evaluates messages that requests will begin with (a persona's system prompt), so that the first answer comes soon. */
  preload?(messages: readonly ChatMessage[], signal: AbortSignal): Promise<void>;
  generate(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmPart>;
}

/** What a text means, as a vector. */
export interface Embedding {
  /** Of length 1: the scalar product of two is the cosine of their angle. */
  readonly vector: Float32Array;
}

/** Sentence embeddings: texts that mean alike have vectors that point alike. */
export interface Embedder {
  /** One embedding for each text, in order. */
  embed(texts: readonly string[], signal: AbortSignal): AsyncIterable<Embedding>;
}

/** A sentence that may answer a question, with what stands around it. */
export interface AnswerCandidate {
  readonly text: string;
  /** Its headings and the sentence before it: what "it" is. */
  readonly context: string;
}

/** Reads a question and a sentence together and tells whether the one answers the other. */
export interface Reranker {
  /**
   * @returns One log-odds for each candidate, in order: above 0 it is likelier that the sentence answers than that nothing does.
   * They compare within a question and between questions.
   */
  rank(question: string, candidates: readonly AnswerCandidate[], signal: AbortSignal): Promise<Float32Array>;
}

/** A phone of synthetic speech with its place in the audio. */
export interface TimedPhone {
  /** IPA symbol(s). */
  readonly phone: string;
  /** 0 none, 1 primary, 2 secondary; of the vowel alone. Default: what stress marks in `phone` say, else 0. */
  readonly stress?: 0 | 1 | 2;
  /** First sample and end, at the chunk's own rate, corrected for the engine's label offset. */
  readonly startSample: number;
  readonly endSample: number;
}

export interface TtsPart extends AudioChunk {
  /** The words that this audio speaks; empty where it goes on speaking the part before. */
  readonly text: string;
  /** Phones with their times in this chunk, where the engine knows them. */
  readonly phones?: readonly TimedPhone[];
}

/** Speech synthesis: one part per clause that comes in, as soon as it is ready, or several where the engine streams. */
export interface Tts {
  /** @param clauses Speakable pieces of text (a clause or a sentence each). */
  speak(clauses: AsyncIterable<string>, signal: AbortSignal): AsyncIterable<TtsPart>;
}

/** Face codes of consecutive frames. */
export interface FaceCodes {
  /** Index of the first frame in the utterance; frame n is the face at sample 800·n of 24 kHz audio. */
  readonly startFrame: number;
  /** Class indices, frames x heads, row by row. */
  readonly codes: Uint8Array;
  readonly frames: number;
}

/** A piece of 24 kHz speech whose phones are known: a clause of our own voice, whole. */
export interface PhonedAudio {
  readonly pcm: Float32Array;
  /** In order, with times in this piece at 24 kHz; what none of them covers is silence. */
  readonly phones: readonly TimedPhone[];
}

/** What a face encoder hears: 24 kHz mono PCM of any length, with its phones where they are known. */
export type FaceAudio = Float32Array | PhonedAudio;

/** Settings of one utterance's face. */
export interface FaceEncodeOptions {
  /** Seeds the sampled part (blinks, brows, gaze, head); lips do not depend on it. */
  readonly seed: number;
  /** How the speaker feels; moves the sampled part only. Default: neutral. */
  readonly emotion?: Emotion;
}

/**
 * Speech-driven face model: 24 kHz speech in, categorical codes out, delayed by the model's look-ahead (at most 100 ms).
 * Where phones are known the lips follow them, elsewhere they follow the sound. When the input ends, the look-ahead is
 * flushed so that the frames cover all of the audio.
 */
export interface FaceEncoder {
  /**
   * @param input Consecutive pieces of one utterance. Its codes do not depend on how plain PCM is cut.
   * @throws RangeError for an emotion that is none, and for phones whose times are no numbers or end before they start.
   * Times beyond the piece are cut off at its ends; where phones overlap, the later in the list is seen.
   */
  encode(
    input: AsyncIterable<FaceAudio>,
    options: FaceEncodeOptions,
    signal: AbortSignal,
  ): AsyncIterable<FaceCodes>;
}

/** Where an engine runs, for `parley doctor` and the logs. */
export interface EngineInfo {
  readonly kind: 'vad' | 'asr' | 'llm' | 'tts' | 'face' | 'embed' | 'rerank';
  readonly model: string;
  /** For instance `cpu`, `cuda`, `http://host:port`. */
  readonly device: string;
  readonly loadMs: number;
}

/** All engines of a server, loaded once and shared by its rooms. */
export interface Engines {
  readonly vad: Vad;
  readonly asr: Asr;
  readonly llm: Llm;
  readonly tts: Tts;
  /** Further voices, by the names that personas use. */
  readonly voices?: Readonly<Record<string, Tts>>;
  readonly face: FaceEncoder;
  /** Finds knowledge by its meaning; without it only shared words count. */
  readonly embed?: Embedder;
  /** Tells what answers a question from what is only about the same; without it rules about words do. */
  readonly rerank?: Reranker;
  readonly info: readonly EngineInfo[];
  /** Stops the workers; running streams end with an error. */
  close(): Promise<void>;
}
