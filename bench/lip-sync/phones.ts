/** ARPABET without stress digits; `sil` is a pause. */
export type Phone = string;

/** A phone of an aligned clip. */
export interface PhoneSpan {
  readonly phone: Phone;
  readonly startMs: number;
  readonly endMs: number;
}

/** Lips together. */
export const BILABIAL: ReadonlySet<Phone> = new Set(['P', 'B', 'M']);
/** Lower lip at the upper teeth. */
export const LABIODENTAL: ReadonlySet<Phone> = new Set(['F', 'V']);

/** How far each vowel opens the mouth, 0 to 1 (the same ranking as in models/evaluate.py). */
export const VOWEL_OPENNESS: Readonly<Record<Phone, number>> = {
  AA: 1,
  AW: 0.9,
  AE: 0.9,
  AY: 0.85,
  AO: 0.75,
  EH: 0.6,
  AH: 0.55,
  OY: 0.55,
  OW: 0.5,
  EY: 0.45,
  ER: 0.35,
  IH: 0.35,
  UH: 0.3,
  IY: 0.25,
  UW: 0.2,
};

/** How far each vowel rounds the lips, 0 to 1; those that are not here do not. */
export const VOWEL_ROUNDING: Readonly<Record<Phone, number>> = {
  UW: 1,
  OW: 0.9,
  UH: 0.7,
  AO: 0.6,
  OY: 0.6,
  AW: 0.4,
};

/** Reads a line's phones, `IH1:80 N:60 sp:40 :20`: ARPABET and milliseconds, where `sp`, `spn` and the empty name are pauses. */
export function readPhones(line: string): PhoneSpan[] {
  const spans: PhoneSpan[] = [];
  let startMs = 0;
  for (const token of line.trim().split(/\s+/)) {
    const [, name, durationMs] = token.match(/^([A-Za-z]*)\d*:(\d+)$/) ?? [];
    if (durationMs === undefined) throw new RangeError(`"${token}" is not a phone with its milliseconds`);
    const phone = name === '' || name === 'sp' || name === 'spn' || name === 'sil' ? 'sil' : name!;
    const endMs = startMs + Number(durationMs);
    const last = spans.at(-1);
    // Two equal phones in a row are one for the lips.
    if (last?.phone === phone) spans[spans.length - 1] = { ...last, endMs };
    else spans.push({ phone, startMs, endMs });
    startMs = endMs;
  }
  return spans;
}

/** The phone at a time; `sil` outside of the clip. */
export function phoneAt(spans: readonly PhoneSpan[], timeMs: number): Phone {
  return spans.find(({ startMs, endMs }) => timeMs >= startMs && timeMs < endMs)?.phone ?? 'sil';
}
