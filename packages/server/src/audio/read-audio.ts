import { Resampler } from '../engines/resample.ts';
import { streamAudio } from './stream-audio.ts';

/**
 * Reads a whole sound file as mono at a rate; see {@link streamAudio} for the formats.
 * @throws {ParleyError} `bad-audio`
 */
export async function readAudio(path: string, rateHz: number): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  let resampler: Resampler | null = null;
  for await (const chunk of streamAudio(path)) {
    resampler ??= new Resampler(chunk.rateHz, rateHz);
    parts.push(resampler.push(chunk.pcm));
  }
  if (resampler) parts.push(resampler.flush());
  const pcm = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  return pcm;
}
