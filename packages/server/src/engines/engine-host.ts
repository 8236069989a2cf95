import { parentPort, workerData } from 'node:worker_threads';
import type { AnswerCandidate, FaceAudio, FaceEncodeOptions, LlmRequest } from './contracts.ts';
import type { HostedEngine } from './hosted-engine.ts';
import { type ServedEngine, serveEngine } from './worker/serve-engine.ts';

/** Loads the one engine that `workerData` names; each worker imports only its own. */
async function load(hosted: HostedEngine): Promise<ServedEngine> {
  switch (hosted.kind) {
    case 'vad': {
      const { SileroVad } = await import('./vad/silero-vad.ts');
      const vad = await SileroVad.load(hosted.options.modelPath);
      const detect = (_: null, input: AsyncIterable<Float32Array>, signal: AbortSignal) =>
        vad.detect(input, signal);
      return serve({ detect }, 'cpu', vad);
    }
    case 'asr': {
      const { Whisper } = await import('./asr/whisper.ts');
      const asr = await Whisper.load(hosted.options);
      const transcribe = (_: null, input: AsyncIterable<Float32Array>, signal: AbortSignal) =>
        asr.transcribe(input, signal);
      return serve({ transcribe }, asr.device, asr);
    }
    case 'llm': {
      const { Llama } = await import('./llm/llama.ts');
      const llm = await Llama.load(hosted.options);
      const generate = (request: LlmRequest, _: AsyncIterable<never>, signal: AbortSignal) =>
        llm.generate(request, signal);
      async function* preload(
        messages: LlmRequest['messages'],
        _: AsyncIterable<never>,
        signal: AbortSignal,
      ): AsyncGenerator<{ type: 'preloaded' }> {
        await llm.preload(messages, signal);
        yield { type: 'preloaded' };
      }
      return serve({ generate, preload }, llm.device, llm);
    }
    case 'tts': {
      const { Piper } = await import('./tts/piper.ts');
      const tts = await Piper.load(hosted.options);
      const speak = (_: null, clauses: AsyncIterable<string>, signal: AbortSignal) =>
        tts.speak(clauses, signal);
      return serve({ speak }, tts.device, tts);
    }
    case 'voices': {
      const { Kokoro } = await import('./tts/kokoro.ts');
      const kokoro = await Kokoro.load(hosted.options);
      const speak = (voice: string, clauses: AsyncIterable<string>, signal: AbortSignal) =>
        kokoro.speak(clauses, voice, signal);
      return serve({ speak }, kokoro.device, kokoro);
    }
    case 'embed': {
      const { MiniLm } = await import('./embed/minilm.ts');
      const model = await MiniLm.load(hosted.options);
      const embed = (texts: readonly string[], _: AsyncIterable<never>, signal: AbortSignal) =>
        model.embed(texts, signal);
      return serve({ embed }, model.device, model);
    }
    case 'rerank': {
      const { AnswerReranker } = await import('./rerank/answer-reranker.ts');
      const model = await AnswerReranker.load(hosted.options);
      async function* rank(
        { question, candidates }: { question: string; candidates: readonly AnswerCandidate[] },
        _: AsyncIterable<never>,
        signal: AbortSignal,
      ): AsyncGenerator<Float32Array> {
        yield await model.rank(question, candidates, signal);
      }
      return serve({ rank }, model.device, model);
    }
    case 'face': {
      const { OnnxFaceEncoder } = await import('./face/onnx-face-encoder.ts');
      const face = await OnnxFaceEncoder.load(hosted.options);
      const encode = (options: FaceEncodeOptions, input: AsyncIterable<FaceAudio>, signal: AbortSignal) =>
        face.encode(input, options, signal);
      return serve({ encode }, 'cpu', face);
    }
  }
}

function serve(
  methods: ServedEngine['methods'],
  device: string,
  engine: { close(): Promise<void> },
): ServedEngine {
  return { methods, description: { device }, close: () => engine.close() };
}

await serveEngine(parentPort!, () => load(workerData as HostedEngine));
