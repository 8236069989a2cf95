import type { Phone } from '../arpabet.ts';
import { pronounce } from '../pronounce.ts';

/** Consonants of Devanagari, those with a nukta last. */
const CONSONANTS: Readonly<Record<string, string>> = {
  क: 'k',
  ख: 'kʰ',
  ग: 'ɡ',
  घ: 'ɡʰ',
  ङ: 'ŋ',
  च: 'c',
  छ: 'cʰ',
  ज: 'ɟ',
  झ: 'ɟʰ',
  ञ: 'ɲ',
  ट: 'ʈ',
  ठ: 'ʈʰ',
  ड: 'ɖ',
  ढ: 'ɖʰ',
  ण: 'ɳ',
  त: 't',
  थ: 'tʰ',
  द: 'd',
  ध: 'dʰ',
  न: 'n',
  प: 'p',
  फ: 'pʰ',
  ब: 'b',
  भ: 'bʰ',
  म: 'm',
  य: 'j',
  र: 'ɾ',
  ल: 'l',
  ळ: 'l',
  व: 'ʋ',
  श: 'ʃ',
  ष: 'ʂ',
  स: 's',
  ह: 'h',
  क़: 'q',
  ख़: 'x',
  ग़: 'ɣ',
  ज़: 'z',
  झ़: 'ʒ',
  ड़: 'ɽ',
  ढ़: 'ɽʰ',
  फ़: 'f',
};
const VOWELS: Readonly<Record<string, string>> = {
  अ: 'ə',
  आ: 'aː',
  इ: 'ɪ',
  ई: 'iː',
  उ: 'ʊ',
  ऊ: 'uː',
  ऋ: 'ɾɪ',
  ए: 'eː',
  ऐ: 'ɛː',
  ओ: 'oː',
  औ: 'ɔː',
  ऑ: 'ɔ',
  ऍ: 'ɛ',
};
const VOWEL_SIGNS: Readonly<Record<string, string>> = {
  'ा': 'aː',
  'ि': 'ɪ',
  'ी': 'iː',
  'ु': 'ʊ',
  'ू': 'uː',
  'ृ': 'ɾɪ',
  'े': 'eː',
  'ै': 'ɛː',
  'ो': 'oː',
  'ौ': 'ɔː',
  'ॉ': 'ɔ',
  'ॅ': 'ɛ',
};
const [NUKTA, VIRAMA, ANUSVARA, CHANDRABINDU, VISARGA] = ['़', '्', 'ं', 'ँ', 'ः'] as const;
/** Clusters that are not spoken as they are written. */
const CLUSTERS: readonly (readonly [string, string])[] = [
  ['ज्ञ', 'ग्य'],
  ['ॐ', 'ओम'],
];
/** Words whose schwa closes or opens, against their spelling. */
const AS_SPOKEN: Readonly<Record<string, string>> = { यह: 'ये', वह: 'वो', छह: 'छे' };

/** One sign of the script, spoken: consonants, then a vowel. */
interface Akshara {
  readonly onset: string[];
  /** IPA; '' for none. */
  vowel: string;
  /** Whether the vowel is the one that nothing was written for. */
  isInherent: boolean;
  nasal: '' | typeof ANUSVARA | typeof CHANDRABINDU;
  breath: boolean;
}

const UNSTRESSED: ReadonlySet<string> = new Set(
  'का के की को से में पर ने है हैं था थे थी थीं और कि तो ही भी या'.split(' '),
);

/**
 * Phones of a Hindi word, in the notation that the voices were trained on: `c` and `ɟ` are the sounds of "church" and "judge". The
 * inherent vowel is left out as Narasimhan, Sproat and Kiraz have it (2004, "Schwa-deletion in Hindi text-to-speech synthesis"), from
 * the right, but without their lists of prefixes. Words in Latin letters are read as English.
 */
export function pronounceHindi(word: string, before: string): Phone[] {
  if (/\p{Script=Latin}/u.test(word)) return pronounceLatin(word, before);
  const spelt = CLUSTERS.reduce((text, [two, other]) => text.replaceAll(two, other), AS_SPOKEN[word] ?? word);
  const aksharas = readAksharas(spelt);
  deleteSchwas(aksharas);
  const sounds = soundsOf(aksharas);
  const stressed = UNSTRESSED.has(word) ? -1 : stressedSound(sounds);
  return sounds.map((ipa, at): Phone => {
    if (ipa[0] === 'ə' && (at === stressed || at === 0))
      return { ipa: ipa.replace('ə', 'ʌ'), stress: at === stressed ? 1 : 0 };
    return { ipa, stress: at === stressed ? 1 : 0 };
  });
}

function pronounceLatin(word: string, before: string): Phone[] {
  const plain = word.normalize('NFD').replace(/[^a-z]/gu, '');
  return plain
    ? pronounce(plain, { isLast: true, isSpelled: plain.length === 1, before, isBeforeVowel: false })
    : [];
}

