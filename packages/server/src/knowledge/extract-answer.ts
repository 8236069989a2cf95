import { speaksOfIt } from './entry.ts';
import type { Finding } from './knowledge.ts';

/** A second sentence is said too when it answers almost as well. */
const ALMOST_AS_GOOD = 0.09;
/** The same for a reranker's log-odds: a third as likely. */
const A_THIRD_AS_LIKELY = Math.log(3);

/**
 * The words of the best finding where it is clear, with those of the next where that is almost as good and still fits.
 * @param findings Best first.
 * @param clearScore From this score on a finding answers the question.
 * @returns '' when nothing does.
 */
export function extractAnswer(
  findings: readonly Finding[],
  clearScore: number,
  maxSentences: number,
): string {
  const [best] = findings;
  if (!best || best.score < clearScore) return '';
  const said = [best];
  for (const next of findings.slice(1)) {
    if (said.length >= maxSentences || next.score < clearScore || !isAlmostAsGood(next, best)) break;
    // What the persona file teaches stands alone.
    if (next.sentence.passage < 0) continue;
    // "It" would be what was just spoken of.
    if (speaksOfIt(next.sentence.text) && next.sentence.passage !== said.at(-1)?.sentence.passage) continue;
    if (!said.some(({ sentence }) => saysTheSame(sentence.text, next.sentence.text))) said.push(next);
  }
  return said.map(({ sentence }) => ending(sentence.text)).join(' ');
}

function isAlmostAsGood(next: Finding, best: Finding): boolean {
  if (next.logOdds === undefined || best.logOdds === undefined)
    return next.score >= best.score - ALMOST_AS_GOOD;
  return next.logOdds >= best.logOdds - A_THIRD_AS_LIKELY;
}

/** A heading or a list item may have no full stop; without one it would run into the next. */
function ending(text: string): string {
  return /[.!?…।]["'”’)]*$/u.test(text) ? text : `${text}.`;
}

/** Whether most words of the shorter one are in the other. */
function saysTheSame(a: string, b: string): boolean {
  const [few, many] = [a, b].map(words).toSorted((x, y) => x.size - y.size);
  const shared = [...few].filter((word) => many.has(word)).length;
  return shared >= 0.75 * few.size;
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []);
}
