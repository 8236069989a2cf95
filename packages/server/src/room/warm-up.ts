import type { FaceManifest } from '@parley/sdk';
import type { Engines } from '../engines/contracts.ts';
import { knowledgeOf } from '../knowledge/knowledge-library.ts';
import { buildPrompt } from '../persona/build-prompt.ts';
import type { Persona } from '../persona/persona.ts';
import { humWords, makeHums } from '../turn/hums.ts';
import { TIMEOUT_DEFAULTS } from '../turn/watchdog.ts';

/** Longest wait for all of it, ms. */
const PATIENCE_MS = 30_000;

/**
 * Runs each engine once, so that the first visitor does not wait for caches to fill: the fixed part of every persona's
 * prompt, a word of speech and its face and what is hummed, a second of silence. What fails here fails again, and is told, in a turn.
 */
export async function warmUp(
  engines: Engines,
  personas: readonly Persona[],
  { codec }: FaceManifest,
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const prompts = async () => {
    for (const persona of personas) {
      const messages = buildPrompt(persona, [], persona.examples[0]?.question ?? 'Hello!', {
        marksEmotion: engines.llm.size !== 'small',
      });
      await drain(engines.llm.generate({ messages, maxTokens: 1, temperature: 0 }, signal));
    }
  };
  const voice = async () => {
    for await (const { pcm: spoken, phones } of engines.tts.speak(once('Hello there.'), signal)) {
      const pcm = new Float32Array(spoken.length);
      await drain(engines.face.encode(once(phones ? { pcm, phones } : pcm), { seed: 1 }, signal));
    }
  };
  const hums = async () => {
    const neutral = Uint8Array.from(codec.neutral);
    for (const { hums, languages, voice } of personas) {
      const tts = voice.name === undefined ? engines.tts : engines.voices?.[voice.name];
      const words = humWords(hums, languages[0]);
      const face = { face: engines.face, codec: { layout: codec, fps: codec.fps, neutral } };
      if (tts && words.length > 0)
        await makeHums({ ...face, tts, pitch: voice.pitch, words, timeouts: TIMEOUT_DEFAULTS });
    }
  };
  await Promise.allSettled([
    prompts(),
    voice().then(hums),
    Promise.all(
      personas
        .filter(({ documents }) => documents.length > 0)
        .map((persona) => knowledgeOf(persona, engines)),
    ),
    drain(engines.asr.transcribe(once(new Float32Array(16_000)), signal)),
    drain(engines.vad.detect(once(new Float32Array(1_024)), signal)),
  ]);
}

async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _part of stream);
}
