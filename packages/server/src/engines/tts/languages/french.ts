import type { Phone } from '../arpabet.ts';
import { readByRules, type SpellingRule } from './spelling-rules.ts';

const VOWELS = 'aàâeéèêëiîïoôœuùûüyæ';
/** What makes n and m after a vowel a part of it: another consonant, or the end. */
const NASAL = `(?:n|m(?=[bp]))(?![${VOWELS}nmh])`;

const rule = (pattern: string, sounds: string): SpellingRule => [new RegExp(pattern, 'uy'), sounds];

const RULES: readonly SpellingRule[] = [
  // Ends of words that are not heard.
  rule('ent(?=_)(?<=[^m]ent)(?<=[bcdfgilnpqrstuvyé]ent)', ''),
  rule('es?(?=_)(?<=[^_]{2}es?)', ''),
  rule('ie(?=s?_)', 'i'),
  rule('er(?=s?_)(?<=[^_]{2}er)', 'e'),
  rule('ez(?=_)', 'e'),
  rule('(?<=_[^aeiouy]{1,2})es(?=_)', 'e'),
  rule('(?<=_[^aeiouy]{1,2})e(?=_)', 'ə'),
  rule('ets?(?=_)|êts?(?=_)|aits?(?=_)|aient(?=_)|aix?(?=_)(?<=[^gj]aix?)', 'ɛ'),
  // Consonants in groups.
  rule('(?<=s)t(?=ion)', 't'),
  rule('tion', 's j ɔ̃'),
  rule('sch|ch(?![rnl])|sh', 'ʃ'),
  rule('ch', 'k'),
  rule('ph', 'f'),
  rule('th', 't'),
  rule('gn', 'ɲ'),
  rule('qu|q|cqu|ck|k', 'k'),
  rule('gu(?=[eéèêiîyæ])', 'ɡ'),
  rule('ge(?=[aoâô])', 'ʒ'),
  rule('g(?=[eéèêiîyæ])|j', 'ʒ'),
  rule('gg?', 'ɡ'),
  rule('cc(?=[eéèêiîyæ])', 'k s'),
  rule('sc(?=[eéèêiîyæ])|ç|c(?=[eéèêiîyæ])', 's'),
  rule('cc?', 'k'),
  // The last consonant is silent, but for c, f, l and r.
  rule('(?:[dtpsxz]|ts|ds|ps|gs|cs|ct|cts|rd(?=_)|lts?)(?=_)(?<=[^_]{2}[^_])(?<!rd)', ''),
  rule('(?<=r)[dtps]{1,2}(?=_)', ''),
  rule('(?<=[ɑouiaeé])n(?=_n)', 'n'),
  rule(`ss|(?<=_)s|s(?![${VOWELS}])|(?<![${VOWELS}])s`, 's'),
  rule('s', 'z'),
  rule('z', 'z'),
  rule(`(?<=_[e])x(?=[${VOWELS}h])`, 'ɡ z'),
  rule('(?<=_)e(?=x)', 'ɛ'),
  rule('x', 'k s'),
  rule('h', ''),
  // Nasal vowels; `æ` stands for an -ent that is heard.
  rule('æ', 'ɑ̃'),
  rule(`(?:ai|ei)${NASAL}|ain(?=s?_)`, 'ɛ̃'),
  rule(`oi${NASAL}`, 'w ɛ̃'),
  rule(`(?<=[ié])e${NASAL}(?!t)`, 'ɛ̃'),
  rule(`i${NASAL}|y${NASAL}|î${NASAL}`, 'ɛ̃'),
  rule(`i[eé]n(?=s?_)`, 'j ɛ̃'),
  rule(`[ae]${NASAL}|aon(?=_)|[ae]m(?=m[eé]n)|emm(?=[eaè])(?<=_emm)`, 'ɑ̃'),
  rule(`o${NASAL}`, 'ɔ̃'),
  rule(`u${NASAL}|um(?=_)`, 'œ̃'),
  // Vowels in groups.
  rule('eaux?|aux?', 'o'),
  rule('œu|eu(?=[rlnvfb])(?!(?:se|x|ro))|œ|ue(?=il)|eû', 'œ'),
  rule('eux?', 'ø'),
  rule('ouill', 'u j'),
  rule(`ou(?=[${VOWELS}])(?!ou(?:e_|es_))`, 'w'),
  rule('ou|où|oû', 'u'),
  rule('oy(?=[aeéèiou])', 'w a j'),
  rule('oî|oi|oê', 'w a'),
  rule('ay(?=[aeéèo])|ey(?=[aeo])', 'ɛ j'),
  rule('eill?|eil(?=s?_)', 'ɛ j'),
  rule('aill?(?=[eaoué]|_)|ail(?=s?_)', 'a j'),
  rule('uill?(?=[eaoué])', 'y i j'),
  rule('(?<=[œ])il(?:l(?=[eaoé])|(?=s?_))', 'j'),
  rule('(?<=u)il(?=s?_)', 'j'),
  rule('ill(?=[eaoué])', 'i j'),
  rule('ai|ei|aî', 'ɛ'),
  rule(`uy(?=[${VOWELS}])`, 'y i j'),
  rule(`i(?=[${VOWELS}])(?<![bcdfgptv][rl]i)`, 'j'),
  rule(`y(?=[${VOWELS}])`, 'j'),
  rule(`u(?=[ioaeéè])(?!ue[s_])`, 'y'),
  // Single vowels.
  rule('[aàâ]', 'a'),
  rule('é', 'e'),
  rule('[èêë]', 'ɛ'),
  rule('e(?=([bcdfgjklmnpqrstvxz])\\1)', 'ɛ'),
  rule('e(?=[bcdfgjklmnpqrstvxz][bcdfgjkmnpqstvxz])', 'ɛ'),
  rule('e(?=[rlcfx]s?_|[lr][bcdfgjkmnpqstvxz])', 'ɛ'),
  rule('e', 'ə'),
  rule('[iîïy]', 'i'),
  rule('ô', 'o'),
  rule('o(?=_|s_|t_|ts_|s[aeiou])', 'o'),
  rule('o', 'ɔ'),
  rule('[uùûü]', 'y'),
  // Single consonants.
  rule('bb?', 'b'),
  rule('dd?', 'd'),
  rule('ff?', 'f'),
  rule('ll?', 'l'),
  rule('mm?', 'm'),
  rule('nn?', 'n'),
  rule('pp?', 'p'),
  rule('rr?', 'ʁ'),
  rule('tt?', 't'),
  rule('v', 'v'),
  rule('w', 'w'),
];

