import * as spanish from 'n2words/es-ES';
import * as french from 'n2words/fr-FR';
import * as hindi from 'n2words/hi-IN';
import * as italian from 'n2words/it-IT';
import * as portuguese from 'n2words/pt-PT';
import { phonemise } from '../phonemise.ts';
import { speakable } from '../speakable.ts';
import { pronounceFrench } from './french.ts';
import { pronounceHindi } from './hindi.ts';
import { pronounceItalian } from './italian.ts';
import { phonemiseByRules } from './phonemise-by-rules.ts';
import { pronouncePortuguese } from './portuguese.ts';
import { pronounceSpanish } from './spanish.ts';
import { speakableIn } from './speakable-in.ts';
import type { SpokenLanguage } from './spoken-language.ts';

const split = (words: string) => words.split(' ');

/** Words that the library writes otherwise than they are stressed, or than Brazilians say them. */
const respelt = (words: string, replacements: Readonly<Record<string, string>>) =>
  words.replace(/\p{L}+/gu, (word) => replacements[word] ?? word);

const SPANISH_ACCENTS = {
  dieciseis: 'dieciséis',
  veintidos: 'veintidós',
  veintitres: 'veintitrés',
  veintiseis: 'veintiséis',
  punto: 'coma',
};
/** Hours are feminine. */
const FEMININE = { um: 'uma', dois: 'duas' };
const BRAZILIAN = { dezasseis: 'dezesseis', dezassete: 'dezessete', dezanove: 'dezenove' };

const metric = (
  km: string,
  m: string,
  cm: string,
  mm: string,
  kg: string,
  g: string,
  l: string,
  degree: string,
  several = 's',
): Readonly<Record<string, readonly [string, string]>> => {
  const pair = (word: string): readonly [string, string] => [
    word,
    several === '' ? word : several === 's' ? `${word}s` : word.replace(/o$/u, 'i').replace(/a$/u, 'e'),
  ];
  return {
    km: pair(km),
    m: pair(m),
    cm: pair(cm),
    mm: pair(mm),
    kg: pair(kg),
    g: pair(g),
    l: pair(l),
    '°C': pair(degree),
    '°': pair(degree),
  };
};

const SPANISH: SpokenLanguage = {
  code: 'es',
  speakable: speakableIn({
    cardinal: (number) => respelt(spanish.toCardinal(number), SPANISH_ACCENTS),
    ordinal: (number) => respelt(spanish.toOrdinal(number), SPANISH_ACCENTS),
    time: (hours, minutes) =>
      `${respelt(spanish.toCardinal(hours, { gender: 'feminine' }), SPANISH_ACCENTS)}${minutes === 0 ? '' : minutes === 30 ? ' y media' : ` y ${respelt(spanish.toCardinal(minutes), SPANISH_ACCENTS)}`}`,
    date: (day, month, year) =>
      `${respelt(spanish.toCardinal(day), SPANISH_ACCENTS)} de ${month}${year && ` de ${year}`}`,
    months: split('enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'),
    money: {
      '€': ['euro', 'euros', 'céntimos'],
      $: ['dólar', 'dólares', 'centavos'],
      '£': ['libra', 'libras', 'peniques'],
    },
    units: metric('kilómetro', 'metro', 'centímetro', 'milímetro', 'kilogramo', 'gramo', 'litro', 'grado'),
    and: 'con',
    link: 'el enlace',
    percent: 'por ciento',
    minus: 'menos',
    until: 'a',
    signs: { '&': 'y', '@': 'arroba', '+': 'más', '=': 'igual a', '.': 'punto' },
    letters: split(
      'a be ce de e efe ge hache i jota ka ele eme ene o pe cu erre ese te u uve doble equis i zeta',
    ),
    abbreviations: [
      [/\bSra\./gu, 'señora'],
      [/\bSr\./gu, 'señor'],
      [/\bDra\./gu, 'doctora'],
      [/\bDr\./gu, 'doctor'],
      [/\bp\.\s?ej\./giu, 'por ejemplo'],
      [/\betc\./giu, 'etcétera'],
      [/\bn\.º\s?/giu, 'número '],
      [/\bUds?\./gu, 'usted'],
      [/\ba\.\s?m\./giu, 'de la mañana'],
      [/\bp\.\s?m\./giu, 'de la tarde'],
    ],
    ordinalDigits: /\b(\d+)\.?[ºª]/gu,
  }),
  phonemise: (text) => phonemiseByRules(text, pronounceSpanish),
};

