import type { Tts, TtsPart } from '../contracts.ts';

/** First clauses that are kept: about 10 MB of speech. */
const MOST_CLAUSES = 64;
/** Longer ones are hardly said twice. */
const LONGEST_CHARACTERS = 160;

/**
 * A voice that keeps the first clauses of its newest utterances. Visitors ask the same things, and what an NPC answers from its
 * knowledge, its greeting and its regrets are the same words each time: then the first sound comes at once, while the rest is
 * synthesised.
 */
export function rememberSpeech(tts: Tts): Tts {
  const kept = new Map<string, TtsPart>();
  return {
    async *speak(clauses, signal) {
      const source = clauses[Symbol.asyncIterator]();
      const first = await source.next();
      if (first.done) return;
      const clause = first.value;
      const known = kept.get(clause);
      if (known) {
        kept.delete(clause);
        kept.set(clause, known);
        signal.throwIfAborted();
        // Whoever gets it may change it.
        yield { ...known, pcm: known.pcm.slice() };
        yield* tts.speak(rest(source), signal);
        return;
      }
      let isFirst = true;
      for await (const part of tts.speak(rest(source, clause), signal)) {
        // A clause that comes in several parts is not kept.
        if (isFirst && part.text === clause.trim() && clause.length <= LONGEST_CHARACTERS) {
          kept.set(clause, { ...part, pcm: part.pcm.slice() });
          for (const oldest of kept.keys()) {
            if (kept.size <= MOST_CLAUSES) break;
            kept.delete(oldest);
          }
        }
        isFirst = false;
        yield part;
      }
    },
  };
}

async function* rest(source: AsyncIterator<string>, first?: string): AsyncGenerator<string, void, undefined> {
  try {
    if (first !== undefined) yield first;
    for (;;) {
      const next = await source.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
}
