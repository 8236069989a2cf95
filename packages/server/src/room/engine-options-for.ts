import type { EngineOptions } from '../engines/engine-options.ts';
import { KOKORO_MODEL, listKokoroVoices } from '../engines/tts/kokoro-voices.ts';
import type { Persona } from '../persona/persona.ts';

/**
 * Options with what some personas need: the embedded voices that they name, and ears for the languages that they speak, unless the
 * options or PARLEY_ASR_LANGUAGE say which.
 */
export async function engineOptionsFor(
  personas: readonly Persona[],
  options: EngineOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<EngineOptions> {
  const known = await listKokoroVoices();
  const wanted = personas.flatMap(({ voice: { name } }) => (name && known.includes(name) ? [name] : []));
  const voices = Object.fromEntries(wanted.map((voice) => [voice, { model: KOKORO_MODEL, voice }]));
  const spoken = [...new Set(personas.flatMap(({ languages }) => languages))].join(',');
  const language = environment.PARLEY_ASR_LANGUAGE || spoken;
  return {
    ...options,
    asr: { ...(language && { language }), ...options.asr },
    voices: { ...voices, ...options.voices },
  };
}
