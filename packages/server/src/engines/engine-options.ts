import { ENCODER_SIZES } from '@parley/sdk';
import { z } from 'zod';

const device = z.enum(['auto', 'cpu', 'cuda']).default('auto');
/** CPU threads; undefined leaves the choice to `createEngines`. */
const threads = z.int().min(1).max(64).optional();

const endpoint = {
  /** Base URL of an OpenAI-compatible API, for instance `http://gpu-box:8000/v1`. Its presence turns the embedded engine off. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Sent as a bearer token. */
  key: z.string().optional(),
  /** Longest wait for the first byte of an answer, in milliseconds. */
  firstByteTimeoutMs: z.int().positive().default(15_000),
  /** Longest silence within an answer, in milliseconds. */
  idleTimeoutMs: z.int().positive().default(10_000),
};

const asrSettings = z.strictObject({
  ...endpoint,
  /**
   * Embedded: `whisper-base`, `whisper-small`, `whisper-tiny-en`, or `auto` (the default), which is base unless the languages want
   * small and the machine allows it (see `chooseWhisper`). Endpoint: its model's name, `whisper-base` by default.
   */
  model: z.string().optional(),
  /** ISO 639-1 code of what visitors speak; several with commas between, of which each utterance is one; or `auto` for any. */
  language: z
    .string()
    .regex(/^(?:auto|[a-z]{2,3}(?:,[a-z]{2,3})*)$/, 'must be auto or codes such as "en" or "en,es"')
    .default('en'),
  /** Seconds of new speech between partial results of a streamed utterance, at least 1; 0, as rooms ask for their own, for none. */
  partialEverySeconds: z.number().min(0).default(0),
  device,
  threads,
});

const asr = asrSettings.transform(({ model, ...rest }) => ({
  ...rest,
  model: model ?? (rest.url ? 'whisper-base' : 'auto'),
}));

const llm = z.strictObject({
  ...endpoint,
  /** Embedded: a weight id, the path of a GGUF file, or `auto` for the best that memory and network allow. Endpoint: its model's name. */
  model: z.string().default('smollm2-135m-instruct'),
  device: z.enum(['auto', 'cpu', 'cuda', 'metal', 'vulkan']).default('auto'),
  threads,
  /** Tokens of one conversation, prompt and answer together. */
  contextTokens: z.int().min(256).default(2048),
  /** NPCs whose conversation stays evaluated in memory. */
  conversations: z.int().min(1).max(64).default(3),
  /** Divides the odds of recent tokens; 1 = none. */
  repeatPenalty: z.number().min(1).default(1.1),
});

const ttsSettings = z.strictObject({
  ...endpoint,
  /** Embedded: `piper-joe`, or `kokoro-82m-int8`, which has voices in six languages. Endpoint: its model's name. */
  model: z.string().default('piper-joe'),
  /** Kokoro: one of its voices, `af_heart` by default. Endpoint: the voice's name, `alloy` by default. */
  voice: z.string().optional(),
  /** Endpoint only: rate of raw PCM answers in Hz; WAV answers say theirs. */
  rateHz: z.int().min(8000).max(48_000).default(24_000),
  /** Endpoint only: `pcm` plays while it arrives, `wav` is understood by more servers. */
  format: z.enum(['pcm', 'wav']).default('pcm'),
  /** 1 = the voice's own pace, 1.2 = a fifth slower. */
  lengthScale: z.number().min(0.5).max(2).default(1),
  /** Piper: how much one take differs from another; 1 as the voice was made, 0 for the same sound of the same words. */
  variation: z.number().min(0).max(1.5).default(1),
  device,
  threads,
});

/** The voice's default depends on whose it is. */
const tts = ttsSettings.transform(({ voice, ...rest }) => ({
  ...rest,
  voice: voice ?? (rest.url ? 'alloy' : 'af_heart'),
}));

const embed = z.strictObject({
  ...endpoint,
  /** Embedded: `minilm-l6-v2-int8`, or `none`. Endpoint: its model's name. */
  model: z.string().default('minilm-l6-v2-int8'),
  device,
  threads,
});

const rerank = z.strictObject({
  /** `answers`, or `none`. */
  model: z.enum(['answers', 'none']).default('answers'),
  device,
  threads,
});

const face = z.strictObject({
  /**
   * The audio encoder: `small`, `server` (better, larger), or `auto`: `small` where the voice tells its phones, which say
   * more than the sound does; else `server` where the export has it, else `small`.
   */
  encoder: z.enum(['auto', ...ENCODER_SIZES]).default('auto'),
  /** Folder of the face model's `manifest.json`. Default: the repository's `models/exports`. */
  exportsPath: z.string().optional(),
  threads,
});

const engineOptions = z.strictObject({
  asr: asr.prefault({}),
  llm: llm.prefault({}),
  tts: tts.prefault({}),
  embed: embed.prefault({}),
  rerank: rerank.prefault({}),
  /** Further voices, by the names that personas use under `voice.name`. */
  voices: z.record(z.string(), tts).default({}),
  face: face.prefault({}),
});

/** What to load; every field has a default. */
export type EngineOptions = z.input<typeof engineOptions>;
/** `EngineOptions` with every default filled in. */
export type ResolvedEngineOptions = z.output<typeof engineOptions>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Fills in defaults. `PARLEY_{ASR,LLM,TTS,EMBED}_{URL,MODEL,KEY,DEVICE,THREADS}`, `PARLEY_RERANK_{MODEL,DEVICE,THREADS}`, `PARLEY_TTS_{VOICE,FORMAT,RATE_HZ}`,
 * `PARLEY_ASR_LANGUAGE` and `PARLEY_FACE` (the encoder) from the environment fill in what `options` leaves out.
 * @throws TypeError naming each wrong option.
 */
export function resolveEngineOptions(
  options: EngineOptions = {},
  environment: Environment = process.env,
): ResolvedEngineOptions {
  const merged = {
    ...options,
    asr: { ...fromEnvironment('ASR', environment), ...options.asr },
    llm: { ...fromEnvironment('LLM', environment), ...options.llm },
    tts: { ...fromEnvironment('TTS', environment), ...options.tts },
    embed: { ...fromEnvironment('EMBED', environment), ...options.embed },
    rerank: { ...fromEnvironment('RERANK', environment), ...options.rerank },
    face: { ...(environment.PARLEY_FACE && { encoder: environment.PARLEY_FACE }), ...options.face },
  };
  const result = engineOptions.safeParse(merged);
  if (result.success) return result.data;
  throw new TypeError(`The engine options are wrong.\n${z.prettifyError(result.error)}`);
}

/** Settings that the environment may hold, and their names there. */
const SETTINGS: Readonly<Record<string, string>> = {
  url: 'URL',
  model: 'MODEL',
  key: 'KEY',
  device: 'DEVICE',
  threads: 'THREADS',
  voice: 'VOICE',
  language: 'LANGUAGE',
  format: 'FORMAT',
  rateHz: 'RATE_HZ',
};

function fromEnvironment(
  engine: 'ASR' | 'LLM' | 'TTS' | 'EMBED' | 'RERANK',
  environment: Environment,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [setting, name] of Object.entries(SETTINGS)) {
    const value = environment[`PARLEY_${engine}_${name}`];
    if (value) found[setting] = setting === 'threads' || setting === 'rateHz' ? Number(value) : value;
  }
  return found;
}
