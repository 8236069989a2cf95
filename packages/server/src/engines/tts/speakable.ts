import { cardinal, decimal, ordinal, spellDigits, yearWords } from './number-words.ts';
import { stripMarkup } from './strip-markup.ts';

/**
 * Writes English text as it is spoken: numbers, money, dates, times, units and abbreviations in words; markup and
 * emoji dropped, a link called so. What is left are letters, apostrophes and the punctuation `, . ! ? ; :`.
 */
export function speakable(text: string): string {
  let spoken = stripMarkup(text.normalize('NFKC').replace(/[‘’ʼ]/g, "'"), 'the link');
  for (const [pattern, replacement] of RULES) {
    spoken =
      typeof replacement === 'string'
        ? spoken.replace(pattern, replacement)
        : spoken.replace(pattern, (...match) => replacement(...(match as string[])));
  }
  return spoken;
}

type Rule = readonly [RegExp, string | ((...match: string[]) => string)];

const plain = (digits: string) => digits.replaceAll(',', '');
const plural = (count: string, unit: string) => (plain(count) === '1' ? unit : `${unit}s`);
/** Initials as phonemise knows them: separate capitals. */
const letters = (word: string) => [...word].join(' ');

const CURRENCIES: Readonly<Record<string, readonly [string, string]>> = {
  $: ['dollar', 'cent'],
  '€': ['euro', 'cent'],
  '£': ['pound', 'penny'],
  '¥': ['yen', ''],
};

function money(symbol: string, amount: string, scale?: string): string {
  const [unit, cent] = CURRENCIES[symbol]!;
  const units = unit === 'yen' ? unit : `${unit}s`;
  if (scale) return `${decimal(plain(amount))} ${scale} ${units}`;
  const [whole = '0', fraction] = plain(amount).split('.');
  const main = `${cardinal(whole)} ${whole === '1' ? unit : units}`;
  const cents = Number(fraction?.padEnd(2, '0').slice(0, 2) ?? 0);
  if (!cents || !cent) return main;
  const small = cent === 'penny' ? (cents === 1 ? 'penny' : 'pence') : cents === 1 ? cent : `${cent}s`;
  const tail = `${cardinal(String(cents))} ${small}`;
  return Number(whole) === 0 ? tail : `${main} and ${tail}`;
}

function time(hours: string, minutes: string, half?: string): string {
  const hour = Number(hours);
  const minute = Number(minutes);
  if (hour > 24 || minute > 59) return `${cardinal(hours)} ${cardinal(String(minute))}`;
  const words = cardinal(String(hour));
  const tail = half ? ` ${letters(half.replace(/[^a-z]/gi, '').toUpperCase())}` : '';
  if (minute === 0)
    return half ? `${words}${tail}` : hour > 12 || hour === 0 ? `${words} hundred` : `${words} o'clock`;
  return `${words} ${minute < 10 ? `oh ${cardinal(String(minute))}` : cardinal(String(minute))}${tail}`;
}

const UNITS: Readonly<Record<string, string>> = {
  km: 'kilometer',
  m: 'meter',
  cm: 'centimeter',
  mm: 'millimeter',
  kg: 'kilogram',
  g: 'gram',
  mg: 'milligram',
  l: 'liter',
  ml: 'milliliter',
  ms: 'millisecond',
  s: 'second',
  sec: 'second',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  mi: 'mile',
  lb: 'pound',
  lbs: 'pound',
  oz: 'ounce',
  GB: 'gigabyte',
  MB: 'megabyte',
  kB: 'kilobyte',
  TB: 'terabyte',
};

const MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December';
const NUMBER = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  Mr: 'Mister',
  Mrs: 'Missis',
  Ms: 'Miz',
  Dr: 'Doctor',
  Prof: 'Professor',
  St: 'Saint',
  Jr: 'Junior',
  Sr: 'Senior',
  Capt: 'Captain',
  Gen: 'General',
  Sgt: 'Sergeant',
  Lt: 'Lieutenant',
  vs: 'versus',
  etc: 'et cetera',
  approx: 'approximately',
  dept: 'department',
  est: 'established',
  Ave: 'Avenue',
  Rd: 'Road',
  Blvd: 'Boulevard',
  Ltd: 'Limited',
  Inc: 'Incorporated',
  Co: 'Company',
};

