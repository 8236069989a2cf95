import { stripMarkup } from '../strip-markup.ts';

/** The words of a language that text writes in digits and signs. Numbers are digits with at most one point. */
export interface SignWords {
  cardinal(number: string): string;
  ordinal(number: string): string;
  /** Hours and minutes of a day of 24 hours. */
  time(hours: number, minutes: number): string;
  /** Day of the month, month name, and year in words or ''. */
  date(day: string, month: string, year: string): string;
  readonly months: readonly string[];
  /** A currency's sign, its unit, several of them, and what a hundredth is called. */
  readonly money: Readonly<Record<string, readonly [one: string, many: string, cents: string]>>;
  readonly units: Readonly<Record<string, readonly [one: string, many: string]>>;
  /** What stands between a whole amount and its cents. */
  readonly and: string;
  readonly percent: string;
  /** What a link is called inside a sentence, with its article. */
  readonly link: string;
  readonly minus: string;
  readonly until: string;
  readonly signs: Readonly<Record<'&' | '@' | '+' | '=' | '.', string>>;
  /** Names of the letters a to z. */
  readonly letters: readonly string[];
  readonly abbreviations: readonly (readonly [RegExp, string])[];
  /** Matches an ordinal in digits; its group 1 is the number. */
  readonly ordinalDigits: RegExp;
}

const NUMBER = String.raw`\d{1,3}(?:[.  ]\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?`;

/** @returns A function that writes text as it is spoken, see `SpokenLanguage.speakable`. */
export function speakableIn(words: SignWords): (text: string) => string {
  const rules = rulesFor(words);
  return (text) => {
    let spoken = stripMarkup(text.normalize('NFC').replace(/[‘’ʼ]/gu, "'"), words.link);
    for (const [pattern, replace] of rules)
      spoken = spoken.replace(pattern, (...match) => replace(...(match as string[])));
    return spoken;
  };
}

type Rule = readonly [RegExp, (...match: string[]) => string];

function rulesFor(words: SignWords): Rule[] {
  const { months, money, units, signs } = words;
  const say = (number: string) => words.cardinal(number);
  const amount = (number: string, [one, many, cents]: readonly [string, string, string]) => {
    const [whole = '0', fraction = ''] = plain(number).split('.');
    const small = Number(fraction.padEnd(2, '0').slice(0, 2));
    const main = `${say(whole)} ${whole === '1' ? one : many}`;
    if (small === 0) return main;
    return Number(whole) === 0
      ? `${say(String(small))} ${cents}`
      : `${main} ${words.and} ${say(String(small))} ${cents}`;
  };
  const escaped = (keys: readonly string[]) => keys.map((key) => key.replace(/[$.*+?()[\]{}|^/]/gu, '\\$&'));
  const moneySigns = escaped(Object.keys(money)).join('|');
  const unitNames = escaped(Object.keys(units).toSorted((a, b) => b.length - a.length)).join('|');
  const year = (digits: string | undefined) => (digits ? say(digits) : '');
  return [
    [
      /\b[\w.+-]+@([\w-]+\.)+[a-z]{2,}\b/giu,
      (address) => address.replace('@', ` ${signs['@']} `).replaceAll('.', ` ${signs['.']} `),
    ],
    [/[¿¡"“”«»]/gu, () => ' '],
    [/\s*(?:—|–|\s-{1,3}\s|…|\.{3,})\s*/gu, () => ', '],
    [/\s*[([{]\s*/gu, () => ', '],
    [/\s*[)\]}]\s*([,.!?;:])?/gu, (_, mark) => `${mark ?? ','} `],
    ...words.abbreviations.map(([pattern, full]): Rule => [pattern, () => full]),
    // Dates and times.
    [
      /\b(\d{4})-(\d{2})-(\d{2})\b/gu,
      (_, y, month, day) => words.date(String(Number(day)), months[Number(month) - 1] ?? month!, year(y)),
    ],
    [
      /\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b/gu,
      (_, day, month, y) => words.date(String(Number(day)), months[Number(month) - 1] ?? month!, year(y)),
    ],
    [
      /\b(\d{1,2})(?::|h)(\d{2})(?::\d{2})?(?!\d)/gu,
      (_, hours, minutes) => words.time(Number(hours), Number(minutes)),
    ],
    [/\b(\d{1,2})\s?h\b/gu, (_, hours) => words.time(Number(hours), 0)],
    [words.ordinalDigits, (_, number) => words.ordinal(number!)],
    // Money, shares, units.
    [/(^|[\s(])-(?=\d)/gu, (_, space) => `${space}${words.minus} `],
    [
      new RegExp(String.raw`(${moneySigns})\s?(${NUMBER})`, 'gu'),
      (_, sign, number) => amount(number!, money[sign!]!),
    ],
    [
      new RegExp(String.raw`(${NUMBER})\s?(${moneySigns})`, 'gu'),
      (_, number, sign) => amount(number!, money[sign!]!),
    ],
    [new RegExp(String.raw`(${NUMBER})\s?%`, 'gu'), (_, number) => `${say(plain(number!))} ${words.percent}`],
    [
      new RegExp(String.raw`(${NUMBER})\s?(${unitNames})(?![\p{L}\d])`, 'gu'),
      (_, number, unit) => `${say(plain(number!))} ${units[unit!]![number === '1' ? 0 : 1]}`,
    ],
    // Plain numbers.
    [/(\d)\s?[-–]\s?(?=\d)/gu, (_, digit) => `${digit} ${words.until} `],
    [
      new RegExp(NUMBER, 'gu'),
      (number) => {
        const digits = plain(number);
        return ` ${/^0\d/u.test(digits) ? [...digits.replace('.', '')].map(say).join(' ') : say(digits)} `;
      },
    ],
    // Signs.
    [/\s*([&@+=])\s*/gu, (_, sign) => ` ${signs[sign as '&']} `],
    [/([\p{L}\p{M}])\/(?=\p{L})/gu, (_, letter) => `${letter} `],
    // Initials, and words in capitals that nobody could read.
    [
      /\b(?:[A-Z]\.){2,}|\b[BCDFGHJKLMNPQRSTVWXZ]{2,5}\b/gu,
      (initials) =>
        [...initials.replaceAll('.', '')]
          .map((letter) => words.letters[letter.charCodeAt(0) - 65] ?? '')
          .join(' '),
    ],
    [/([\p{L}\p{M}])-(?=\p{L})/gu, (_, letter) => `${letter} `],
    // What no voice can say.
    [/[^\p{L}\p{Script=Devanagari}' ,.!?;:\n]/gu, () => ' '],
    [/(?<![\p{L}\p{M}])'|'(?!\p{L})/gu, () => ' '],
    [/\n+/gu, () => '. '],
    [/\s+([,.!?;:])/gu, (_, mark) => mark!],
    [/([,.!?;:])(?:[,;:])+/gu, (_, mark) => mark!],
    [/[,;:]([.!?])/gu, (_, mark) => mark!],
    [/([.!?])\.+/gu, (_, mark) => mark!],
    [/^[\s,.;:]+/u, () => ''],
    [/\s+/gu, () => ' '],
    [/[,;:]? ?$/u, () => ''],
  ];
}

/** Digits with a point, whatever the text writes: `1.204,5` is 1204.5, `3.14` is 3.14. */
function plain(number: string): string {
  const grouped = /^\d{1,3}(?:[.  ]\d{3})+(?:,\d+)?$/u.test(number);
  return (grouped ? number.replace(/[.  ]/gu, '') : number).replace(',', '.');
}
