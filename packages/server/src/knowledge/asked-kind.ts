const NUMBER_WORDS =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|' +
  'twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|quarter|dozen|once|twice';
const NUMBER = new RegExp(String.raw`\d|\b(?:${NUMBER_WORDS})\b`, 'iu');
const MONEY =
  /\b(?:euros?|dollars?|pounds?|cents?|pence|kron[aeo]r?|kroner|crowns?|marks?|francs?|yen|yuan|rupees?|pesos?|lira|zlotys?|roubles?|free|charges?|included|nothing)\b|[€$£¥]/iu;
const LENGTH = /\b(?:(?:centi|milli|kilo)?met(?:re|er)s?|feet|foot|inch(?:es)?|miles?|km|cm|mm)\b/iu;
const MASS = /\b(?:kilo(?:gram)?s?|grams?|tonnes?|tons?|pounds?|kg)\b/iu;
const TIME = new RegExp(
  String.raw`\b\d{3,4}\b|\b\d{1,2}(?::\d\d| ?[ap]\.?m)|\b(?:o'clock|midnight|noon|midday|mornings?|evenings?|nights?|days?|weeks?|months?|years?|minutes?|hours?|centur(?:y|ies)|spring|summer|autumn|winter|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|always|never)\b|\b(?:at|from|until|past|to|before|after) (?:${NUMBER_WORDS})\b`,
  'iu',
);
const PERSON =
  /\p{Lu}\p{L}+ \p{Lu}\p{L}+|\b(?:by|named|called|is|was|am) (?:(?:the|a|an) \p{L}+ )?\p{Lu}\p{L}+|\b(?:man|woman|someone|people|visitors|children)\b/u;
const AGE =
  /\b(?:old|ages?|aged|born|birthday|built|made|founded|opened|dates?|since|young(?:er)?|ancient)\b|\b\d{4}\b/iu;
const PLACE =
  /\b(?:in|on|at|near|behind|beside|under|above|below|between|down|up|from|next to|opposite|inside|outside|left|right|along)\b/iu;
const REASON = /\b(?:because|so that|since|as|for|on purpose|in order|reason|to)\b/iu;

/** What a question asks for, by its words, and what a sentence that answers it must hold. */
const KINDS: readonly (readonly [RegExp, readonly RegExp[]])[] = [
  [/\bhow (?:tall|high|long is|long are|deep|wide|big|large|far)\b/iu, [NUMBER, LENGTH]],
  [
    /\bhow heavy\b|\bweighs?\b|\bhow much do(?:es)? .* weigh/iu,
    [NUMBER, MASS, /\bweigh(?:s|ed)?\b|\bheavy\b/iu],
  ],
  [/\bhow (?:many|fast|often)\b/iu, [NUMBER]],
  [/\bhow old\b|\b(?:what|the) age\b/iu, [NUMBER, AGE]],
  [
    /\bhow much\b|\b(?:cost|costs|price|prices|fee|expensive|cheap|cheaper|earn|earns|discount|salary|pay for)\b/iu,
    [NUMBER, MONEY],
  ],
  [
    /\b(?:when|how long|how late|how early)\b|\b(?:what|which) (?:time|day|days|year|month|date|hours)\b|\bopening (?:hours|times)\b/iu,
    [TIME],
  ],
  [/\b(?:names? of|called|named)\b/iu, [/\b(?:called|named|names?)\b/iu]],
  // "Somebody who speaks Polish" asks for no name.
  [
    /^(?:\W*(?:and|so|but|then|hey|hi|hello|excuse me|do you know|tell me|can you tell me)\W+)*(?:who|whose|whom)\b|, who\b/iu,
    [PERSON],
  ],
  [/\b(?:where|whereabouts)\b/iu, [PLACE]],
  [/\bwhy\b/iu, [REASON]],
];

/**
 * Whether a sentence has the shape of an answer to an English question: an amount for "how much", a name for "who".
 * @returns null where the question asks for nothing in particular.
 */
export function fitsQuestion(question: string, sentence: string): boolean | null {
  const kind = KINDS.find(([asked]) => asked.test(question));
  return kind ? kind[1].every((needed) => needed.test(sentence)) : null;
}

/** Whether a word is a number, in digits or in English. */
export function isNumber(word: string): boolean {
  return NUMBER.test(word);
}

/** Wants and troubles of a visitor are told to be answered: "I need a wheelchair", "we lost a bag". */
function isNeed(text: string): boolean {
  return /\b(?:i|we)(?: think i| think we)? (?:need|want to|wish to|would like to know|have lost|lost|left|forgot|am looking for|are looking for|cannot find)\b/iu.test(
    text,
  );
}

/** Questions of people in a hurry have no verb and begin with what they are about: "wifi name", "price for a family". */
function isFragment(text: string): boolean {
  const words = text.trim().split(/\s+/u);
  return (
    words.length <= 7 &&
    !/[!]/u.test(text) &&
    !/^(?:i|i'm|we|you|he|she|it|they|my|our|your|hello|hi|hey|good|thanks?|thank|bye|goodbye|yes|no|ok|okay|oh|wow|nice|great|lovely|beautiful|please|sorry|well|see|let|stop|come|go|follow|show|give|open|wait|that|this|these|those|there)\b/iu.test(
      text.trim(),
    ) &&
    /\b(?:name|number|price|cost|fee|time|times|hours|address|password|size|age|ticket|tickets|discount|menu|map|way|height|weight|length|date)\b|\b(?:for|in|on|at|to|of|with)\b/iu.test(
      text,
    )
  );
}

/** Whether a sentence asks something, rather than states it; English. */
export function isQuestion(text: string): boolean {
  return (
    text.includes('?') ||
    /^(?:what|where|when|who|how)s\b/iu.test(text.trim()) ||
    /\b(?:where|what|how|when|who|which|can|may) (?:do|can|should|could|is|are|does|to|i|we) ?(?:i|we|you|it|they)?\b/iu.test(
      text,
    ) ||
    isNeed(text) ||
    isFragment(text) ||
    /^(?:(?:and|but|so|well|ok|okay|hello|hi|hey|please|excuse me|sorry)[, ]+)*(?:who|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|may|might|will|would|should|have|has|tell me|show me|explain|i (?:want|would like|need) to know)\b/iu.test(
      text.trim(),
    )
  );
}
