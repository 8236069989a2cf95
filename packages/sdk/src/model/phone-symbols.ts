/**
 * The phones that an articulator knows: silence and the 39 phones of American English as CMUdict writes them, without
 * stress digits (ARPABET). An export may list them in any order.
 */
export const PHONE_SYMBOLS = [
  'sil',
  'AA',
  'AE',
  'AH',
  'AO',
  'AW',
  'AY',
  'B',
  'CH',
  'D',
  'DH',
  'EH',
  'ER',
  'EY',
  'F',
  'G',
  'HH',
  'IH',
  'IY',
  'JH',
  'K',
  'L',
  'M',
  'N',
  'NG',
  'OW',
  'OY',
  'P',
  'R',
  'S',
  'SH',
  'T',
  'TH',
  'UH',
  'UW',
  'V',
  'W',
  'Y',
  'Z',
  'ZH',
] as const;

/** `sil` or an ARPABET phone. */
export type PhoneSymbol = (typeof PHONE_SYMBOLS)[number];