const ITALIAN: SpokenLanguage = {
  code: 'it',
  speakable: speakableIn({
    cardinal: (number) => italian.toCardinal(number),
    ordinal: (number) => italian.toOrdinal(number),
    time: (hours, minutes) =>
      `${italian.toCardinal(hours)}${minutes === 0 ? '' : minutes === 30 ? ' e mezza' : ` e ${italian.toCardinal(minutes)}`}`,
    date: (day, month, year) =>
      `${day === '1' ? 'primo' : italian.toCardinal(day)} ${month}${year && ` ${year}`}`,
    months: split(
      'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
    ),
    money: {
      '€': ['euro', 'euro', 'centesimi'],
      $: ['dollaro', 'dollari', 'centesimi'],
      '£': ['sterlina', 'sterline', 'penny'],
    },
    units: metric(
      'chilometro',
      'metro',
      'centimetro',
      'millimetro',
      'chilogrammo',
      'grammo',
      'litro',
      'grado',
      'i',
    ),
    and: 'e',
    link: 'il link',
    percent: 'per cento',
    minus: 'meno',
    until: 'a',
    signs: { '&': 'e', '@': 'chiocciola', '+': 'più', '=': 'uguale a', '.': 'punto' },
    letters: split(
      'a bi ci di e effe gi acca i gei cappa elle emme enne o pi cu erre esse ti u vu doppiavù ics ipsilon zeta',
    ),
    abbreviations: [
      [/\bSig\.ra\s?/gu, 'signora '],
      [/\bSig\.\s?/gu, 'signor '],
      [/\bDott\.ssa\s?/gu, 'dottoressa '],
      [/\bDott\.\s?/gu, 'dottor '],
      [/\bProf\.\s?/gu, 'professor '],
      [/\bad es\./giu, 'ad esempio'],
      [/\becc\./giu, 'eccetera'],
      [/\bn\.\s?(?=\d)/giu, 'numero '],
    ],
    ordinalDigits: /\b(\d+)[°º](?!C)/gu,
  }),
  phonemise: (text) => phonemiseByRules(text, pronounceItalian),
};

const FRENCH: SpokenLanguage = {
  code: 'fr',
  speakable: speakableIn({
    cardinal: (number) => french.toCardinal(number),
    ordinal: (number) => french.toOrdinal(number),
    time: (hours, minutes) =>
      `${hours === 1 ? 'une heure' : `${french.toCardinal(hours)} heures`}${minutes === 0 ? '' : ` ${french.toCardinal(minutes)}`}`,
    date: (day, month, year) =>
      `${day === '1' ? 'premier' : french.toCardinal(day)} ${month}${year && ` ${year}`}`,
    months: split('janvier février mars avril mai juin juillet août septembre octobre novembre décembre'),
    money: {
      '€': ['euro', 'euros', 'centimes'],
      $: ['dollar', 'dollars', 'cents'],
      '£': ['livre', 'livres', 'pence'],
    },
    units: metric('kilomètre', 'mètre', 'centimètre', 'millimètre', 'kilogramme', 'gramme', 'litre', 'degré'),
    and: 'et',
    link: 'le lien',
    percent: 'pour cent',
    minus: 'moins',
    until: 'à',
    signs: { '&': 'et', '@': 'arobase', '+': 'plus', '=': 'égale', '.': 'point' },
    letters: split(
      'a bé cé dé e effe gé ache i ji ka elle emme enne o pé cu erre esse té u vé double_vé ixe i_grec zède',
    ).map((name) => name.replace('_', ' ')),
    abbreviations: [
      [/\bMme\.?\s/gu, 'madame '],
      [/\bMlle\.?\s/gu, 'mademoiselle '],
      [/\bM\.\s/gu, 'monsieur '],
      [/\bDr\.?\s/gu, 'docteur '],
      [/\bp\.\s?ex\./giu, 'par exemple'],
      [/\betc\./giu, 'et cétéra'],
      [/\bn°\s?/giu, 'numéro '],
      [/\bSt-/gu, 'saint '],
    ],
    ordinalDigits: /\b(\d+)(?:ère|er|ème|e)\b/gu,
  }),
  phonemise: (text) => phonemiseByRules(text, pronounceFrench),
};

const PORTUGUESE: SpokenLanguage = {
  code: 'pt',
  speakable: speakableIn({
    cardinal: (number) => respelt(portuguese.toCardinal(number), BRAZILIAN),
    ordinal: (number) => portuguese.toOrdinal(number),
    time: (hours, minutes) => {
      const said = respelt(portuguese.toCardinal(hours), { ...BRAZILIAN, ...FEMININE });
      const rest = minutes === 30 ? ' e meia' : ` e ${respelt(portuguese.toCardinal(minutes), BRAZILIAN)}`;
      return minutes === 0 ? `${said} ${hours === 1 ? 'hora' : 'horas'}` : `${said}${rest}`;
    },
    date: (day, month, year) =>
      `${day === '1' ? 'primeiro' : respelt(portuguese.toCardinal(day), BRAZILIAN)} de ${month}${year && ` de ${year}`}`,
    months: split('janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro'),
    money: {
      '€': ['euro', 'euros', 'centavos'],
      R$: ['real', 'reais', 'centavos'],
      $: ['dólar', 'dólares', 'centavos'],
      '£': ['libra', 'libras', 'pence'],
    },
    units: metric('quilômetro', 'metro', 'centímetro', 'milímetro', 'quilograma', 'grama', 'litro', 'grau'),
    and: 'e',
    link: 'o link',
    percent: 'por cento',
    minus: 'menos',
    until: 'a',
    signs: { '&': 'e', '@': 'arroba', '+': 'mais', '=': 'igual a', '.': 'ponto' },
    letters: split(
      'á bê cê dê é efe gê agá i jota cá ele eme ene ó pê quê erre esse tê u vê dáblio xis ípsilon zê',
    ),
    abbreviations: [
      [/\bSra\.\s?/gu, 'senhora '],
      [/\bSr\.\s?/gu, 'senhor '],
      [/\bDra\.\s?/gu, 'doutora '],
      [/\bDr\.\s?/gu, 'doutor '],
      [/\bp\.\s?ex\./giu, 'por exemplo'],
      [/\betc\./giu, 'etcétera'],
      [/\bn\.?º\s?/giu, 'número '],
    ],
    ordinalDigits: /\b(\d+)\.?[ºª]/gu,
  }),
  phonemise: (text) => phonemiseByRules(text, pronouncePortuguese),
};

