import { describe, expect, it } from 'vitest';
import { kokoroSymbols } from '../../../src/engines/tts/kokoro-symbols.ts';
import { SPOKEN_LANGUAGES } from '../../../src/engines/tts/languages/languages.ts';

function ipa(language: string, text: string): string {
  return SPOKEN_LANGUAGES[language]!.phonemise(text)
    .map((piece) =>
      piece.type === 'mark'
        ? piece.mark
        : piece.phones.map(({ ipa, stress }) => (stress === 1 ? 'ˈ' : '') + ipa).join(''),
    )
    .join('')
    .normalize('NFC');
}

// As dictionaries of each language have it; written in the notation that the voices were trained on.
describe('words are read by the rules of their language', () => {
  it.each([
    ['es', 'la ciudad', 'la θjuðˈað'],
    ['es', 'veintitrés niños', 'beɪntitɾˈes nˈiɲos'],
    ['es', 'llegó el pingüino', 'ʎeɣˈo el piŋɡwˈino'],
    ['es', 'un reloj, gente', 'un relˈox, xˈente'],
    ['it', 'la famiglia', 'la famˈiʎa'],
    ['it', 'gli gnocchi', 'ʎi ɲˈɔkːɪ'],
    ['it', 'la città è più bella', 'la tʃitːˈa ˈɛ pjˈu bˈella'],
    ['it', "dell'acqua", 'dellˈakːwa'],
    ['fr', 'les enfants', 'lezɑ̃fˈɑ̃'],
    ['fr', "c'est beaucoup", 'sɛ bokˈu'],
    ['fr', 'la fille du musée', 'la fˈij dy myzˈe'],
    ['fr', 'souvent, ils parlent', 'suvˈɑ̃, il pˈaʁl'],
    ['hi', 'घर कमल', 'ɡʰˈʌɾ kˈʌməl'],
    ['hi', 'समझना चलना बचपन', 'səmˈʌɟʰnaː cˈʌlnaː bˈʌcpən'],
    ['hi', 'कलकत्ता, अंतरिक्ष', 'kəlkˈʌtːaː, ˈʌntəɾɪkʃ'],
    ['hi', 'सूर्य चन्द्रमा', 'sˈuːɾjə cˈʌndɾəmaː'],
    ['hi', 'हिंदी पंजाब अंडा संबंध अंग्रेज़ी', 'hˈɪndi pˈʌɲɟaːb ˈʌɳɖaː sˈʌmbəndʰ ˈʌŋɡɾeːzi'],
    ['hi', 'माँ चाँद लोगों हैं', 'mˈã cˈãnd lˈoːɡõ hɛ̃'],
    ['hi', 'सड़क पढ़ना फ़िल्म ज्ञान क्षमा', 'sˈʌɽək pˈʌɽʰnaː fˈɪlm ɡjˈaːn kʃˈʌmaː'],
    ['hi', 'यह भाषा', 'jˈeː bʰˈaːʂaː'],
    ['pt', 'não sei', 'nˈɐ̃ʊ̃ sˈeɪ'],
    ['pt', 'a cidade', 'æ sidˈadʒy'],
    ['pt', 'o carro e o filho', 'ʊ kˈaxʊ y ʊ fˈiʎʊ'],
  ])('%s: %s', (language, text, expected) => {
    const squeezed = (words: string) => words.replaceAll(' ', '');
    expect(squeezed(ipa(language, text))).toBe(squeezed(expected.normalize('NFC')));
  });

  it('names that no dictionary has are read as well', () => {
    for (const language of Object.keys(SPOKEN_LANGUAGES))
      for (const name of ['Zbigniew', 'Okafor', 'Xochitl', 'Krzysztof', 'Ng'])
        expect(ipa(language, SPOKEN_LANGUAGES[language]!.speakable(name)).length).toBeGreaterThan(1);
  });
});

it('a phone keeps all of its symbols, and no symbol is lost', () => {
  for (const [language, text] of [
    ['en', 'The choice of joy, about the thing.'],
    ['pt', 'Coração, mães e lições.'],
    ['it', 'La città, la pizza.'],
    ['hi', 'ठंडा घर, पढ़ने की भाषा, क्षण और वाणी।'],
  ] as const) {
    const pieces = SPOKEN_LANGUAGES[language]!.phonemise(text);
    const symbols = kokoroSymbols(pieces);
    const phones = pieces.flatMap((piece) => (piece.type === 'word' ? piece.phones : []));
    expect(new Set(symbols.flatMap(({ phone }) => phone ?? []))).toEqual(new Set(phones));
  }
  expect(kokoroSymbols(SPOKEN_LANGUAGES.en!.phonemise('hello')).map(({ id }) => id)).toEqual([
    50, 83, 54, 156, 31,
  ]);
});
