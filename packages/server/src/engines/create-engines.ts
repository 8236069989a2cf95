import { availableParallelism, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { ParleyError } from '@parley/sdk';
import { modelsPath } from '../models-folder.ts';
import { cacheFolder, resolveWeights } from '../weights/index.ts';
import { chooseWhisper } from './asr/choose-whisper.ts';
import type { Asr, Embedder, EngineInfo, Engines, Llm, Reranker, Tts } from './contracts.ts';
import { rememberEmbeddings } from './embed/remember-embeddings.ts';
import { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts';
import { chooseEncoder } from './face/choose-encoder.ts';
import {
  hostAsr,
  hostEmbedder,
  hostFace,
  hostLlm,
  hostReranker,
  hostTts,
  hostVad,
  hostVoices,
  type LoadedEngine,
} from './hosted-engine.ts';
import { OpenAiAsr } from './http/openai-asr.ts';
import { OpenAiEmbedder } from './http/openai-embedder.ts';
import { OpenAiLlm } from './http/openai-llm.ts';
import { OpenAiTts } from './http/openai-tts.ts';
import { cudaProblem } from './onnx-session.ts';
import { checkKokoroVoices, isKokoro, KOKORO_MODEL, kokoroWeight } from './tts/kokoro-voices.ts';
import { rememberSpeech } from './tts/remember-speech.ts';

/**
 * Loads every engine, the embedded ones each in a worker of its own.
 * @param options See `EngineOptions`; what is left out comes from the environment, then from the defaults.
 * @param signal Aborts the loading.
 * @throws ParleyError `missing-weight` (but for the embedder, which may be missing) and others of `resolveWeights`; TypeError for
 * wrong options.
 */
export async function createEngines(options: EngineOptions = {}, signal?: AbortSignal): Promise<Engines> {
  const resolved = resolveEngineOptions(options);
  const loading = [
    loadVad(),
    loadAsr(resolved.asr),
    loadLlm(resolved.llm),
    loadTts(resolved.tts),
    // An endpoint gives sound alone; the embedded voices know their phones.
    loadFace(resolved.face, !resolved.tts.url),
    loadEmbedder(resolved.embed),
    loadReranker(resolved.rerank),
    loadVoices(resolved.voices),
  ] as const;
  const results = await Promise.allSettled(loading);
  const loaded = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value ? [result.value] : [],
  );
  const close = async () => {
    await Promise.all(loaded.map((engine) => engine.close()));
  };
  const failed = results.find((result) => result.status === 'rejected');
  if (failed || signal?.aborted) {
    await close();
    throw failed ? failed.reason : signal!.reason;
  }
  const [vad, asr, llm, tts, face, embed, rerank, voices] = await Promise.all(loading);
  return {
    vad: vad.engine,
    asr: asr.engine,
    llm: llm.engine,
    tts: rememberSpeech(tts.engine),
    face: face.engine,
    ...(embed && { embed: embed.engine }),
    ...(rerank && { rerank: rerank.engine }),
    voices: Object.fromEntries(
      Object.entries(voices.engine).map(([name, voice]) => [name, rememberSpeech(voice)]),
    ),
    info: loaded.flatMap(({ info }) => info),
    close,
  };
}

/**
 * Loads the voice alone.
 * @param options As for `createEngines`.
 * @throws ParleyError `missing-weight` and others of `resolveWeights`; TypeError for wrong options.
 */
export async function createTts(options: EngineOptions = {}): Promise<LoadedEngine<Tts>> {
  return loadTts(resolveEngineOptions(options).tts);
}

/**
 * Loads the recogniser alone.
 * @param options As for `createEngines`.
 * @throws As {@link createTts}.
 */
export async function createAsr(options: EngineOptions = {}): Promise<LoadedEngine<Asr>> {
  return loadAsr(resolveEngineOptions(options).asr);
}

/** The engines that an NPC thinks with. */
export interface ThinkingEngines extends Pick<Engines, 'llm' | 'embed' | 'rerank' | 'info'> {
  close(): Promise<void>;
}

/** Loads only what answers typed words: the language model and what finds knowledge. @throws As {@link createEngines}. */
export async function createThinkingEngines(options: EngineOptions = {}): Promise<ThinkingEngines> {
  const resolved = resolveEngineOptions(options);
  const [llm, embed, rerank] = await Promise.all([
    loadLlm(resolved.llm),
    loadEmbedder(resolved.embed),
    loadReranker(resolved.rerank),
  ]);
  return {
    llm: llm.engine,
    ...(embed && { embed: embed.engine }),
    ...(rerank && { rerank: rerank.engine }),
    info: [llm, embed, rerank].flatMap((loaded) => (loaded ? [loaded.info] : [])),
    close: async () => {
      await Promise.all([llm.close(), embed?.close(), rerank?.close()]);
    },
  };
}

async function loadVad() {
  const weights = await resolveWeights(['silero-vad']);
  return hostVad(weights.get('silero-vad')!, 'silero-vad');
}

/** What each Whisper of the weights manifest is made of: its graph, and the weights behind the names of files in the graph. */
const WHISPERS: Readonly<
  Record<string, { readonly graph: string; readonly files: Readonly<Record<string, string>>; words: string }>
> = {
  'whisper-base': {
    graph: 'whisper-base',
    files: { 'model.bin': 'whisper-base-model' },
    words: 'whisper-base',
  },
  // Every multilingual Whisper of this size has the words of base.
  'whisper-small': {
    graph: 'whisper-small',
    files: { 'encoder.onnx': 'whisper-small-encoder', 'decoder.onnx': 'whisper-small-decoder' },
    words: 'whisper-base',
  },
  'whisper-tiny-en': {
    graph: 'whisper-tiny.en',
    files: { 'model.bin': 'whisper-tiny-en-model' },
    words: 'whisper-tiny-en',
  },
};

async function loadAsr(options: ResolvedEngineOptions['asr']): Promise<LoadedEngine<Asr>> {
  const { url } = options;
  if (url) return remote('asr', url, options.model, new OpenAiAsr({ ...options, url }));
  if (options.model === 'auto') {
    const { model, because } = chooseWhisper({
      language: options.language,
      hasCuda: options.device !== 'cpu' && cudaProblem() === null,
      cores: options.threads ?? availableParallelism(),
      memoryBytes: totalmem(),
      hasSmall: await isFetched('whisper-small'),
    });
    const { info, ...found } = await loadAsr({ ...options, model });
    return { ...found, info: { ...info, device: `${info.device}; ${because}` } };
  }
  const whisper = WHISPERS[options.model];
  if (!whisper) {
    const known = ['auto', ...Object.keys(WHISPERS)].join(', ');
    throw new TypeError(`There is no embedded ASR model "${options.model}". Known are: ${known}.`);
  }
  const { graph, files, words } = whisper;
  const weights = await resolveWeights([...Object.values(files), `${words}-vocabulary`, `${words}-config`]);
  const { device, language, partialEverySeconds } = options;
  return hostAsr(
    {
      graph,
      weightPaths: Object.fromEntries(
        Object.entries(files).map(([file, weight]) => [file, weights.get(weight)!]),
      ),
      vocabularyPath: weights.get(`${words}-vocabulary`)!,
      configPath: weights.get(`${words}-config`)!,
      cachePath: join(cacheFolder(), 'optimised'),
      device,
      threads: options.threads ?? Math.min(4, availableParallelism()),
      language,
      partialEverySeconds,
    },
    options.model,
  );
}

function isFetched(set: string): Promise<boolean> {
  return resolveWeights([set]).then(
    () => true,
    () => false,
  );
}

/** The model that comes along: it shows that everything works. */
const SMOKE_LLM = 'smollm2-135m-instruct';

async function loadLlm(options: ResolvedEngineOptions['llm']): Promise<LoadedEngine<Llm>> {
  const { url } = options;
  if (url) return remote('llm', url, options.model, new OpenAiLlm({ ...options, url }));
  if (options.model === 'auto') {
    const { findLlm } = await import('./llm/find-llm.ts');
    const { modelPath, because } = await findLlm();
    const { info, ...found } = await loadLlm({ ...options, model: modelPath ?? SMOKE_LLM });
    return { ...found, info: { ...info, device: `${info.device}; ${because}` } };
  }
  const isPath = options.model.endsWith('.gguf');
  const modelPath = isPath ? options.model : (await resolveWeights([options.model])).get(options.model)!;
  const { device, contextTokens, conversations, repeatPenalty } = options;
  // One core is left to the room and the voice: llama.cpp collapses when its threads have to share a core.
  const threads = options.threads ?? Math.max(1, availableParallelism() - 1);
  return hostLlm(
    { modelPath, device, threads, contextTokens, conversations, repeatPenalty },
    basename(options.model),
  );
}

type TtsOptions = ResolvedEngineOptions['tts'];

async function loadTts(options: TtsOptions): Promise<LoadedEngine<Tts>> {
  const { url } = options;
  if (url) return remote('tts', url, options.model, new OpenAiTts({ ...options, url }));
  if (isKokoro(options)) {
    const { engine, ...rest } = await loadKokoro([options]);
    return { ...rest, engine: engine.get(options.voice)! };
  }
  const weights = await resolveWeights([options.model]);
  const { device, lengthScale, variation } = options;
  const modelPath = weights.get(options.model);
  const configPath = weights.get(`${options.model}-config`);
  if (!modelPath || !configPath) {
    throw new TypeError(
      `There is no embedded voice "${options.model}". Known are: piper-joe, ${KOKORO_MODEL}.`,
    );
  }
  return hostTts(
    { modelPath, configPath, device, threads: voiceThreads(options), lengthScale, variation },
    options.model,
  );
}

/** The voice speaks while the language model still writes on the core that is left. */
function voiceThreads({ threads }: TtsOptions): number {
  return threads ?? Math.max(1, Math.min(2, availableParallelism() - 1));
}

/** Voices of Kokoro share one model; its settings are those of the first. */
async function loadKokoro(options: readonly TtsOptions[]): Promise<LoadedEngine<ReadonlyMap<string, Tts>>> {
  const [first] = options as [TtsOptions];
  const names = [...new Set(options.map(({ voice }) => voice))];
  await checkKokoroVoices(names);
  const weights = await resolveWeights([first.model, ...names.map(kokoroWeight)]);
  const voicePaths = Object.fromEntries(names.map((name) => [name, weights.get(kokoroWeight(name))!]));
  const { device, lengthScale } = first;
  return hostVoices(
    { modelPath: weights.get(KOKORO_MODEL)!, voicePaths, device, threads: voiceThreads(first), lengthScale },
    `${KOKORO_MODEL} ${names.join(', ')}`,
  );
}

/** Further voices; they load one after the other, as each takes all cores for a moment. */
async function loadVoices(options: ResolvedEngineOptions['voices']) {
  const voices: Record<string, Tts> = {};
  const loaded: { readonly info: EngineInfo; close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(loaded.map((voice) => voice.close()));
  };
  try {
    const entries = Object.entries(options);
    const several = entries.filter(([, voice]) => isKokoro(voice));
    if (several.length > 0) {
      const kokoro = await loadKokoro(several.map(([, voice]) => voice));
      loaded.push(kokoro);
      for (const [name, { voice }] of several) voices[name] = kokoro.engine.get(voice)!;
    }
    for (const [name, voice] of entries) {
      if (isKokoro(voice)) continue;
      const single = await loadTts(voice);
      loaded.push(single);
      voices[name] = single.engine;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { engine: voices, info: loaded.map(({ info }) => info), close };
}

const EXPORTS = modelsPath('exports/');

async function loadFace(options: ResolvedEngineOptions['face'], voiceTellsPhones: boolean) {
  const { exportsPath = EXPORTS, threads = 1, encoder: wanted } = options;
  const encoder = await chooseEncoder({ wanted, exportsPath, voiceTellsPhones });
  return hostFace({ exportsPath, threads, encoder }, `parley-face ${encoder}`);
}

/** Pieces of a word, in the order of their ids; the model comes without them. */
const VOCABULARY = modelsPath('exports/minilm/vocabulary.txt');

const MINILM = 'minilm-l6-v2-int8';

/** Null where there is none, or its weights were not fetched: knowledge is then found by its words alone. */
async function loadEmbedder(options: ResolvedEngineOptions['embed']): Promise<LoadedEngine<Embedder> | null> {
  const { url, model, device, threads = 1 } = options;
  if (url) {
    const { engine, ...rest } = remote('embed', url, model, new OpenAiEmbedder({ ...options, url }));
    return { ...rest, engine: rememberEmbeddings(engine) };
  }
  if (model === 'none') return null;
  const weights = await weightsIfThere(model);
  if (!weights) return null;
  const modelPath = weights.get(model);
  if (!modelPath) throw new TypeError(`There is no embedded model "${model}". Known is: minilm-l6-v2-int8.`);
  const { engine, ...rest } = await hostEmbedder(
    { modelPath, vocabularyPath: VOCABULARY, device, threads },
    model,
  );
  return { ...rest, engine: rememberEmbeddings(engine) };
}

const RERANKER = modelsPath('exports/answers/answers.onnx');

/** Null where there is none, or where the embedder's weights, on which it stands, were not fetched. */
async function loadReranker({
  model,
  device,
  threads = 1,
}: ResolvedEngineOptions['rerank']): Promise<LoadedEngine<Reranker> | null> {
  if (model === 'none') return null;
  const embedderPath = (await weightsIfThere(MINILM))?.get(MINILM);
  if (!embedderPath) return null;
  return hostReranker(
    { modelPath: RERANKER, embedderPath, vocabularyPath: VOCABULARY, device, threads },
    model,
  );
}

/** Null, and a word on the console, where they were not fetched. */
async function weightsIfThere(model: string): Promise<ReadonlyMap<string, string> | null> {
  try {
    return await resolveWeights([model]);
  } catch (error) {
    if (!(error instanceof ParleyError && error.code === 'missing-weight')) throw error;
    tellOnce(
      `parley: the sentence embedder is missing, so NPCs find what they know by words alone; \`parley models fetch ${model}\` brings it.`,
    );
    return null;
  }
}

const told = new Set<string>();

function tellOnce(line: string): void {
  if (told.has(line)) return;
  told.add(line);
  console.warn(line);
}

function remote<T>(kind: EngineInfo['kind'], url: string, model: string, engine: T): LoadedEngine<T> {
  return { engine, info: { kind, model, device: url, loadMs: 0 }, close: async () => {} };
}