/** Words that the rules would read wrongly. */
const WORDS: Readonly<Record<string, string>> = {
  est: 'ɛ',
  et: 'e',
  es: 'ɛ',
  un: 'œ̃',
  monsieur: 'm ə s j ø',
  messieurs: 'm e s j ø',
  femme: 'f a m',
  femmes: 'f a m',
  ville: 'v i l',
  villes: 'v i l',
  village: 'v i l a ʒ',
  mille: 'm i l',
  million: 'm i l j ɔ̃',
  millions: 'm i l j ɔ̃',
  milliard: 'm i l j a ʁ',
  milliards: 'm i l j a ʁ',
  tranquille: 't ʁ ɑ̃ k i l',
  six: 's i s',
  dix: 'd i s',
  huit: 'y i t',
  sept: 's ɛ t',
  vingt: 'v ɛ̃',
  neuf: 'n œ f',
  août: 'u t',
  pays: 'p ɛ i',
  second: 's ə ɡ ɔ̃',
  seconde: 's ə ɡ ɔ̃ d',
  fils: 'f i s',
  sens: 's ɑ̃ s',
  tous: 't u s',
  plus: 'p l y',
  hier: 'i j ɛ ʁ',
  mer: 'm ɛ ʁ',
  fer: 'f ɛ ʁ',
  ver: 'v ɛ ʁ',
  cher: 'ʃ ɛ ʁ',
  hiver: 'i v ɛ ʁ',
  enfer: 'ɑ̃ f ɛ ʁ',
  univers: 'y n i v ɛ ʁ',
  clef: 'k l e',
  pied: 'p j e',
  pieds: 'p j e',
  temps: 't ɑ̃',
  longtemps: 'l ɔ̃ t ɑ̃',
  corps: 'k ɔ ʁ',
  eu: 'y',
  as: 'a',
  os: 'ɔ s',
  sud: 's y d',
  net: 'n ɛ t',
  bus: 'b y s',
  ours: 'u ʁ s',
  maximum: 'm a k s i m ɔ m',
  minimum: 'm i n i m ɔ m',
  album: 'a l b ɔ m',
  planétarium: 'p l a n e t a ʁ j ɔ m',
  automne: 'o t ɔ n',
  oignon: 'ɔ ɲ ɔ̃',
  technique: 't ɛ k n i k',
  orchestre: 'ɔ ʁ k ɛ s t ʁ',
  aujourd: 'o ʒ u ʁ d',
  parce: 'p a ʁ s',
  sur: 's y ʁ',
  chez: 'ʃ e',
  c: 's',
  vingts: 'v ɛ̃',
  deuxième: 'd ø z j ɛ m',
  vient: 'v j ɛ̃',
  tient: 't j ɛ̃',
  viens: 'v j ɛ̃',
  bienvenue: 'b j ɛ̃ v n y',
};
/** Nouns and adjectives in -ent; in verbs it is silent. */
const HEARD_ENT =
  /^(?:vent|cent|cents|dent|dents|lent|souvent|content|argent|accent|accents|talent|talents|parent|parents|patient|patients|client|clients|agent|agents|récent|absent|présent|urgent|différent|différents|président|excellent|évident|prudent|innocent|continent|continents|orient|occident|accident|serpent|suivent_|torrent|couvent|ardent|fréquent|permanent|transparent|violent|équivalent|adolescent|étudent_)$/u;