/** Applied in this order: the longest number forms, then what is left of them. */
const RULES: readonly Rule[] = [
  // Addresses.
  [/\b[\w.+-]+@([\w-]+\.)+[a-z]{2,}\b/gi, (address) => address.replace('@', ' at ').replaceAll('.', ' dot ')],
  // Punctuation that is a pause.
  [/\s*(?:—|–|\s-{1,3}\s|…|\.{3,})\s*/g, ', '],
  [/["“”«»]/g, ' '],
  [/\s*[([{]\s*/g, ', '],
  [/\s*[)\]}]\s*([,.!?;:])?/g, (_, mark) => `${mark ?? ','} `],
  // Abbreviations.
  [/\be\.\s?g\.,?/gi, 'for example'],
  [/\bi\.\s?e\.,?/gi, 'that is'],
  [/\b(a|p)\.\s?m\.?(?=\W|$)/gi, (_, half) => `${half!.toUpperCase()}M`],
  [/\b(?:[A-Z]\.){2,}/g, (initials) => letters(initials.replaceAll('.', ''))],
  [/\bNo\.\s?(?=\d)/g, 'number '],
  [
    new RegExp(String.raw`\b(${Object.keys(ABBREVIATIONS).join('|')})\.(?=\s|,|$)`, 'g'),
    (_, short) => ABBREVIATIONS[short!]!,
  ],
  [/\b(\d{1,2}(?:st|nd|rd|th)?|\w+) St\b(?!\.)/g, '$1 Street'],
  [/\band\/or\b/g, 'and or'],
  [/\b(\d{3})-(\d{4})\b/g, (_, first, second) => `${spellDigits(first!)}, ${spellDigits(second!)}`],
  // Dates and times.
  [
    /\b(\d{4})-(\d{2})-(\d{2})\b/g,
    (_, year, month, day) =>
      `${MONTHS.split('|')[Number(month) - 1] ?? month} ${ordinal(String(Number(day)))}, ${yearWords(year!)}`,
  ],
  [
    new RegExp(String.raw`\b(${MONTHS}) (\d{1,2})(?:st|nd|rd|th)?\b(?!:)`, 'g'),
    (_, month, day) => `${month} ${ordinal(day!)}`,
  ],
  [
    /\b(\d{1,2}):(\d{2})(?::\d{2})?(?:\s?([ap]m)\b)?/gi,
    (_, hours, minutes, half) => time(hours!, minutes!, half),
  ],
  [/\b(\d{1,2})\s?([ap]m)\b/gi, (_, hours, half) => time(hours!, '0', half)],
  [/\b(1[1-9]|20)(\d)0s\b/g, (_, century, decade) => `${cardinal(century!)} ${decadeWord(decade!)}`],
  [
    /(?<![\d.,])(1[1-9]\d\d|20\d\d)(?![\d,.]*\d|\s?(?:km|m|kg|g|%|percent|people|euros|dollars|meters))/g,
    (_, year) => yearWords(year!),
  ],
  // Money, shares, units.
  [
    new RegExp(String.raw`([$€£¥])\s?(${NUMBER})(?:\s?(thousand|million|billion|trillion))?`, 'g'),
    (_, symbol, amount, scale) => money(symbol!, amount!, scale),
  ],
  [new RegExp(String.raw`(${NUMBER})\s?([€£¥])`, 'g'), (_, amount, symbol) => money(symbol!, amount!)],
  [new RegExp(String.raw`(${NUMBER})\s?%`, 'g'), (_, share) => `${decimal(plain(share!))} percent`],
  [
    new RegExp(String.raw`(${NUMBER})\s?°\s?([CF])?\b`, 'g'),
    (_, degrees, scale) =>
      `${decimal(plain(degrees!))} ${plural(degrees!, 'degree')}${scale ? (scale === 'C' ? ' Celsius' : ' Fahrenheit') : ''}`,
  ],
  [new RegExp(String.raw`(${NUMBER})\s?km\/h\b`, 'g'), (_, n) => `${decimal(plain(n!))} kilometers per hour`],
  [
    new RegExp(String.raw`(${NUMBER})\s?(${Object.keys(UNITS).join('|')})\b(?!')`, 'g'),
    (_, n, unit) => `${decimal(plain(n!))} ${plural(n!, UNITS[unit!]!)}`,
  ],
  // Plain numbers.
  [/\b(\d+)(?:st|nd|rd|th)\b/gi, (_, digits) => ordinal(digits!)],
  [/\b1\/2\b/g, 'one half'],
  [/\b1\/4\b/g, 'one quarter'],
  [/\b3\/4\b/g, 'three quarters'],
  [/(\d)\s?[-–]\s?(\d)/g, '$1 to $2'],
  [/(^|[\s(])-(\d)/g, '$1minus $2'],
  [new RegExp(NUMBER, 'g'), (number) => ` ${spokenNumber(plain(number))} `],
  // Signs.
  [/\s*&\s*/g, ' and '],
  [/\s*@\s*/g, ' at '],
  [/\s*\+\s*/g, ' plus '],
  [/\s*=\s*/g, ' equals '],
  [/\b([a-z])\/([a-z])\b/gi, '$1 $2'],
  [/(\w)\/(\w)/g, '$1 or $2'],
  [/\b([A-Z]{2,5})s\b/g, (_, word) => `${letters(word!)}'s`],
  [/(\w)-(?=\w)/g, '$1 '],
  // What no voice can say.
  [/[^\p{L}' ,.!?;:\n]/gu, ' '],
  [/\p{L}+/gu, (word) => word.normalize('NFD').replace(/\p{M}/gu, '')],
  [/(?<![A-Za-z])'|'(?![A-Za-z])(?<!s')/g, ' '],
  [/\n+/g, '. '],
  [/\s+([,.!?;:])/g, '$1'],
  [/([,.!?;:])(?:[,;:])+/g, '$1'],
  [/[,;:]([.!?])/g, '$1'],
  [/([.!?])\.+/g, '$1'],
  [/^[\s,.;:]+/, ''],
  [/\s+/g, ' '],
  [/[,;:]? ?$/, ''],
];

function spokenNumber(digits: string): string {
  return /^0\d/.test(digits) ? spellDigits(digits.replace('.', '')) : decimal(digits);
}

function decadeWord(digit: string): string {
  const words = [
    'hundreds',
    'tens',
    'twenties',
    'thirties',
    'forties',
    'fifties',
    'sixties',
    'seventies',
    'eighties',
    'nineties',
  ];
  return words[Number(digit)]!;
}
