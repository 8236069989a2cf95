import type { EngineInfo, Engines } from './contracts.ts';
import { resample } from './resample.ts';

/** One number that says how fast an engine is. */
export interface EngineSpeed {
  readonly kind: EngineInfo['kind'];
  readonly value: number;
  /** `x real time` is seconds of work for each second of audio: below 1 keeps up. */
  readonly unit: 'x real time' | 'tokens/s' | 'ms/frame' | 'ms/sentence' | 'ms/question';
  /** Wait for the first result in milliseconds. */
  readonly firstMs: number;
}

const SENTENCE = 'Where can I see the moon rock, and who collected it?';
const SPEECH_RATE_HZ = 24_000;
const MICROPHONE_RATE_HZ = 16_000;
const FRAME_SAMPLES = 800;

/**
 * Lets every engine work once: the voice speaks a sentence, which the others then hear, see and answer.
 * @param onSpeed Called after each engine.
 */
export async function measureEngines(
  engines: Engines,
  onSpeed: (speed: EngineSpeed) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  // Once unmeasured: the first run of a network also allocates its memory.
  const speech = await speak(engines, signal);
  const startMs = performance.now();
  const again = await speak(engines, signal);
  const seconds = again.pcm.length / again.rateHz;
  const spokenMs = performance.now() - startMs;
  onSpeed({ kind: 'tts', value: spokenMs / 1000 / seconds, unit: 'x real time', firstMs: again.firstMs });

  const heard = resample(speech.pcm, speech.rateHz, MICROPHONE_RATE_HZ);
  const heardSeconds = heard.length / MICROPHONE_RATE_HZ;
  const vad = await time(engines.vad.detect(once(heard), signal));
  onSpeed({ kind: 'vad', value: vad.totalMs / vad.parts, unit: 'ms/frame', firstMs: vad.firstMs });

  await time(engines.asr.transcribe(once(heard), signal));
  const asr = await time(engines.asr.transcribe(once(heard), signal));
  onSpeed({
    kind: 'asr',
    value: asr.totalMs / 1000 / heardSeconds,
    unit: 'x real time',
    firstMs: asr.totalMs,
  });

  const messages = [{ role: 'user', content: SENTENCE }] as const;
  await engines.llm.preload?.(messages, signal);
  const llm = await time(engines.llm.generate({ messages, maxTokens: 40, temperature: 0 }, signal));
  const perSecond = (1000 * (llm.parts - 1)) / Math.max(1, llm.totalMs - llm.firstMs);
  onSpeed({ kind: 'llm', value: perSecond, unit: 'tokens/s', firstMs: llm.firstMs });

  if (engines.embed) {
    await time(engines.embed.embed(['A first sentence.'], signal));
    const embed = await time(engines.embed.embed([SENTENCE], signal));
    onSpeed({ kind: 'embed', value: embed.totalMs, unit: 'ms/sentence', firstMs: embed.firstMs });
  }

  if (engines.rerank) {
    const candidates = Array.from({ length: 12 }, () => ({ text: SENTENCE, context: 'The moon: ' }));
    await engines.rerank.rank(SENTENCE, candidates, signal);
    const fromMs = performance.now();
    await engines.rerank.rank(SENTENCE, candidates, signal);
    const tookMs = performance.now() - fromMs;
    onSpeed({ kind: 'rerank', value: tookMs, unit: 'ms/question', firstMs: tookMs });
  }

  const shown = resample(speech.pcm, speech.rateHz, SPEECH_RATE_HZ);
  await time(engines.face.encode(once(shown), { seed: 1 }, signal));
  const face = await time(engines.face.encode(once(shown), { seed: 1 }, signal));
  const frames = Math.ceil(shown.length / FRAME_SAMPLES);
  onSpeed({ kind: 'face', value: face.totalMs / frames, unit: 'ms/frame', firstMs: face.firstMs });
}

async function speak({ tts }: Engines, signal: AbortSignal) {
  const startMs = performance.now();
  let firstMs = 0;
  let rateHz = SPEECH_RATE_HZ;
  const pieces: number[] = [];
  for await (const part of tts.speak(once(SENTENCE), signal)) {
    firstMs ||= performance.now() - startMs;
    rateHz = part.rateHz;
    for (const sample of part.pcm) pieces.push(sample);
  }
  return { pcm: Float32Array.from(pieces), rateHz, firstMs };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function time(stream: AsyncIterable<unknown>) {
  const startMs = performance.now();
  let firstMs = 0;
  let parts = 0;
  for await (const _ of stream) {
    firstMs ||= performance.now() - startMs;
    parts++;
  }
  return { firstMs, parts, totalMs: performance.now() - startMs };
}
