/** What is asked of whom an NPC fell silent for without understanding them, by language. */
const WORDS: Readonly<Record<string, string>> = {
  de: 'Wie bitte?',
  en: 'Sorry?',
  es: '¿Perdón?',
  fr: 'Pardon ?',
  hi: 'माफ़ कीजिए?',
  it: 'Come, scusi?',
  pt: 'Desculpe, como?',
};

/** What a persona asks: its own words, or those of its language; '' if it asks nothing. */
export function pardonWords(pardon: boolean | string, language: string): string {
  if (typeof pardon === 'string') return pardon;
  return pardon ? (WORDS[language] ?? WORDS.en) : '';
}
