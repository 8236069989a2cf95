import { dictionary } from 'cmu-pronouncing-dictionary';
import { type Phone, phonesOfArpabet } from './arpabet.ts';
import { letterToSound } from './letter-to-sound.ts';

/** Words that connected speech says otherwise than a dictionary does. */
const WEAK_FORMS: Readonly<Record<string, string>> = {
  a: 'AH0',
  the: 'DH AH0',
  to: 'T AH0',
  of: 'AH0 V',
  and: 'AH0 N D',
  for: 'F ER0',
  from: 'F R AH0 M',
};

/** Words that carry no stress within a phrase. */
const UNSTRESSED: ReadonlySet<string> = new Set(
  "at as is it in on or but if that than i i'm i'll you you're he she we we're they my your his her our their its it's me him us them can could will would shall should do have has had was were are be been am an with by so there".split(
    ' ',
  ),
);

/** Words of our own domain, and what CMUdict lacks or has in an odd form. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  ai: 'EY1 AY1',
  npc: 'EH2 N P IY2 S IY1',
  npcs: 'EH2 N P IY2 S IY1 Z',
  okay: 'OW2 K EY1',
  ok: 'OW2 K EY1',
  metaverse: 'M EH1 T AH0 V ER2 S',
  babylon: 'B AE1 B AH0 L AA2 N',
  website: 'W EH1 B S AY2 T',
  selfie: 'S EH1 L F IY0',
  emoji: 'IH0 M OW1 JH IY0',
  podcast: 'P AA1 D K AE2 S T',
  wifi: 'W AY1 F AY2',
  smartphone: 'S M AA1 R T F OW2 N',
  // Between open and closed lips, as "m" alone is said too short to be heard.
  mhm: 'AH0 M M HH AH1 M M M',
  google: 'G UW1 G AH0 L',
  youtube: 'Y UW1 T UW2 B',
};

const LETTERS: Readonly<Record<string, string>> = {
  a: 'EY1',
  b: 'B IY1',
  c: 'S IY1',
  d: 'D IY1',
  e: 'IY1',
  f: 'EH1 F',
  g: 'JH IY1',
  h: 'EY1 CH',
  i: 'AY1',
  j: 'JH EY1',
  k: 'K EY1',
  l: 'EH1 L',
  m: 'EH1 M',
  n: 'EH1 N',
  o: 'OW1',
  p: 'P IY1',
  q: 'K Y UW1',
  r: 'AA1 R',
  s: 'EH1 S',
  t: 'T IY1',
  u: 'Y UW1',
  v: 'V IY1',
  w: 'D AH1 B AH0 L Y UW0',
  x: 'EH1 K S',
  y: 'W AY1',
  z: 'Z IY1',
};

/** What one word may be pronounced by. */
export interface WordContext {
  /** Last word of its phrase: weak forms are not used there. */
  readonly isLast: boolean;
  /** Pronounced letter by letter. */
  readonly isSpelled: boolean;
  /** The word before it in lower case, for words of two pronunciations. */
  readonly before: string;
  /** Whether the next word begins with a vowel, for "the". */
  readonly isBeforeVowel: boolean;
}

/** Phones of one word: a dictionary, its inflections, and letter-to-sound rules for what it does not know. */
export function pronounce(word: string, context: WordContext): Phone[] {
  const lower = word.toLowerCase();
  const phones = phonesOfArpabet(arpabetOf(lower, context));
  if (context.isLast || context.isSpelled || !UNSTRESSED.has(lower)) return phones;
  return phones.map(({ ipa }) => ({ ipa, stress: 0 }));
}

function arpabetOf(word: string, context: WordContext): string {
  if (context.isSpelled) return word.endsWith("'s") ? withS(spell(word.slice(0, -2)))! : spell(word);
  if (!context.isLast) {
    if (word === 'the' && context.isBeforeVowel) return 'DH IY0';
    const weak = WEAK_FORMS[word];
    if (weak) return weak;
  }
  return heteronym(word, context.before) ?? known(word) ?? inflected(word) ?? compound(word) ?? unknown(word);
}

function known(word: string): string | undefined {
  if (Object.hasOwn(OWN_WORDS, word)) return OWN_WORDS[word];
  return Object.hasOwn(dictionary, word) ? dictionary[word] : undefined;
}

function spell(word: string): string {
  return (
    [...word]
      .map((letter) => LETTERS[letter] ?? '')
      .filter(Boolean)
      .join(' ') || 'AH0'
  );
}

/** Words without a vowel are initials; the rest is read by rule. */
function unknown(word: string): string {
  const letters = word.replace(/[^a-z]/g, '');
  if (!/[aeiouy]/.test(letters)) return spell(letters);
  return letterToSound(letters);
}

