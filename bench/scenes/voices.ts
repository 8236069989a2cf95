import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import { readAudio, resample, type Tts } from '@parley/server';
import { atLoudness, trimmed, VOICE_RMS } from './sounds.ts';

/** Says something: 16 kHz mono, without silence around it. */
export interface Speaker {
  readonly name: string;
  speak(text: string): Promise<Float32Array>;
}

const run = promisify(execFile);

/** Voices of the `flite` command, where it is installed: real recordings of four people. */
const FLITE_VOICES = ['slt', 'rms', 'awb', 'kal16'];
/** Pitch and tempo of the server's own voice, so that it sounds like several people. */
const OWN_PITCHES = [1.06, 0.94, 1.12];

/** Those who can speak here: the server's own voice at several pitches, and those of flite if it is installed. */
export async function findSpeakers(tts: Tts): Promise<Speaker[]> {
  const own = OWN_PITCHES.map((pitch) => ownVoice(tts, pitch));
  const hasFlite = await run('flite', ['-lv']).then(
    () => true,
    () => false,
  );
  const flite = hasFlite ? FLITE_VOICES.map(fliteVoice) : [];
  // Mixed, so that a scene gets both kinds.
  return own.flatMap((speaker, i) => [speaker, ...flite.slice(i, i + 1)]).concat(flite.slice(own.length));
}

function ownVoice(tts: Tts, pitch: number): Speaker {
  return {
    name: `own voice × ${pitch}`,
    async speak(text) {
      async function* clauses() {
        yield text;
      }
      const pieces: number[] = [];
      for await (const { pcm, rateHz } of tts.speak(clauses(), AbortSignal.timeout(60_000)))
        for (const sample of resample(pcm, Math.round((rateHz * pitch) / 250) * 250, MICROPHONE_RATE_HZ))
          pieces.push(sample);
      return atLoudness(trimmed(Float32Array.from(pieces)), VOICE_RMS);
    },
  };
}

function fliteVoice(voice: string): Speaker {
  return {
    name: `flite ${voice}`,
    async speak(text) {
      const folder = await mkdtemp(join(tmpdir(), 'parley-scenes-'));
      const path = join(folder, 'speech.wav');
      try {
        await run('flite', ['-voice', voice, '-t', text, '-o', path]);
        return atLoudness(trimmed(await readAudio(path, MICROPHONE_RATE_HZ)), VOICE_RMS);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
