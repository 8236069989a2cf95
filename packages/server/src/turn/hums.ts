import { SPEECH_RATE_HZ } from '@parley/sdk';
import type { FaceEncoder, Tts, TtsPart } from '../engines/contracts.ts';
import { type SpeechBlock, type SpeechBlocksOptions, speechBlocks } from '../speech/speech-blocks.ts';
import { say } from './answer.ts';
import type { Timeouts } from './watchdog.ts';

/** A hum, ready to be sent: voice and face. */
export interface Hum {
  readonly blocks: readonly SpeechBlock[];
  /** From the first sample until nothing more is heard, ms. */
  readonly soundsMs: number;
}

/** What makes a voice's hums. */
export interface HumVoice {
  readonly tts: Tts;
  readonly face: FaceEncoder;
  readonly pitch: number;
  /** What is hummed, each in turn. */
  readonly words: readonly string[];
  readonly codec: Pick<SpeechBlocksOptions, 'layout' | 'fps' | 'neutral'>;
  readonly timeouts: Timeouts;
}

/** What listeners hum, by language: what a voice of that language can say. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  en: ['Mhm.', 'Uh-huh.'],
  es: ['Ajá.', 'Ya.'],
  fr: ['Ah oui.', "D'accord."],
  hi: ['जी।', 'अच्छा।'],
  it: ['Ah.', 'Certo.'],
  pt: ['Aham.', 'Sei.'],
};

/** Loudness of a hum against the voice that speaks: -7 dB. */
const GAIN = 0.45;
/** Longest hum, ms: what is longer is a sentence and not hummed. */
const LONGEST_MS = 1_200;
/** Some voices are silent for half a second after a word; so much of it is left for the face to come to rest, ms. */
const AFTERWARDS_MS = 200;
/** What is this much quieter than a hum's loudest sample is not heard. */
const QUIET = 0.05;
/** Longest wait for a voice's hums, ms. */
const PATIENCE_MS = 20_000;

/** What a persona hums: its own words, or those of its language; none if it does not hum. */
export function humWords(hums: boolean | readonly string[], language: string): readonly string[] {
  if (typeof hums !== 'boolean') return hums;
  return hums ? (WORDS[language] ?? WORDS.en) : [];
}

/** Of each face encoder and voice, by what else makes a difference. */
const made = new WeakMap<FaceEncoder, WeakMap<Tts, Map<string, Promise<readonly Hum[]>>>>();

/** Makes the hums of a voice, once for all who have it. Empty where an engine failed; the next call tries again. */
export function makeHums(voice: HumVoice): Promise<readonly Hum[]> {
  const { face, tts, pitch, words } = voice;
  const ofFace = made.get(face) ?? new WeakMap<Tts, Map<string, Promise<readonly Hum[]>>>();
  made.set(face, ofFace);
  const ofVoice = ofFace.get(tts) ?? new Map<string, Promise<readonly Hum[]>>();
  ofFace.set(tts, ofVoice);
  const key = JSON.stringify([pitch, words]);
  const known = ofVoice.get(key);
  if (known) return known;
  const hums = makeAll(voice).catch(() => {
    ofVoice.delete(key);
    return [];
  });
  ofVoice.set(key, hums);
  return hums;
}

async function makeAll(voice: HumVoice): Promise<readonly Hum[]> {
  const hums: Hum[] = [];
  // One after the other: nobody waits for them, and a voice that answers comes first.
  for (const [seed, words] of voice.words.entries()) {
    const hum = await make(voice, words, seed);
    if (hum.soundsMs <= LONGEST_MS && hum.soundsMs > 0) hums.push(hum);
  }
  return hums;
}

async function make(
  { tts, face, pitch, codec, timeouts }: HumVoice,
  words: string,
  seed: number,
): Promise<Hum> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  async function* clauses(): AsyncGenerator<string, void, undefined> {
    yield words;
  }
  const options: SpeechBlocksOptions = {
    ...codec,
    face,
    seed,
    pitch,
    patience: timeouts.face,
    headroomMs: () => Number.POSITIVE_INFINITY,
    onClause: () => {},
  };
  const blocks: SpeechBlock[] = [];
  const parts = quieter(say({ tts, clauses: clauses(), timeouts }, signal));
  for await (const block of speechBlocks(parts, options, signal)) blocks.push(block);
  const soundsMs = soundingMs(blocks);
  return { blocks: until(soundsMs + AFTERWARDS_MS, blocks), soundsMs };
}

async function* quieter(parts: AsyncIterable<TtsPart>): AsyncGenerator<TtsPart, void, undefined> {
  for await (const part of parts) yield { ...part, pcm: part.pcm.map((sample) => GAIN * sample) };
}

/** The blocks that begin before a time, ms. */
function until(endMs: number, blocks: readonly SpeechBlock[]): SpeechBlock[] {
  const kept = blocks.filter(({ startSample }) => (1000 * startSample) / SPEECH_RATE_HZ < endMs);
  return kept.map((block, i) => (i === kept.length - 1 ? { ...block, last: true } : block));
}

function soundingMs(blocks: readonly SpeechBlock[]): number {
  let loudest = 0;
  for (const { voice } of blocks) for (const sample of voice) loudest = Math.max(loudest, Math.abs(sample));
  for (const { voice, startSample } of blocks.toReversed()) {
    const last = voice.findLastIndex((sample) => Math.abs(sample) > QUIET * loudest);
    if (last >= 0) return (1000 * (startSample + last)) / SPEECH_RATE_HZ;
  }
  return 0;
}