const VERB_BEFORE =
  /^(to|will|would|can|could|should|must|may|might|shall|let's|i|you|we|they|don't|didn't|please)$/;
const PAST_BEFORE = /^(have|has|had|i've|you've|we've|they've|he's|she's|was|were|been|be|is|already|just)$/;
const HETERONYMS: Readonly<Record<string, (before: string) => string>> = {
  read: (before) => (PAST_BEFORE.test(before) ? 'R EH1 D' : 'R IY1 D'),
  lead: (before) => (/^(of|in|the|heavy|with)$/.test(before) && before !== 'the' ? 'L EH1 D' : 'L IY1 D'),
  live: (before) =>
    /^(a|the|is|are|was|were|see|watch|watching|it's)$/.test(before) ? 'L AY1 V' : 'L IH1 V',
  wind: (before) => (before === 'to' ? 'W AY1 N D' : 'W IH1 N D'),
  tear: (before) => (VERB_BEFORE.test(before) ? 'T EH1 R' : 'T IH1 R'),
  tears: () => 'T IH1 R Z',
  close: (before) =>
    /^(is|are|so|very|too|how|be|was|were|quite|come|came|get|stay|stand|right)$/.test(before)
      ? 'K L OW1 S'
      : 'K L OW1 Z',
  use: (before) => (/^(the|no|of|a|any|in|its|for|some|what)$/.test(before) ? 'Y UW1 S' : 'Y UW1 Z'),
  record: (before) => (VERB_BEFORE.test(before) ? 'R IH0 K AO1 R D' : 'R EH1 K ER0 D'),
  present: (before) => (VERB_BEFORE.test(before) ? 'P R IH0 Z EH1 N T' : 'P R EH1 Z AH0 N T'),
  object: (before) => (VERB_BEFORE.test(before) ? 'AH0 B JH EH1 K T' : 'AA1 B JH EH0 K T'),
  project: (before) => (VERB_BEFORE.test(before) ? 'P R AH0 JH EH1 K T' : 'P R AA1 JH EH0 K T'),
  content: (before) =>
    /^(be|am|is|are|was|were|feel|i'm|very|quite)$/.test(before) ? 'K AH0 N T EH1 N T' : 'K AA1 N T EH0 N T',
  minute: () => 'M IH1 N AH0 T',
  house: (before) => (before === 'to' ? 'HH AW1 Z' : 'HH AW1 S'),
  excuse: (before) =>
    /^(an|the|no|any|my|your|his|her|that)$/.test(before) ? 'IH0 K S K Y UW1 S' : 'IH0 K S K Y UW1 Z',
  bow: (before) => (VERB_BEFORE.test(before) ? 'B AW1' : 'B OW1'),
  bass: () => 'B EY1 S',
  desert: () => 'D EH1 Z ER0 T',
  does: () => 'D AH1 Z',
};

function heteronym(word: string, before: string): string | undefined {
  return Object.hasOwn(HETERONYMS, word) ? HETERONYMS[word]!(before) : undefined;
}

/** Plurals, possessives, past tenses and -ing forms of known words. */
function inflected(word: string): string | undefined {
  const possessive = /^(.+?)(?:'s|s'|')$/.exec(word)?.[1];
  if (possessive) return withS(known(possessive) ?? known(`${possessive}s`)) ?? undefined;
  for (const [ending, stems, add] of INFLECTIONS) {
    if (!word.endsWith(ending) || word.length < ending.length + 3) continue;
    const cut = word.slice(0, -ending.length);
    for (const stem of stems(cut)) {
      const base = known(stem);
      if (base) return add(base);
    }
  }
  return undefined;
}

type Inflection = readonly [string, (cut: string) => string[], (base: string) => string | undefined];
const undouble = (cut: string) => (cut.at(-1) === cut.at(-2) ? [cut.slice(0, -1)] : []);
const INFLECTIONS: readonly Inflection[] = [
  ['ies', (cut) => [`${cut}y`], (base) => `${base} Z`],
  ['es', (cut) => [`${cut}e`, cut], (base) => withS(base)],
  ['s', (cut) => [cut], (base) => withS(base)],
  ['ied', (cut) => [`${cut}y`], (base) => `${base} D`],
  ['ed', (cut) => [`${cut}e`, cut, ...undouble(cut)], (base) => withD(base)],
  ['ing', (cut) => [cut, `${cut}e`, ...undouble(cut)], (base) => `${base} IH0 NG`],
  ['ally', (cut) => [cut, `${cut}al`], (base) => `${base} L IY0`],
  ['ly', (cut) => [cut, `${cut}le`], (base) => `${base} L IY0`],
  ['ness', (cut) => [cut], (base) => `${base} N AH0 S`],
  ['less', (cut) => [cut], (base) => `${base} L AH0 S`],
  ['er', (cut) => [cut, `${cut}e`, ...undouble(cut)], (base) => `${base} ER0`],
  ['able', (cut) => [cut, `${cut}e`], (base) => `${base} AH0 B AH0 L`],
];

function withS(base: string | undefined): string | undefined {
  if (!base) return undefined;
  if (/(S|Z|SH|ZH|CH|JH)$/.test(base)) return `${base} IH0 Z`;
  return /(^| )(P|T|K|F|TH)$/.test(base) ? `${base} S` : `${base} Z`;
}

function withD(base: string): string {
  if (/(^| )(T|D)$/.test(base)) return `${base} IH0 D`;
  return /(^| )(P|K|F|TH|S|SH|CH)$/.test(base) ? `${base} T` : `${base} D`;
}

/** Two known words written as one, the first of at least three letters ("moonrock"). */
function compound(word: string): string | undefined {
  for (let at = Math.min(word.length - 3, 10); at >= 3; at--) {
    const [first, second] = [known(word.slice(0, at)), known(word.slice(at))];
    if (first && second) return `${first} ${second.replaceAll('1', '2')}`;
  }
  return undefined;
}
