import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { resample, type Tts } from '@parley/server';

/** The voice differs a little from the one that answers. */
const ASKER_PITCH = 1.06;

/** A question as a visitor's microphone hears it: 16 kHz, a quarter of a second of silence first. */
export async function speakQuestion(tts: Tts, text: string): Promise<Float32Array> {
  async function* clauses() {
    yield text;
  }
  const pieces: number[] = new Array(MICROPHONE_RATE_HZ / 4).fill(0);
  for await (const { pcm, rateHz } of tts.speak(clauses(), AbortSignal.timeout(60_000)))
    for (const sample of resample(pcm, Math.round((rateHz * ASKER_PITCH) / 250) * 250, MICROPHONE_RATE_HZ))
      pieces.push(sample);
  return Float32Array.from(pieces);
}
