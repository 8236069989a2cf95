const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const SCALES: readonly (readonly [bigint, string])[] = [
  [1_000_000_000_000n, 'trillion'],
  [1_000_000_000n, 'billion'],
  [1_000_000n, 'million'],
  [1_000n, 'thousand'],
];
const IRREGULAR_ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};
/** Longer runs of digits are codes and are read digit by digit. */
const MOST_DIGITS = 15;

/** `1204` -> `one thousand two hundred four`. @param digits Decimal digits only. */
export function cardinal(digits: string): string {
  if (digits.length > MOST_DIGITS || (digits.length > 1 && digits.startsWith('0')))
    return spellDigits(digits);
  return cardinalOf(BigInt(digits));
}

/** `21` -> `twenty first`. */
export function ordinal(digits: string): string {
  const words = cardinal(digits).split(' ');
  const last = words.pop()!;
  const regular = last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`;
  return [...words, IRREGULAR_ORDINALS[last] ?? regular].join(' ');
}

/** `1972` -> `nineteen seventy two`, `2005` -> `two thousand five`. @param digits Four digits. */
export function yearWords(digits: string): string {
  const [century, rest] = [Number(digits.slice(0, 2)), Number(digits.slice(2))];
  if (century % 10 === 0 && rest < 10) return cardinal(String(Number(digits)));
  if (rest === 0) return `${cardinal(String(century))} hundred`;
  return `${cardinal(String(century))} ${rest < 10 ? `oh ${ONES[rest]}` : cardinal(String(rest))}`;
}

/** `3.14` -> `three point one four`. @param digits Digits with at most one point. */
export function decimal(digits: string): string {
  const [whole, fraction] = digits.split('.') as [string, string?];
  const words = cardinal(whole || '0');
  return fraction ? `${words} point ${spellDigits(fraction)}` : words;
}

/** `407` -> `four zero seven`. */
export function spellDigits(digits: string): string {
  return [...digits].map((digit) => ONES[Number(digit)]).join(' ');
}

function cardinalOf(value: bigint): string {
  for (const [scale, name] of SCALES) {
    if (value < scale) continue;
    const rest = value % scale;
    return `${cardinalOf(value / scale)} ${name}${rest > 0n ? ` ${cardinalOf(rest)}` : ''}`;
  }
  const number = Number(value);
  if (number >= 100) {
    const rest = number % 100;
    return `${ONES[Math.floor(number / 100)]} hundred${rest > 0 ? ` ${cardinalOf(BigInt(rest))}` : ''}`;
  }
  if (number < 20) return ONES[number]!;
  return TENS[Math.floor(number / 10)]! + (number % 10 > 0 ? ` ${ONES[number % 10]}` : '');
}