const HINDI_SIGNS = speakableIn({
  cardinal: (number) => hindiCardinal(number),
  ordinal: (number) => hindi.toOrdinal(number),
  time: (hours, minutes) => {
    if (minutes === 30) return hours === 1 ? 'डेढ़' : hours === 2 ? 'ढाई' : `साढ़े ${hindi.toCardinal(hours)}`;
    return minutes === 0
      ? hindi.toCardinal(hours)
      : `${hindi.toCardinal(hours)} ${hindi.toCardinal(minutes)}`;
  },
  date: (day, month, year) => `${hindi.toCardinal(day)} ${month}${year && ` ${year}`}`,
  months: split('जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर'),
  money: {
    '₹': ['रुपया', 'रुपये', 'पैसे'],
    '€': ['यूरो', 'यूरो', 'सेंट'],
    $: ['डॉलर', 'डॉलर', 'सेंट'],
    '£': ['पाउंड', 'पाउंड', 'पेंस'],
  },
  units: metric('किलोमीटर', 'मीटर', 'सेंटीमीटर', 'मिलीमीटर', 'किलोग्राम', 'ग्राम', 'लीटर', 'डिग्री', ''),
  and: 'और',
  link: 'लिंक',
  percent: 'प्रतिशत',
  minus: 'माइनस',
  until: 'से',
  signs: { '&': 'और', '@': 'ऐट', '+': 'धन', '=': 'बराबर', '.': 'डॉट' },
  letters: split('ए बी सी डी ई एफ़ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डबल्यू एक्स वाई ज़ेड'),
  abbreviations: [
    [/(?<!\p{L})डॉ\.\s?/gu, 'डॉक्टर '],
    [/(?<!\p{L})प्रो\.\s?/gu, 'प्रोफ़ेसर '],
    [/(?<!\p{L})श्री\.\s?/gu, 'श्री '],
    [/(?<!\p{L})कि\.?\s?मी\./gu, 'किलोमीटर'],
    [/(?<!\p{L})से\.?\s?मी\./gu, 'सेंटीमीटर'],
    [/(?<!\p{L})मी\./gu, 'मीटर'],
    [/(?<!\p{L})रु\.?(?=[\s,.]|$)/gu, 'रुपये'],
    [/(?<!\p{L})इ\.?त्यादि/gu, 'इत्यादि'],
  ],
  ordinalDigits: /(?<!\d)(\d+)(?:वाँ|वां|वीं|वें)/gu,
});

/** Numbers of eleven to nineteen hundred are said in hundreds, years above all. */
function hindiCardinal(number: string): string {
  const hundreds = /^(1[1-9])(\d\d)$/u.exec(number);
  if (!hundreds) return hindi.toCardinal(number);
  const rest = Number(hundreds[2]);
  return `${hindi.toCardinal(hundreds[1]!)} सौ${rest === 0 ? '' : ` ${hindi.toCardinal(rest)}`}`;
}

const HINDI: SpokenLanguage = {
  code: 'hi',
  speakable: (text) =>
    HINDI_SIGNS(
      text
        .replace(/[\u200c\u200d]/gu, '')
        .replace(/[०-९]/gu, (digit) => String(digit.charCodeAt(0) - 0x966))
        .replace(/\s*[।॥]/gu, '.')
        // Commas group digits here, by twos and threes; a point begins the decimals.
        .replace(/(?<=\d),(?=\d{2,3}(?!\d))/gu, '')
        .replace(/(?<![\d.])(\d+)\.(\d+)(?![\d.]*\d)/gu, '$1,$2'),
    ),
  phonemise: (text) => phonemiseByRules(text, pronounceHindi),
};

/** English is read with a dictionary, the others by rules. */
export const SPOKEN_LANGUAGES: Readonly<Record<string, SpokenLanguage>> = {
  en: { code: 'en', speakable, phonemise },
  es: SPANISH,
  fr: FRENCH,
  hi: HINDI,
  it: ITALIAN,
  pt: PORTUGUESE,
};
