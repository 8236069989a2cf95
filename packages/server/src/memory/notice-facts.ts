/** What a visitor told of themselves. */
export interface NoticedFacts {
  readonly name: string | null;
  /** As the NPC would say it to them: "You are from Oslo." */
  readonly facts: readonly string[];
}

/** Nobody wants these remembered. */
const PRIVATE =
  /\b(?:password|passcode|pin|credit card|card number|account number|social security)\b|\d{6,}/iu;

const NAMES: readonly RegExp[] = [
  /\b(?:my name is|my name's|i am called|i'm called|call me|the name is|the name's) (\p{L}[\p{L}'-]*(?: \p{L}[\p{L}'-]*)?)/iu,
  /\bI(?:'m| am) (\p{Lu}\p{Ll}+)(?=[.,!]|$| and\b| from\b)/u,
];
/** "I am German" has the shape of a name. */
const NO_NAMES =
  /^(?:not|sorry|fine|good|here|back|tired|happy|american|british|english|french|german|italian|norwegian|spanish|swedish|chinese|japanese|indian|irish|dutch|danish|polish|russian|a|an|the|so|very|just)$/iu;

/** A statement about oneself, and how it sounds to the one who made it. */
const STATEMENTS: readonly (readonly [RegExp, (rest: string, verb: string) => string])[] = [
  [/\bi(?:'m| am| come| came) (from) (.+)/iu, (rest) => `You are from ${rest}.`],
  [
    /\bi (live|work|study|grew up|was born) ((?:in|at|as|for|near|with) .+)/iu,
    (rest, verb) => `You ${verb.replace('was', 'were')} ${rest}.`,
  ],
  [
    /\bi(?:'m| am) (an?) ((?!bit|little|lot|big|huge)[\p{L}' -]+)/iu,
    (rest, article) => `You are ${article} ${rest}.`,
  ],
  [
    /\bi (?:really |also |do )?(like|love|enjoy|hate|adore|collect|study|play|prefer) (.+)/iu,
    (rest, verb) => `You ${verb} ${rest}.`,
  ],
  [
    /\bi (have|own) ((?:an?|two|three|four|five|six|seven|many) .+)/iu,
    (rest, verb) => `You ${verb} ${rest}.`,
  ],
  [/\bmy (favou?rite \p{L}+) is (.+)/iu, (rest, what) => `Your ${what} is ${rest}.`],
  [
    /\bmy ((?!name\b|question\b|god\b|point\b)\p{L}+(?: \p{L}+)?) ((?:is|are|was|were|has|likes|loves|lives|works) .+)/iu,
    (rest, what) => `Your ${what} ${rest}.`,
  ],
  [/\b(remember) that (.+)/iu, (rest) => `${rest.charAt(0).toUpperCase()}${rest.slice(1)}.`],
];
const LONGEST_REST = 90;

/** What of a visitor's words is about themselves, by simple rules for English; questions tell nothing. */
export function noticeFacts(text: string): NoticedFacts {
  let name: string | null = null;
  const facts: string[] = [];
  for (const sentence of text.split(/(?<=[.!?])\s+|;\s+/u)) {
    if (sentence.includes('?') || PRIVATE.test(sentence)) continue;
    for (const pattern of NAMES) {
      const found = pattern.exec(sentence)?.[1];
      if (found && !NO_NAMES.test(found)) name ??= capitalised(found);
    }
    for (const clause of sentence.split(/,\s+(?:and|but)\s+|\s+and (?=i |i'm |my )|\s+but (?=i |my )/iu))
      for (const [pattern, say] of STATEMENTS) {
        const found = pattern.exec(clause);
        const rest = found?.[2].replace(/[.,!…]+$/u, '').trim();
        if (!found || !rest || rest.length > LONGEST_REST) continue;
        facts.push(say(toSecondPerson(rest), found[1]));
        break;
      }
  }
  return { name, facts };
}

/** Whether a visitor asks to be forgotten. */
export function asksToForget(text: string): boolean {
  return /\b(?:forget (?:(?:all|everything) )?(?:about )?me\b|forget (?:everything|all|what) (?:you know |i (?:told|said)|about me)|forget my name|(?:delete|erase) (?:my (?:data|memory|memories|name)|everything (?:about|you know)))/iu.test(
    text,
  );
}

const SECOND_PERSON: Readonly<Record<string, string>> = {
  i: 'you',
  me: 'you',
  my: 'your',
  mine: 'yours',
  myself: 'yourself',
  am: 'are',
  "i'm": 'you are',
  we: 'you',
  our: 'your',
  us: 'you',
};

/** A statement of somebody's as one says it to them. */
export function toSecondPerson(text: string): string {
  return text.replace(/[\p{L}']+/gu, (word) => SECOND_PERSON[word.toLowerCase()] ?? word);
}

/** Of two words the second belongs to the name when it is written like one: "Ada Berg", not "Ada and". */
function capitalised(words: string): string {
  const [first, second] = words.split(' ');
  const name = second && /^\p{Lu}/u.test(second) ? words : first;
  return name.replace(/(^|[\s-])\p{Ll}/gu, (start) => start.toUpperCase());
}
