import type { ClauseSpan } from '../speech/speech-blocks.ts';

/**
 * The words of an utterance that were heard before it was stopped: whole clauses, and of the clause that was cut as
 * many words as its share of the samples.
 */
export function heardText(clauses: readonly ClauseSpan[], endSample: number): string {
  const heard: string[] = [];
  for (const { text, startSample, endSample: clauseEnd } of clauses) {
    if (endSample <= startSample) break;
    if (endSample >= clauseEnd) {
      heard.push(text);
      continue;
    }
    const words = text.split(/\s+/u);
    const count = Math.floor((words.length * (endSample - startSample)) / (clauseEnd - startSample));
    if (count > 0) heard.push(`${words.slice(0, count).join(' ')} …`);
    break;
  }
  return heard.join(' ');
}