function readAksharas(word: string): Akshara[] {
  const aksharas: Akshara[] = [];
  const letters = [...word];
  const begin = (onset: string[], vowel: string, isInherent: boolean) => {
    aksharas.push({ onset, vowel, isInherent, nasal: '', breath: false });
  };
  let isJoined = false;
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at]!;
    const last = aksharas.at(-1);
    const marked = letters[at + 1] === NUKTA ? CONSONANTS[letter + NUKTA] : undefined;
    const consonant = marked ?? CONSONANTS[letter];
    if (consonant) {
      if (isJoined && last) {
        last.onset.push(consonant);
        Object.assign(last, { vowel: 'ə', isInherent: true });
      } else begin([consonant], 'ə', true);
      isJoined = false;
    } else if (VOWELS[letter]) begin([], VOWELS[letter], false);
    else if (!last) continue;
    else if (letter === VIRAMA) {
      Object.assign(last, { vowel: '', isInherent: false });
      isJoined = true;
    } else if (VOWEL_SIGNS[letter]) Object.assign(last, { vowel: VOWEL_SIGNS[letter], isInherent: false });
    else if (letter === ANUSVARA || letter === CHANDRABINDU) last.nasal = letter;
    else if (letter === VISARGA) last.breath = true;
  }
  return aksharas;
}

/** What a final inherent vowel stays after, at the end of a cluster. */
const GLIDES: ReadonlySet<string> = new Set(['j', 'ɾ', 'l', 'ʋ']);

function deleteSchwas(aksharas: Akshara[]): void {
  const last = aksharas.at(-1);
  if (!last || aksharas.length === 1) return;
  const endsInGlide = last.onset.length > 1 && GLIDES.has(last.onset.at(-1)!);
  if (last.isInherent && !last.nasal && !last.breath && !endsInGlide) last.vowel = '';
  for (let at = aksharas.length - 2; at > 0; at--) {
    const [before, here, after] = [aksharas[at - 1]!, aksharas[at]!, aksharas[at + 1]!];
    if (!here.isInherent || here.nasal || here.breath) continue;
    // Between a vowel and one consonant, and one consonant and a vowel.
    const followsCluster = here.onset.length !== 1 || (before.nasal === ANUSVARA && !isLong(before.vowel));
    if (followsCluster || before.vowel === '') continue;
    if (after.onset.length === 1 && after.vowel !== '') here.vowel = '';
  }
}

const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^[kɡqxɣh]/u, 'ŋ'],
  [/^[cɟ]/u, 'ɲ'],
  [/^[ʈɖɽ]/u, 'ɳ'],
  [/^[pbfm]/u, 'm'],
];
const STOP = /^[kɡqcɟʈɖtdpb]/u;

function soundsOf(aksharas: readonly Akshara[]): string[] {
  const sounds: string[] = [];
  const consonants = (onset: readonly string[]) => {
    for (const consonant of onset) {
      // A consonant that is written twice is held, with the breath of the second.
      const before = sounds.at(-1);
      if (before !== undefined && consonant.replace('ʰ', '') === before)
        sounds[sounds.length - 1] = `${consonant}ː`;
      else sounds.push(consonant === 'ʂ' && before === 'k' ? 'ʃ' : consonant);
    }
  };
  for (const [at, { onset, vowel, nasal, breath }] of aksharas.entries()) {
    consonants(onset);
    if (vowel === '') continue;
    const next = aksharas[at + 1]?.onset[0];
    const isFinal = at === aksharas.length - 1;
    if (vowel === 'ɾɪ') sounds.push('ɾ');
    const bare = vowel === 'ɾɪ' ? 'ɪ' : vowel;
    const isNasalised = nasal !== '' && (isLong(vowel) || next === undefined);
    // The voices know the final ee as a short one.
    if (isNasalised) sounds.push(`${bare.replace('ː', '')}\u0303`);
    else sounds.push(isFinal && bare === 'iː' ? 'i' : bare);
    if (nasal && next !== undefined && (!isLong(vowel) || STOP.test(next)))
      sounds.push(PLACES.find(([pattern]) => pattern.test(next))?.[1] ?? 'n');
    if (breath && isFinal) sounds.push('h');
  }
  return sounds;
}

const VOWEL = /^[aeiouəɪʊɛɔ]/u;

function isLong(vowel: string): boolean {
  return vowel.endsWith('ː');
}

/** The vowel of the heaviest syllable; of several the last but the word's own last. */
function stressedSound(sounds: readonly string[]): number {
  const nuclei = sounds.flatMap((sound, at) => (VOWEL.test(sound) ? [at] : []));
  let best = -1;
  let most = 0;
  for (const [index, at] of nuclei.entries()) {
    const isLast = index === nuclei.length - 1;
    const following = (nuclei[index + 1] ?? sounds.length) - at - 1;
    // The consonant before the next vowel is that one's; a single one at the end of the word has no weight.
    const coda = Math.max(0, following - 1) + (/ː$/u.test(sounds[at + 1] ?? '') ? 1 : 0);
    // Nor has a long vowel there.
    const isLong = /ː|\u0303|^i$/u.test(sounds[at]!) && at < sounds.length - 1;
    const length = isLong ? 2 : 1;
    const weight = Math.min(3, length + coda);
    if (weight > most || (weight === most && !isLast)) {
      best = at;
      most = weight;
    }
  }
  return best;
}
