import { describe, expect, it } from 'vitest';
import { SPOKEN_LANGUAGES } from '../../../src/engines/tts/languages/languages.ts';

const spoken = (language: string, text: string) => SPOKEN_LANGUAGES[language]!.speakable(text);

describe('numbers, dates, money and abbreviations are written as they are spoken', () => {
  it.each([
    ['es', 'La entrada cuesta 12,50 €.', 'La entrada cuesta doce euros con cincuenta céntimos.'],
    ['es', 'Mide 1.204 km o 3,5 m.', 'Mide mil doscientos cuatro kilómetros o tres coma cinco metros.'],
    ['es', 'Abre a las 9:30, no a las 16:00.', 'Abre a las nueve y media, no a las dieciséis.'],
    [
      'es',
      'El 2024-02-01, Sr. López, etc.',
      'El uno de febrero de dos mil veinticuatro, señor López, etcétera',
    ],
    ['es', '-5 °C, 25 %, el 3.º', 'menos cinco grados, veinticinco por ciento, el tercero'],
    ['es', 'de 20-30 personas en la TV', 'de veinte a treinta personas en la te uve'],
    ['it', 'Il biglietto costa 8 €.', 'Il biglietto costa otto euro.'],
    ['it', 'Il 3° piano, 20 °C, ecc.', 'Il terzo piano, venti gradi, eccetera'],
    ['it', 'Il 1/5/1891 alle 9:30', 'Il primo maggio milleottocentonovantuno alle nove e mezza'],
    ['fr', "C'est le 1er étage, n° 7.", "C'est le premier étage, numéro sept."],
    ['fr', 'Ouvert à 9h30 : 12,50 €', 'Ouvert à neuf heures trente: douze euros et cinquante centimes'],
    [
      'fr',
      'Mme Dupont, 80 %, 1 204 km',
      'madame Dupont, quatre vingts pour cent, mille deux cent quatre kilomètres',
    ],
    ['hi', 'टिकट ₹1,23,456.50 का है।', 'टिकट एक लाख तेईस हज़ार चार सौ छप्पन रुपये और पचास पैसे का है.'],
    ['hi', '9:30 बजे, 1:30 बजे, १६:०० बजे', 'साढ़े नौ बजे, डेढ़ बजे, सोलह बजे'],
    [
      'hi',
      'डॉ. शर्मा, 15/5/1891, 3.5 मी. और 25 %',
      'डॉक्टर शर्मा, पंद्रह मई अठारह सौ इक्यानवे, तीन दशमलव पाँच मीटर और पच्चीस प्रतिशत',
    ],
    ['hi', 'दिन-रात, 3वाँ दिन, TV', 'दिन रात, तीसरा दिन, टी वी'],
    ['pt', '16 pessoas e R$ 12,50', 'dezesseis pessoas e doze reais e cinquenta centavos'],
    ['pt', 'Dr. Silva às 2:30, 2º andar', 'doutor Silva às duas e meia, segundo andar'],
  ])('%s: %s', (language, text, expected) => {
    expect(spoken(language, text)).toBe(expected);
  });
});

const LINKS: Readonly<Record<string, string>> = {
  en: 'the link',
  es: 'el enlace',
  fr: 'le lien',
  hi: 'लिंक',
  it: 'il link',
  pt: 'o link',
};

it.each(Object.keys(SPOKEN_LANGUAGES))('markup, links and emoji are not read aloud: %s', (language) => {
  const said = spoken(language, '**Aa** 😀 [bb](http://x.y/z) https://a.b/c?d `ee`\n- ff');
  // A sentence would be torn where its link is.
  expect(said).toBe(`Aa bb ${LINKS[language]} ee. ff`);
});

it.each(Object.keys(SPOKEN_LANGUAGES))('hostile text neither throws nor lasts: %s', (language) => {
  for (const text of ['('.repeat(2_000), '1'.repeat(2_000), '1.'.repeat(1_000), '¿'.repeat(2_000), '', '€€€'])
    expect(typeof spoken(language, text)).toBe('string');
});
