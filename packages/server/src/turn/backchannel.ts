/** Words that say "I am listening", alone or repeated, and what recognisers make of hums and coughs. */
const BACKCHANNEL =
  /^(?:(?:m+[- ]?h*m*|h*m+|mm+|uh[- ]?huh|u+h+|a+h+|o+h+|ha+h?|hah|huh|hm+|yeah|yep|yes|yup|ja|okay|ok|right|sure|i see|got it|wow|nice|cool|great|interesting|really|exactly|true|ahem|cough|coughs|um+|er+m*)[\s,.!?…-]*)+$/iu;

/** Sounds that are no words in any place. */
const HUM = /^(?:(?:m+[- ]?h*m*|h+m+|uh[- ]?huh|u+h+m*|um+|er+m*|ahem)[\s,.!?…-]*)+$/iu;

/** Whether it is a hum or a filled pause, no word at all: "mm-hm", "uh". Nobody answers that, unless they have asked. */
export function isHum(text: string): boolean {
  return HUM.test(text.trim());
}

/** Whether words merely accompany somebody else's speech: "mm-hm", "yeah, right". Such words take no turn from a speaker. */
export function isBackchannel(text: string): boolean {
  return BACKCHANNEL.test(text.trim());
}
