import { looksComplete } from './looks-complete.ts';

/**
 * How finished a speaker's words read. `clear`: a question, a request or a greeting that needs nothing more; `likely`: a
 * sentence; `open`: something that may well go on; `hanging`: the next word is missing.
 */
export type Finish = 'clear' | 'likely' | 'open' | 'hanging';

/** Openings that ask for a complement; with nothing but these the speaker is still looking for the words. */
const BARE_OPENINGS =
  /^(?:(?:well|so|um+|uh+|er+|okay|ok|hey|hi|hello|and|but|oh|please|excuse me|sorry)[,.!]?\s+)*(?:(?:can|could|would|will) you(?: please)?(?: tell| show| explain| give| help)?(?: me| us)?|(?:i|we)(?: would|'d)? (?:like|want|need|wanted|wonder|think|guess|mean|know|have|was wondering|am wondering|was thinking|am looking)|(?:i|we) (?:would|was|am|'m|'d)|i'm|i'd|do you(?: know(?: (?:if|whether|when|where|how|what|why|who)(?: (?:it|it's|it is|its|the|a|there))?)?| have| think)?|is there(?: any)?|are there(?: any)?|tell me|what about|how about|what is|what's|where is|where's|who is|who's|when is|how is|how (?:much|many|old|long|far)|let me(?: see| think)?|the thing is|you know|i have a question|one question|one more (?:thing|question)|it's|it is|that is|there is)[.,?!]*$/iu;

/** A clause that has a subject at most. */
const DANGLING = /\b(?:if|whether)(?:\s+(?:the|a|an|they|he|she|we|i|it|you|this|that|there))?[?.!…]*$/iu;

/** Wishes whose object is missing: "I would like to see." A recogniser ends what it has heard with a full stop. */
const OBJECTLESS_WISH =
  /^(?!.*\b(?:what|where|who|which|how|everything|(?<!\b(?:of|after|at) )all)\b).*\b(?:(?:would|'d) (?:like|love)|want|wanted|hope|hoping|need|going) to (?:see|ask|visit|buy|find|show|tell|bring|meet|order|take|get|look at)[.…]*$/iu;

/** An adverb or a determiner where a verb is missing: "and then we could also". */
const VERBLESS =
  /\b(?:can|could|would|will|might|may|must|should|to|'d|'ll) (?:also|just|maybe|perhaps|even|really|always|only|then|still|probably|any|some|this|these)[.?!…]*$/iu;

/** What a recogniser takes for a question although its verb is missing: "… with my family, can we?" */
const VERBLESS_QUESTION =
  /\b(?:(?:able|allowed|best|easy|hard|going|have|how|like|need|possible|supposed|time|used|want|wanted|way) to|(?:can|could|would|will|should|may|do|did|does) (?:i|you|we|they|he|she|it|my \p{L}+))\?$/iu;
/** With these it may be whole: "Where are you going to?", "You don't sell it, do you?" */
const QUESTION_WORD_OR_NOT = /\b(?:who|whom|what|where|which|when|why|how|not|never|no|\p{L}+n['’]t)\b/iu;

/** A sentence whose last words, so many, stood in it before has its end from a recogniser which ran out of sound. */
const ECHOED_WORDS = 4;

/** Short things that are whole turns: a greeting, perhaps with a name, thanks, an answer, a single question word. */
const WHOLE_TURNS =
  /^(?:(?:oh|well|okay|ok)[,.!]?\s+)?(?:(?:hello|hi|hey|good (?:morning|afternoon|evening|night)|goodbye|bye(?: bye)?|thanks|thank you(?: very much| so much)?)(?:[, ]+there)?(?:[, ]+[\p{L}'’]+)?|yes|yeah|yep|no|nope|sure|stop|wait|of course|okay|ok|never mind|how are you|what|why|who|where|when|really|(?:yes|no)[, ]+(?:please|thanks|thank you))[.!?]*$/iu;

const REQUEST =
  /^(?:\p{L}+,[, ]+|(?:well|so|okay|ok|hey|and|please|then) [, ]*)*(?:tell|show|explain|describe|give|take|bring|open|close|come|go|walk|follow|point|stop|help|let's|say|sing|count|recommend)\b/iu;
const QUESTION_OPENING =
  /^(?:(?:excuse me|\p{L}+)[,.!]\s+|(?:so|and|but|then)\s+)*(?:who|whose|what|when|where|why|how|which|is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|have|has|had|isn't|aren't|don't|doesn't|didn't|can't|won't)\b/iu;

/** Reads a transcript for whether its speaker has finished; the punctuation is the recogniser's, so the words weigh more. */
export function howFinished(text: string): Finish {
  const trimmed = text.trim();
  if (!looksComplete(trimmed)) return 'hanging';
  if (WHOLE_TURNS.test(trimmed)) return 'clear';
  if (BARE_OPENINGS.test(trimmed) || DANGLING.test(trimmed)) return 'hanging';
  const last = trimmed.split(/(?<=[.!?])\s+(?=\S)/u).at(-1) ?? trimmed;
  if (OBJECTLESS_WISH.test(last) || VERBLESS.test(last)) return 'hanging';
  if (last !== trimmed && BARE_OPENINGS.test(last)) return 'hanging';
  const spoken = wordsOf(last);
  const words = spoken.length;
  if (words > 3 && VERBLESS_QUESTION.test(last) && !QUESTION_WORD_OR_NOT.test(last)) return 'hanging';
  if (echoesItself(spoken)) return 'hanging';
  if (last.endsWith('?')) return words >= 3 || QUESTION_OPENING.test(last) ? 'clear' : 'likely';
  if (REQUEST.test(last) && words >= 3) return 'likely';
  if (/[.!]$/u.test(last)) return words >= 3 ? 'likely' : 'open';
  // A recogniser that hears an end marks it.
  return 'open';
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
}

function echoesItself(words: readonly string[]): boolean {
  const end = words.slice(-ECHOED_WORDS).join(' ');
  return ` ${words.slice(0, -ECHOED_WORDS).join(' ')} `.includes(` ${end} `);
}
