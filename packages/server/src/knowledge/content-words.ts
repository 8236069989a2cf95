import stemmers, { type Stemmer } from 'snowball-stemmers';

/** Words that say nothing about what an English text is about. */
const STOP_WORDS = new Set(
  (
    'a an the am is are was were be been being isn aren wasn weren do does did doing don doesn didn have has had having can could will would ' +
    'should may might must shall i you he she it we they me him her us them my your his its our their mine yours this that these those of ' +
    'in on at to for from with by about and or but not no yes so if as what who whom whose which when where why how there here tell know ' +
    'please much many any some very just like also than then too get got s t m ve re ll d something somebody anybody anything somewhere anywhere anyone someone ever want let okay ok possible already still really actually'
  ).split(' '),
);

/** Verbs and the like that go with any matter: they tell little when they are there and nothing when they are not. */
const LIGHT_WORDS = new Set(
  (
    'go come get make take bring put give leave see find use need keep look show have hold allow call become work happen try ask say ' +
    'like good nice thing kind sort type way place time people year day name mean stand call back last pay go'
  ).split(' '),
);

/** Whether a word, or the verb that it is a form of, is one of those that go with any matter; English. */
export function isLight(word: string): boolean {
  const plain = IRREGULAR.get(word) ?? word;
  return LIGHT_WORDS.has(plain) || LIGHT_WORDS.has(plain.replace(/(?:e?s|ing|e?d)$/u, ''));
}

/** Names of the Snowball stemmers by ISO 639-1 code. Porter 2001, https://snowballstem.org */
const ALGORITHMS: Readonly<Record<string, string>> = {
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  fi: 'finnish',
  fr: 'french',
  hu: 'hungarian',
  it: 'italian',
  nl: 'dutch',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sv: 'swedish',
  tr: 'turkish',
};

/** Past forms that no ending tells: "wound" belongs to "wind", "found" to "find" and not to "founded". */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  (
    'began:begin begun:begin bought:buy broke:break broken:break brought:bring built:build burnt:burn came:come caught:catch ' +
    'chose:choose chosen:choose cost:cost drawn:draw drew:draw drank:drink drunk:drink drove:drive driven:drive ate:eat eaten:eat ' +
    'fell:fall fallen:fall felt:feel fought:fight found:find flew:fly flown:fly forgot:forget forgotten:forget gave:give given:give ' +
    'went:go gone:go grew:grow grown:grow held:hold hid:hide hidden:hide kept:keep knew:know known:know led:lead lost:lose made:make ' +
    'meant:mean met:meet paid:pay ran:run rang:ring rose:rise risen:rise sang:sing sung:sing said:say sat:sit saw:see seen:see ' +
    'sent:send shone:shine shown:show shot:shoot slept:sleep sold:sell spent:spend spoke:speak spoken:speak stole:steal stolen:steal ' +
    'stood:stand stuck:stick struck:strike swam:swim taught:teach thought:think threw:throw thrown:throw told:tell took:take ' +
    'taken:take understood:understand woke:wake won:win wore:wear worn:wear wound:wind wrote:write written:write ' +
    'children:child feet:foot men:man mice:mouse people:person teeth:tooth women:woman'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

const loaded = new Map<string, Stemmer>();

/** A word without its endings, in lower case. A language without a stemmer leaves words as they are. */
export function stem(word: string, language = 'en'): string {
  const algorithm = ALGORITHMS[language];
  if (!algorithm) return word.toLowerCase();
  let stemmer = loaded.get(algorithm);
  if (!stemmer) {
    stemmer = stemmers.newStemmer(algorithm);
    loaded.set(algorithm, stemmer);
  }
  const plain = word.toLowerCase();
  return stemmer.stem(language === 'en' ? (IRREGULAR.get(plain) ?? plain) : plain);
}

/** The words of a text that carry its meaning, in lower case, each once. */
export function contentWords(text: string): string[] {
  const plain = text.toLowerCase();
  const words: string[] = plain.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  // "Wi-Fi" is written "wifi" as well.
  for (const [short] of plain.matchAll(/\b\p{L}{1,4}-\p{L}{1,4}\b/gu)) words.push(short.replace('-', ''));
  return [...new Set(words.filter((word) => !STOP_WORDS.has(word)))];
}
