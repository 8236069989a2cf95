/** Words that say "I am listening", alone or repeated, and what recognisers make of hums and coughs. */
const BACKCHANNEL =
  /^(?:(?:m+[- ]?h*m*|h*m+|mm+|uh[- ]?huh|u+h+|a+h+|o+h+|ha+h?|hah|huh|hm+|yeah|yep|yes|yup|ja|okay|ok|right|sure|i see|got it|wow|nice|cool|great|interesting|really|exactly|true|ahem|cough|coughs|um+|er+m*)[\s,.!?…-]*)+$/iu;

/** Whether words merely accompany somebody else's speech: "mm-hm", "yeah, right". Such words take no turn from a speaker. */
export function isBackchannel(text: string): boolean {
  return BACKCHANNEL.test(text.trim());
}
