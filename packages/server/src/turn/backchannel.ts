/** What recognisers write for a voice without words: hums, coughs, "ah". */
const SOUNDS = 'h*m[hm]*|uhhuh|u+h+m*|a+h+|o+h+|(?:ha+)+h?|huh|um+|er+m*|ahem|coughs?';
/** Words that say "I am listening". */
const ACCOMPANYING =
  'yeah|yep|yes|yup|ja|okay|ok|right|sure|i see|got it|wow|nice|cool|great|interesting|really|exactly|true';
/** Of the sounds, those that are no words in any place. */
const HUMS = 'h*m[hm]*|uh[- ]?huh|u+h+m*|um+|er+m*|ahem';

const BACKCHANNEL = repeated(`${SOUNDS}|${ACCOMPANYING}`);
const WORDLESS = repeated(SOUNDS);
const HUM = repeated(HUMS);

/**
 * Alone or several times, with whatever punctuation a recogniser sees between them. Something must stand between them: where one
 * long "mmmm" can be read as many, a search takes for ever.
 */
function repeated(alternatives: string): RegExp {
  return new RegExp(String.raw`^(?:(?:${alternatives})(?:[\s,.!?…-]+|$))+$`, 'iu');
}

/** Whether it is a hum or a filled pause, no word at all: "mm-hm", "uh". Nobody answers that, unless they have asked. */
export function isHum(text: string): boolean {
  return HUM.test(text.trim());
}

/** Whether a voice was heard, but no word: "mm-hm", "uh", and also "ah" or "huh", which may stand for a word. */
export function isWordless(text: string): boolean {
  return WORDLESS.test(text.trim());
}

/** Whether words merely accompany somebody else's speech: "mm-hm", "yeah, right". Such words take no turn from a speaker. */
export function isBackchannel(text: string): boolean {
  return BACKCHANNEL.test(text.trim());
}
