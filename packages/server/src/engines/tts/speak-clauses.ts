import type { TtsPart } from '../contracts.ts';
import { fadeEnds, Loudness } from './loudness.ts';
import { splitForVoice } from './split-for-voice.ts';
import type { SynthesisQueue } from './synthesis-queue.ts';

/** Fades at both ends of a part, so that parts join without clicks. */
const FADE_MS = 6;

/**
 * Speaks the clauses of an utterance in the voice's turn, the first sound before later ones of others, evenly loud.
 *
 * @param synthesise - The voice of a short text; null where it has nothing to say.
 * @throws What `signal` was aborted with.
 */
export async function* speakClauses(
  clauses: AsyncIterable<string>,
  queue: SynthesisQueue,
  synthesise: (text: string) => Promise<TtsPart | null>,
  signal: AbortSignal,
): AsyncGenerator<TtsPart> {
  const loudness = new Loudness();
  let isFirst = true;
  for await (const clause of clauses) {
    for (const text of splitForVoice(clause)) {
      signal.throwIfAborted();
      const part = await queue.run(isFirst, async () => (signal.aborted ? null : synthesise(text)));
      signal.throwIfAborted();
      if (!part) continue;
      isFirst = false;
      loudness.apply(part.pcm, part.rateHz);
      fadeEnds(part.pcm, part.rateHz, FADE_MS);
      yield part;
    }
  }
  signal.throwIfAborted();
}
