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
  /^(?!.*\b(?:what|where|who|which|how|all|everything)\b).*\b(?:(?:would|'d) (?:like|love)|want|wanted|hope|hoping|need|going) to (?:see|ask|visit|buy|find|show|tell|bring|meet|order|take|get|look at)[.…]*$/iu;

/** Short things that are whole turns: a greeting, perhaps with a name, thanks, an answer, a single question word. */
const WHOLE_TURNS =
  /^(?:(?:oh|well|okay|ok)[,.!]?\s+)?(?:(?:hello|hi|hey|good (?:morning|afternoon|evening|night)|goodbye|bye(?: bye)?|thanks|thank you(?: very much| so much)?)(?:[, ]+there)?(?:[, ]+[\p{L}'’]+)?|yes|yeah|yep|no|nope|sure|stop|wait|of course|okay|ok|never mind|how are you|what|why|who|where|when|really|(?:yes|no)[, ]+(?:please|thanks|thank you))[.!?]*$/iu;

const REQUEST =
  /^(?:(?:well|so|okay|ok|hey|and|please|then|\p{L}+,)[, ]+)*(?:tell|show|explain|describe|give|take|bring|open|close|come|go|walk|follow|point|stop|help|let's|say|sing|count|recommend)\b/iu;
const QUESTION_OPENING =
  /^(?:(?:well|so|okay|ok|hey|and|but|excuse me|please|hello|hi|\p{L}+)[,.!]\s+|(?:so|and|but|then)\s+)*(?:who|whose|what|when|where|why|how|which|is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|have|has|had|isn't|aren't|don't|doesn't|didn't|can't|won't)\b/iu;

/** Reads a transcript for whether its speaker has finished; the punctuation is the recogniser's, so the words weigh more. */
export function howFinished(text: string): Finish {
  const trimmed = text.trim();
  if (!looksComplete(trimmed)) return 'hanging';
  if (WHOLE_TURNS.test(trimmed)) return 'clear';
  if (BARE_OPENINGS.test(trimmed) || DANGLING.test(trimmed)) return 'hanging';
  const last = trimmed.split(/(?<=[.!?])\s+(?=\S)/u).at(-1) ?? trimmed;
  if (OBJECTLESS_WISH.test(last)) return 'hanging';
  if (last !== trimmed && BARE_OPENINGS.test(last)) return 'hanging';
  const words = last.match(/[\p{L}\p{N}'’]+/gu)?.length ?? 0;
  if (last.endsWith('?')) return words >= 3 || QUESTION_OPENING.test(last) ? 'clear' : 'likely';
  if (REQUEST.test(last) && words >= 3) return 'likely';
  if (/[.!]$/u.test(last)) return words >= 3 ? 'likely' : 'open';
  return QUESTION_OPENING.test(last) && words >= 4 ? 'likely' : 'open';
}
