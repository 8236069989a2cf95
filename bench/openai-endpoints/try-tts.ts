/**
 * Lets a real OpenAI-compatible speech server say two clauses, and writes what came to a WAV file.
 *
 *     node bench/openai-endpoints/try-tts.ts http://127.0.0.1:8000/v1 MODEL VOICE pcm|wav out.wav [RATE_HZ]
 */
import { writeFile } from 'node:fs/promises';
import { OpenAiTts, writeWav } from '@parley/server';

const [
  url = 'http://127.0.0.1:8000/v1',
  model = 'tts-1',
  voice = 'alloy',
  format = 'pcm',
  out = 'out.wav',
  rate = '24000',
] = process.argv.slice(2);
const tts = new OpenAiTts({
  url,
  model,
  voice,
  format: format === 'wav' ? 'wav' : 'pcm',
  rateHz: Number(rate),
  lengthScale: 1,
  firstByteTimeoutMs: 60_000,
  idleTimeoutMs: 10_000,
});

async function* clauses() {
  yield 'The museum closes at six.';
  yield 'Please **come again** tomorrow.';
}

const startMs = performance.now();
const samples: number[] = [];
let rateHz = 0;
for await (const part of tts.speak(clauses(), new AbortController().signal)) {
  const atMs = Math.round(performance.now() - startMs);
  console.log(
    `${atMs} ms: ${(part.pcm.length / part.rateHz).toFixed(2)} s at ${part.rateHz} Hz ${part.text}`,
  );
  rateHz = part.rateHz;
  samples.push(...part.pcm);
}
await writeFile(out, writeWav(Float32Array.from(samples), rateHz));
