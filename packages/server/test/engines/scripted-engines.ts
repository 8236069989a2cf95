import type {
  Asr,
  AsrPart,
  Engines,
  FaceEncoder,
  Llm,
  LlmPart,
  LlmRequest,
  Tts,
  TtsPart,
  Vad,
} from '../../src/engines/contracts.ts';

/** What scripted engines do; every field has a default. */
export interface EngineScript {
  /** Answers of `asr`, one a turn, the last repeated. Default: "What time do you close?". */
  readonly transcripts?: readonly string[];
  /** Mean log-probability of every transcript. Default -0.3. */
  readonly averageLogProbability?: number;
  /** Makes the answer to a request. Default: "The museum closes at six. Please come again.". */
  readonly reply?: (request: LlmRequest) => string;
  /** Wait before the first token and before each further one, in milliseconds. Default 0. */
  readonly tokenDelayMs?: number;
  /** Wait before each clause's audio, in milliseconds. Default 0. */
  readonly clauseDelayMs?: number;
  /** Length of the speech for each character, in milliseconds. Default 50. */
  readonly msPerCharacter?: number;
  /** Heads and classes of the face codes. Default 8 and 16. */
  readonly heads?: number;
  readonly classes?: number;
  /** Engines that throw this error in place of their first part. */
  readonly failures?: Partial<Record<'vad' | 'asr' | 'llm' | 'tts' | 'face', Error>>;
}

/** What scripted engines were asked for, in order. */
export interface EngineLog {
  readonly requests: LlmRequest[];
  readonly clauses: string[];
  /** Samples that `asr` heard, one entry a turn. */
  readonly heardSamples: number[];
  readonly aborted: string[];
}

const VAD_WINDOW_SAMPLES = 512;
const SPEECH_RMS = 0.01;
const TTS_RATE_HZ = 22_050;
const FRAME_SAMPLES = 800;

/**
 * Engines without a model, for tests of the turn logic: speech is whatever is louder than -40 dBFS, ASR recites, the
 * LLM answers word by word, the voice hums for as long as the text is, and the face counts its frames.
 */
export function scriptedEngines(script: EngineScript = {}): Engines & { readonly log: EngineLog } {
  const log: EngineLog = { requests: [], clauses: [], heardSamples: [], aborted: [] };
  return {
    vad: scriptedVad(script),
    asr: scriptedAsr(script, log),
    llm: scriptedLlm(script, log),
    tts: scriptedTts(script, log),
    face: scriptedFace(script),
    info: (['vad', 'asr', 'llm', 'tts', 'face'] as const).map((kind) => ({
      kind,
      model: 'scripted',
      device: 'test',
      loadMs: 0,
    })),
    log,
    close: async () => {},
  };
}

function scriptedVad({ failures }: EngineScript): Vad {
  return {
    async *detect(input, signal) {
      const window = new Float32Array(VAD_WINDOW_SAMPLES);
      let filled = 0;
      let startSample = 0;
      for await (const chunk of input) {
        if (failures?.vad) throw failures.vad;
        for (const sample of chunk) {
          window[filled++] = sample;
          if (filled < window.length) continue;
          signal.throwIfAborted();
          const rms = Math.sqrt(window.reduce((sum, value) => sum + value * value, 0) / window.length);
          yield { startSample, probability: rms > SPEECH_RMS ? 1 : 0 };
          startSample += window.length;
          filled = 0;
        }
      }
    },
  };
}

function scriptedAsr({ transcripts, averageLogProbability, failures }: EngineScript, log: EngineLog): Asr {
  const texts = transcripts ?? ['What time do you close?'];
  return {
    async *transcribe(input, signal): AsyncGenerator<AsrPart> {
      let samples = 0;
      for await (const chunk of input) samples += chunk.length;
      signal.throwIfAborted();
      if (failures?.asr) throw failures.asr;
      const text = texts[Math.min(log.heardSamples.length, texts.length - 1)] ?? '';
      log.heardSamples.push(samples);
      yield { type: 'partial', text: text.split(' ')[0]! };
      yield {
        type: 'final',
        text,
        averageLogProbability: averageLogProbability ?? -0.3,
        noSpeechProbability: text ? 0.01 : 0.99,
      };
    },
  };
}

function scriptedLlm({ reply, tokenDelayMs, failures }: EngineScript, log: EngineLog): Llm {
  return {
    async *generate(request, signal): AsyncGenerator<LlmPart> {
      log.requests.push(request);
      const text = reply?.(request) ?? 'The museum closes at six. Please come again.';
      try {
        for (const word of text.match(/\S+\s*/g) ?? []) {
          await wait(tokenDelayMs ?? 0, signal);
          if (failures?.llm) throw failures.llm;
          yield { type: 'text-delta', text: word };
        }
      } catch (error) {
        if (signal.aborted) log.aborted.push('llm');
        throw error;
      }
      yield { type: 'finish', reason: 'stop' };
    },
  };
}

function scriptedTts({ clauseDelayMs, msPerCharacter, failures }: EngineScript, log: EngineLog): Tts {
  return {
    async *speak(clauses, signal): AsyncGenerator<TtsPart> {
      try {
        for await (const text of clauses) {
          await wait(clauseDelayMs ?? 0, signal);
          if (failures?.tts) throw failures.tts;
          log.clauses.push(text);
          const length = Math.round((text.length * (msPerCharacter ?? 50) * TTS_RATE_HZ) / 1000);
          const pcm = Float32Array.from(
            { length },
            (_, i) => 0.1 * Math.sin((2 * Math.PI * 220 * i) / TTS_RATE_HZ),
          );
          yield { text, pcm, rateHz: TTS_RATE_HZ };
        }
      } catch (error) {
        if (signal.aborted) log.aborted.push('tts');
        throw error;
      }
    },
  };
}

function scriptedFace({ heads = 8, classes = 16, failures }: EngineScript): FaceEncoder {
  return {
    async *encode(input, { seed }, signal) {
      let samples = 0;
      let startFrame = 0;
      for await (const chunk of input) {
        signal.throwIfAborted();
        if (failures?.face) throw failures.face;
        samples += (chunk instanceof Float32Array ? chunk : chunk.pcm).length;
        const frames = Math.floor(samples / FRAME_SAMPLES) - startFrame;
        if (frames <= 0) continue;
        yield codes(startFrame, frames, seed);
        startFrame += frames;
      }
      const frames = Math.ceil(samples / FRAME_SAMPLES) - startFrame;
      if (frames > 0) yield codes(startFrame, frames, seed);
    },
  };

  function codes(startFrame: number, frames: number, seed: number) {
    const values = Uint8Array.from(
      { length: frames * heads },
      (_, i) => (startFrame + Math.floor(i / heads) + (i % heads) + seed) % classes,
    );
    return { startFrame, codes: values, frames };
  }
}

/** Waits, or rejects with the signal's reason. */
async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (delayMs === 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, delayMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
