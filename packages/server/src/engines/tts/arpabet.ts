/** A phone as its voice writes it. */
export interface Phone {
  /** IPA symbols of one sound, length and diphthong marks included, stress mark excluded. */
  readonly ipa: string;
  /** 0 none, 1 primary, 2 secondary; consonants have none. */
  readonly stress: 0 | 1 | 2;
}

const IPA_OF: Readonly<Record<string, string>> = {
  AA: 'ɑː',
  AE: 'æ',
  AH: 'ʌ',
  AO: 'ɔː',
  AW: 'aʊ',
  AY: 'aɪ',
  B: 'b',
  CH: 'tʃ',
  D: 'd',
  DH: 'ð',
  EH: 'ɛ',
  ER: 'ɜː',
  EY: 'eɪ',
  F: 'f',
  G: 'ɡ',
  HH: 'h',
  IH: 'ɪ',
  IY: 'iː',
  JH: 'dʒ',
  K: 'k',
  L: 'l',
  M: 'm',
  N: 'n',
  NG: 'ŋ',
  OW: 'oʊ',
  OY: 'ɔɪ',
  P: 'p',
  R: 'ɹ',
  S: 's',
  SH: 'ʃ',
  T: 't',
  TH: 'θ',
  UH: 'ʊ',
  UW: 'uː',
  V: 'v',
  W: 'w',
  Y: 'j',
  Z: 'z',
  ZH: 'ʒ',
};

const UNSTRESSED: Readonly<Record<string, string>> = { AH: 'ə', ER: 'ɚ', IY: 'i' };

/**
 * Phones of a pronunciation in ARPABET, as CMUdict writes it (`HH AH0 L OW1`), in the IPA that espeak-ng's American
 * English uses and that Piper and Kokoro were trained on.
 */
export function phonesOfArpabet(pronunciation: string): Phone[] {
  return pronunciation.split(' ').map((symbol) => {
    const name = symbol.replace(/\d$/, '');
    const digit = symbol.length > name.length ? (Number(symbol.at(-1)) as 0 | 1 | 2) : null;
    const ipa = (digit === 0 ? UNSTRESSED[name] : undefined) ?? IPA_OF[name];
    if (!ipa) throw new RangeError(`"${symbol}" is not an ARPABET symbol.`);
    return { ipa, stress: digit ?? 0 };
  });
}
