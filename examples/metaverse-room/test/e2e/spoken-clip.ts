import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engines } from '@parley/server';
import { launchBrowser } from '../browser.ts';
import { writeWav } from '../write-wav.ts';

/** Folder with LJSpeech clips, where there is one. */
const SPEECH_FOLDER =
  process.env.PARLEY_SPEECH_DATA ??
  fileURLToPath(new URL('../../../../../shared/data/speech', import.meta.url));
const CLIP = 'LJ001-0008.flac';
/** Silence before and after the speech: the browser starts the file when the microphone opens. */
const LEAD_SECONDS = 0.6;
const TAIL_SECONDS = 5;

/** Something said aloud, as a file for the browser's fake microphone. */
export interface SpokenClip {
  /** A word that its transcript must have. */
  readonly word: RegExp;
  readonly origin: 'recorded' | 'synthetic';
}

/** Writes a recorded sentence of LJSpeech if there is one, else a question in the default voice. */
export async function writeSpokenClip(wavPath: string, engines: Engines): Promise<SpokenClip> {
  const recorded = path.join(SPEECH_FOLDER, CLIP);
  if (existsSync(recorded)) {
    const { pcm, rateHz } = await decodeInBrowser(readFileSync(recorded));
    writeWav(wavPath, padded(pcm, rateHz), rateHz);
    return { word: /surpassed/i, origin: 'recorded' };
  }
  const chunks: Float32Array[] = [];
  let rateHz = 0;
  for await (const part of engines.tts.speak(once('Where is the telescope?'), AbortSignal.timeout(60_000))) {
    chunks.push(part.pcm);
    rateHz = part.rateHz;
  }
  const pcm = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    pcm.set(chunk, at);
    at += chunk.length;
  }
  writeWav(wavPath, padded(pcm, rateHz), rateHz);
  return { word: /telescope/i, origin: 'synthetic' };
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

function padded(pcm: Float32Array, rateHz: number): Float32Array {
  const out = new Float32Array(pcm.length + Math.round((LEAD_SECONDS + TAIL_SECONDS) * rateHz));
  out.set(pcm, Math.round(LEAD_SECONDS * rateHz));
  return out;
}

/** Browsers read FLAC. */
async function decodeInBrowser(bytes: Buffer): Promise<{ pcm: Float32Array; rateHz: number }> {
  const browser = await launchBrowser({ width: 64, height: 64 });
  try {
    const { samples, rateHz } = await browser.page.evaluate(async (base64) => {
      const file = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const context = new OfflineAudioContext(1, 1, 48_000);
      const audio = await context.decodeAudioData(file.buffer);
      return { samples: Array.from(audio.getChannelData(0)), rateHz: audio.sampleRate };
    }, bytes.toString('base64'));
    return { pcm: Float32Array.from(samples), rateHz };
  } finally {
    await browser.close();
  }
}
