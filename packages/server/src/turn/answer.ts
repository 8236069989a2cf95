import type { Emotion } from '@parley/sdk';
import type { Tts, TtsPart } from '../engines/contracts.ts';
import type { MindPart } from '../persona/mind.ts';
import { splitClauses } from './clause-splitter.ts';
import { type Timeouts, watch } from './watchdog.ts';

/** What to say and with which engines. */
export interface AnswerOptions {
  /** The words, as they come. */
  readonly think: (signal: AbortSignal) => AsyncIterable<MindPart>;
  readonly tts: Tts;
  /** The answer ends after this many sentences. */
  readonly maxSentences: number;
  readonly timeouts: Timeouts;
  /** Told once each, in this order. */
  readonly onFirstToken: () => void;
  readonly onFirstClause: () => void;
  /** How the speaker feels, as far as it is known; it may be told several times. */
  readonly onEmotion?: (emotion: Emotion) => void;
}

/**
 * A voice that answers: the language model's words, cut into clauses, each synthesised as soon as it is complete.
 * When the model fails midway, what it said before is still spoken; then the error comes.
 */
export async function* answer(
  options: AnswerOptions,
  signal: AbortSignal,
): AsyncGenerator<TtsPart, void, undefined> {
  const thinking = new AbortController();
  const thinkingSignal = AbortSignal.any([signal, thinking.signal]);
  let failure: { readonly error: unknown } | null = null;

  async function* clauses(): AsyncGenerator<string, void, undefined> {
    try {
      let sentences = 0;
      for await (const clause of splitClauses(words(options, thinkingSignal))) {
        options.onFirstClause();
        yield clause;
        if (/[.!?…]["'”’)]*$/u.test(clause) && ++sentences >= options.maxSentences) break;
      }
    } catch (error) {
      // Thrown from here it would look like a fault of the voice.
      failure = { error };
    } finally {
      thinking.abort(new DOMException('The answer is long enough', 'AbortError'));
    }
  }

  yield* say({ ...options, clauses: clauses() }, signal);
  if (failure) throw (failure as { error: unknown }).error;
}

/** Synthesises clauses under a watchdog. */
export async function* say(
  options: { readonly tts: Tts; readonly clauses: AsyncIterable<string>; readonly timeouts: Timeouts },
  signal: AbortSignal,
): AsyncGenerator<TtsPart, void, undefined> {
  let outstanding = 0;
  async function* counted(): AsyncGenerator<string, void, undefined> {
    for await (const clause of options.clauses) {
      outstanding++;
      yield clause;
    }
  }
  const parts = options.tts.speak(counted(), signal);
  const watching = { engine: 'tts', patience: options.timeouts.tts, isBusy: () => outstanding > 0 } as const;
  for await (const part of watch(parts, watching, signal)) {
    // A voice that streams sends a clause in several parts; the first carries its words.
    if (part.text !== '') outstanding--;
    yield part;
  }
}

/** The model's text without what cannot be spoken. */
async function* words(options: AnswerOptions, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  const { think, timeouts } = options;
  const parts = think(signal);
  let first = true;
  for await (const part of watch(parts, { engine: 'llm', patience: timeouts.llm }, signal)) {
    if (part.type === 'emotion') options.onEmotion?.(part.emotion);
    if (part.type !== 'text-delta') continue;
    if (first) options.onFirstToken();
    first = false;
    const text = part.text.replace(/[*_#`~<>|]|\p{Extended_Pictographic}/gu, '');
    if (text !== '') yield text;
  }
}
