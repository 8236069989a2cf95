import type { Asr, AsrPart } from '../engines/contracts.ts';
import { type Patience, watch } from './watchdog.ts';

/** What was recognised in one piece of speech; '' when it was noise. */
export interface Transcription {
  readonly text: string;
  readonly asrMs: number;
}

export interface TranscribeInput {
  readonly asr: Asr;
  /** 16 kHz mono. */
  readonly pcm: Float32Array;
  readonly patience: Patience;
  readonly nowMs: () => number;
}

/** Mean log-probability below which a transcript is taken for noise; an unclear voice has down to -1.5. */
const NOISE_LOG_PROBABILITY = -1.6;
/** A transcript that is both unsure and likely silent is noise as well. */
const UNSURE_LOG_PROBABILITY = -0.8;
const LIKELY_SILENT = 0.7;

/** Runs the recogniser on one piece of speech and drops what is not speech. */
export async function transcribe(input: TranscribeInput, signal: AbortSignal): Promise<Transcription> {
  const startMs = input.nowMs();
  let text = '';
  const parts = input.asr.transcribe(once(input.pcm), signal);
  for await (const part of watch(parts, { engine: 'asr', patience: input.patience }, signal)) {
    if (part.type === 'final' && !isNoise(part)) text += ` ${withoutSounds(part.text)}`;
  }
  return { text: text.trim(), asrMs: input.nowMs() - startMs };
}

function isNoise(part: AsrPart & { type: 'final' }): boolean {
  return (
    part.averageLogProbability < NOISE_LOG_PROBABILITY ||
    (part.averageLogProbability < UNSURE_LOG_PROBABILITY && part.noSpeechProbability > LIKELY_SILENT) ||
    !/[\p{L}\p{N}]/u.test(withoutSounds(part.text))
  );
}

/** Takes away what recognisers write for sounds: `[BLANK_AUDIO]`, `(music)`, `♪`. */
function withoutSounds(text: string): string {
  return text
    .replace(/\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}

async function* once(pcm: Float32Array): AsyncGenerator<Float32Array, void, undefined> {
  yield pcm;
}
