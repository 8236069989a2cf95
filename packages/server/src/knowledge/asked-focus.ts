import { contentWords, isLight } from './content-words.ts';

/** Where a question says what it wants to know of a thing: "how many anchors", "the cat's favourite food", "the name of the doctor". */
const FOCUSES: readonly RegExp[] = [
  /\bhow many (?:\p{L}+ )?(\p{L}+)/iu,
  /\p{L}['’]s ((?:\p{L}+ )?\p{L}+)/u,
  /\b(?:who|what) (?:is|was|are|were) (?:the|your|its|her|his) ((?:\p{L}+ ){0,2}\p{L}+)(?: of| under| in| for|\?|$)/iu,
  /\b(?:the|a|any) (\p{L}+) of (?:the|your|a)\b/iu,
  /\b(?:do|does|did) \p{L}+ (?:have|sell|offer|grow|show|rent) (?:any |a |an |some )?((?:\p{L}+ )?\p{L}+)/iu,
  /\b(?:is|are) there (?:any |a |an |some )?((?:\p{L}+ )?\p{L}+)/iu,
  /\b(?:what|which) (\p{L}+)\b/iu,
];

/** The words of a question that say what is wanted of the thing that it is about; none where it does not say. */
export function askedFocus(question: string): string[] {
  for (const pattern of FOCUSES) {
    const found = pattern.exec(question)?.[1];
    if (found === undefined) continue;
    const words = contentWords(found).filter((word) => !isLight(word));
    // The last word says what it is, those before which.
    if (words.length > 0) return words.slice(-1);
  }
  return [];
}
