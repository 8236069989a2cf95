import type { WhisperModel } from './whisper-model.ts';
import { isInDevanagari, type WhisperTokens, type WhisperVocabulary } from './whisper-vocabulary.ts';

export interface Transcript {
  readonly text: string;
  readonly tokens: number;
  readonly averageLogProbability: number;
  readonly noSpeechProbability: number;
}

const RATE_HZ = 16_000;
/** Whisper expects 30 s; a second of silence after the speech is enough for it to end well. */
const PADDING_SAMPLES = RATE_HZ;
const LONGEST_SAMPLES = 30 * RATE_HZ;
/** The encoder halves 10 ms frames. */
const GRAIN_SAMPLES = 320;
const SHORTEST_SAMPLES = RATE_HZ / 10;
const TIMESTAMP_SECONDS = 0.02;
/** A timestamp this close to the end of the speech ends the transcription. */
const END_SECONDS = 0.8;
/** Nobody speaks more tokens a second; a word in Devanagari takes several times as many. */
const TOKENS_PER_SECOND = { latin: 8, devanagari: 24 };
const LONGEST_LOOP_TOKENS = { latin: 12, devanagari: 48 };
const NOTHING: Transcript = { text: '', tokens: 0, averageLogProbability: -10, noSpeechProbability: 1 };

/**
 * Transcribes at most 29 s greedily, with timestamps, which tell where to stop: Whisper tends to go on talking in the
 * silence after short speech.
 * @param language A code, several with commas between, of which the likeliest is taken, or `auto` for any; one that Whisper does
 * not know is any as well.
 */
export async function decodeSpeech(
  model: WhisperModel,
  vocabulary: WhisperVocabulary,
  pcm: Float32Array,
  language: string,
  signal: AbortSignal,
): Promise<Transcript> {
  if (pcm.length < SHORTEST_SAMPLES || pcm.every((sample) => Math.abs(sample) < 1e-4)) return NOTHING;
  const seconds = pcm.length / RATE_HZ;
  const cross = await model.encode(pad(pcm));
  signal.throwIfAborted();
  const { tokens } = vocabulary;
  const isOne = tokens.languages.size === 0 || tokens.languages.has(language);
  const spoken = isOne ? language : await detectLanguage(model, tokens, cross, language);
  const prompt = tokens.prompt(spoken);
  const script = isInDevanagari(spoken) ? 'devanagari' : 'latin';
  const longest = Math.ceil(12 + seconds * TOKENS_PER_SECOND[script]);
  const foreign = vocabulary.foreignTo(spoken);
  const out: number[] = [];
  let next: readonly number[] = prompt;
  let past = model.begin(cross);
  let logProbability = 0;
  let chosen = 0;
  let noSpeechProbability = 0;
  while (out.length < longest) {
    const step = await model.step(next, past, cross);
    signal.throwIfAborted();
    past = step.past;
    const last = step.logits.subarray(step.logits.length - step.vocabularySize);
    const isFirst = chosen === 0;
    if (isFirst) {
      const first = step.logits.subarray(0, step.vocabularySize);
      noSpeechProbability = Math.exp(first[tokens.noSpeech]! - logSumExp(first, 0, first.length));
    }
    let token = best(last, vocabulary, foreign, isFirst);
    logProbability += last[token]! - logSumExp(last, 0, last.length);
    chosen++;
    const timestamp = isFirst ? null : likelyTimestamp(last, last[token]!, tokens.firstTimestamp);
    if (timestamp !== null) {
      if ((timestamp - tokens.firstTimestamp) * TIMESTAMP_SECONDS >= seconds - END_SECONDS) break;
      token = timestamp;
    } else if (token === tokens.endOfText) break;
    out.push(token);
    if (cutLoop(out, LONGEST_LOOP_TOKENS[script])) break;
    next = [token];
  }
  return {
    text: vocabulary.text(out),
    tokens: out.length,
    averageLogProbability: logProbability / chosen,
    noSpeechProbability,
  };
}

function pad(pcm: Float32Array): Float32Array {
  const wanted = Math.min(pcm.length + PADDING_SAMPLES, LONGEST_SAMPLES);
  const padded = new Float32Array(Math.ceil(wanted / GRAIN_SAMPLES) * GRAIN_SAMPLES);
  padded.set(pcm.subarray(0, padded.length));
  return padded;
}

async function detectLanguage(
  model: WhisperModel,
  tokens: WhisperTokens,
  cross: Awaited<ReturnType<WhisperModel['encode']>>,
  among: string,
): Promise<string> {
  const { logits } = await model.step([tokens.startOfTranscript], model.begin(cross), cross);
  const likely = (language: string) => logits[tokens.languages.get(language)!]!;
  const asked = among.split(',').filter((language) => tokens.languages.has(language));
  const known = asked.length > 0 ? asked : [...tokens.languages.keys()];
  return known.reduce((best, language) => (likely(language) > likely(best) ? language : best));
}

function best(
  logits: Float32Array,
  vocabulary: WhisperVocabulary,
  foreign: ReadonlySet<number>,
  isFirst: boolean,
): number {
  const { suppressed, suppressedAtStart } = vocabulary;
  let at = -1;
  for (let id = 0; id < vocabulary.tokens.firstTimestamp; id++) {
    if (at >= 0 && logits[id]! <= logits[at]!) continue;
    if (!suppressed.has(id) && !foreign.has(id) && !(isFirst && suppressedAtStart.has(id))) at = id;
  }
  return at;
}

/** The best timestamp, when all timestamps together are likelier than the best text token. */
function likelyTimestamp(logits: Float32Array, text: number, firstTimestamp: number): number | null {
  if (logSumExp(logits, firstTimestamp, logits.length) <= text) return null;
  let at = firstTimestamp;
  for (let id = firstTimestamp + 1; id < logits.length; id++) if (logits[id]! > logits[at]!) at = id;
  return at;
}

function logSumExp(values: Float32Array, from: number, to: number): number {
  let peak = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) if (values[i]! > peak) peak = values[i]!;
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(values[i]! - peak);
  return peak + Math.log(sum);
}

/** Whether the tokens end in three equal runs; all but the first are taken off. */
function cutLoop(tokens: number[], longest: number): boolean {
  for (let run = 1; run <= longest && 3 * run <= tokens.length; run++) {
    // A word said three times is speech; only longer runs of single tokens are a loop.
    const times = run === 1 ? 6 : 3;
    const from = tokens.length - run * times;
    if (from < 0) continue;
    let isLoop = true;
    for (let i = from; i + run < tokens.length && isLoop; i++) isLoop = tokens[i] === tokens[i + run];
    if (!isLoop) continue;
    tokens.length = from + run;
    return true;
  }
  return false;
}
