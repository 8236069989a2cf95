/**
 * Sends WAV or FLAC files (16 kHz mono WAV of 16 bits, or anything ffmpeg reads) to a real OpenAI-compatible transcription server.
 *
 *     node bench/openai-endpoints/try-asr.ts http://127.0.0.1:8000/v1 MODEL speech.flac...
 */
import { execFileSync } from 'node:child_process';
import { OpenAiAsr } from '@parley/server';

const [url = 'http://127.0.0.1:8000/v1', model = 'whisper-1', ...files] = process.argv.slice(2);
const asr = new OpenAiAsr({ url, model, language: 'en', firstByteTimeoutMs: 60_000, idleTimeoutMs: 10_000 });

async function* once(pcm: Float32Array) {
  yield pcm;
}

for (const file of files) {
  const args = ['-v', 'error', '-i', file, '-ar', '16000', '-ac', '1', '-f', 'f32le', '-'];
  const pcm = new Float32Array(Uint8Array.from(execFileSync('ffmpeg', args, { maxBuffer: 1 << 28 })).buffer);
  const startMs = performance.now();
  for await (const part of asr.transcribe(once(pcm), new AbortController().signal)) {
    const seconds = (pcm.length / 16_000).toFixed(1);
    console.log(`${seconds} s of speech in ${Math.round(performance.now() - startMs)} ms:`, part);
  }
}
