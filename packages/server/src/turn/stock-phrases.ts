/** What an NPC says of its own accord where its persona has no words for it, by language. */
interface StockPhrases {
  /** Asked of whom it fell silent for without understanding them. */
  readonly pardon: string;
  /** Said when an engine failed. */
  readonly apology: string;
}

const ENGLISH: StockPhrases = {
  pardon: 'Sorry?',
  apology: 'Sorry, I lost my train of thought. Please ask me again.',
};
const PHRASES: Readonly<Record<string, StockPhrases>> = {
  de: {
    pardon: 'Wie bitte?',
    apology: 'Entschuldigung, ich habe den Faden verloren. Bitte fragen Sie mich noch einmal.',
  },
  en: ENGLISH,
  es: {
    pardon: '¿Perdón?',
    apology: 'Perdón, he perdido el hilo. Pregúnteme otra vez, por favor.',
  },
  fr: {
    pardon: 'Pardon ?',
    apology: "Pardon, j'ai perdu le fil. Demandez-moi encore une fois, s'il vous plaît.",
  },
  hi: {
    pardon: 'माफ़ कीजिए?',
    apology: 'माफ़ कीजिए, मेरा ध्यान भटक गया। कृपया फिर से पूछिए।',
  },
  it: {
    pardon: 'Come, scusi?',
    apology: 'Mi scusi, ho perso il filo. Me lo chieda ancora una volta, per favore.',
  },
  pt: {
    pardon: 'Desculpe, como?',
    apology: 'Desculpe, perdi o fio da meada. Pergunte outra vez, por favor.',
  },
};

/** A persona's words for what it does not think about. */
interface Wording {
  readonly languages: readonly string[];
  readonly pardon: boolean | string;
  readonly apology?: string;
}

/** What a persona asks whom it did not understand: its own words, or those of its language; '' if it asks nothing. */
export function pardonOf({ pardon, languages }: Wording): string {
  if (typeof pardon === 'string') return pardon;
  return pardon ? inLanguage(languages).pardon : '';
}

/** What a persona says when an engine failed: its own words, or those of its language. */
export function apologyOf({ apology, languages }: Wording): string {
  return apology ?? inLanguage(languages).apology;
}

/** English, where nothing is known in the persona's own language. */
function inLanguage([own]: readonly string[]): StockPhrases {
  return (own !== undefined && PHRASES[own]) || ENGLISH;
}