const UNSTRESSED: ReadonlySet<string> = new Set(
  'le la les l un une des du de d à au aux en et ou que qu se s me m te t ne n ce c je j y il ils elle on nous vous sur par pour dans est mon ma mes ton ta tes son sa ses cette ces'.split(
    ' ',
  ),
);

/** What a word's silent end becomes before a vowel. */
const LIAISON: Readonly<Record<string, string>> = Object.fromEntries([
  ...'les des mes tes ses ces nous vous ils elles aux très deux trois dans sans chez plus quelques plusieurs leurs nos vos'
    .split(' ')
    .map((word) => [word, 'z']),
  ...'un mon ton son en on bon aucun'.split(' ').map((word) => [word, 'n']),
  ...'est petit grand tout quand'.split(' ').map((word) => [word, 't']),
  ...'six dix'.split(' ').map((word) => [word, 'z']),
]);
const ASPIRATED =
  /^(?:haut|héros|hibou|huit|onze|hall|haricot|hasard|honte|hors|hollande|hongrie|hérisson|hamster|hanche|harpe|hausse|homard|housse|hublot|hurle|y_|oui|yaourt|yeti)/u;

/** Phones of a French word in lower case. @param before The word before it, unless a pause comes between. */
export function pronounceFrench(word: string, before: string): Phone[] {
  const joined = LIAISON[before];
  const starts = new RegExp(`^(?:h?[${VOWELS}])`, 'u').test(word) && !ASPIRATED.test(word);
  const link: Phone[] = joined && starts ? [{ ipa: joined, stress: 0 }] : [];
  const known = Object.hasOwn(WORDS, word) ? WORDS[word]!.split(' ') : null;
  const phones = known
    ? known.map((ipa) => ({ ipa, stress: 0 as const }))
    : readByRules(HEARD_ENT.test(word) ? word.replace(/ents?$/u, 'æ') : word, before, RULES, -1);
  return [...link, ...(UNSTRESSED.has(word) ? phones : withLastStressed(phones))];
}

/** The last full vowel bears the stress; only there, and before r, is an o open. A weak e between single consonants falls out. */
function withLastStressed(read: readonly Phone[]): Phone[] {
  const phones = read.filter(({ ipa }, at) => {
    const around = [at - 2, at - 1, at + 1, at + 2].map((index) => read[index]?.ipa ?? '');
    return (
      ipa !== 'ə' || !VOWEL.test(around[0]!) || VOWEL.test(around[1]!) || VOWEL.test(around[2]!) || !around[3]
    );
  });
  const last = phones.findLastIndex(({ ipa }) => FULL_VOWEL.test(ipa));
  return phones.map(({ ipa }, index) => {
    const isOpen = ipa !== 'ɔ' || index === last || phones[index + 1]?.ipa === 'ʁ';
    return { ipa: isOpen ? ipa : 'o', stress: index === last ? 1 : 0 };
  });
}

const FULL_VOWEL = /[aeiouyøœɑɔɛ]/u;
const VOWEL = /[aeiouyøœɑɔɛə]/u;
