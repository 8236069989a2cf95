/** What a guide may say: two to five sentences each, with commas, numbers and names. */
export const REPLIES: readonly string[] = [
  'The orrery was built by the clockmaker Ada Lindqvist, and it took her nine years. Please have a look at it.',
  'A ticket costs eight euros. Children under twelve come in free, and students pay five.',
  'We open at ten in the morning and close at midnight, when the stars are best. On Mondays we are closed.',
  'Yes, you may touch the moon rock! It is almost four billion years old. Your hands should be clean.',
  'The telescope is three metres long. It magnifies two hundred times, so you can see the rings of Saturn on a clear night.',
  'Good evening. I am Mira, the guide of this hall. Ask me whatever you like about the stars.',
  'Orion is the hunter of the winter sky. Three bright stars in a row are his belt. Below it hangs his sword.',
  'The cafe is down the stairs, at the gate. It serves tea and blueberry cake until eleven.',
  'I am afraid I do not know that. I only know this hall and the stars.',
  'Sirius is the brightest star of the night. It follows Orion like a dog. That is why people call it the dog star.',
  'Come along, this way to the telescope. Mind the step, please. It is a little dark there.',
  'Comet Brandt was found from this terrace in 1998. It comes back every 77 years.',
  'You may take photos. Please do not use a flash, because it disturbs the others.',
  'The pool on the right mirrors the stars. So you can look down at the sky. I like that very much.',
  'Well, that is a good question. Nobody knows for sure. Some say it was the wind, others say it was the cat.',
  'The bus number seven stops at the gate. The last one leaves at ten past midnight. It takes twenty minutes to the station.',
  'Orson Vale founded this hall in 1891. He could not sleep, and the stars kept him company. Today he is a bust of marble.',
  'Here you are. The leaflet has all nine star charts. Hold it above your head and turn until they fit.',
  'Stop! That step is broken. Thank you. Now we can go on.',
  'Shall I show you the orrery, the telescope or the moon rock? We have time for all three. The tour takes forty minutes.',
];

/** Voices of Kokoro with sentences in their language: numbers, dates, abbreviations, emoji, links. */
export const LANGUAGES: Readonly<
  Record<string, { readonly voices: readonly string[]; readonly sentences: readonly string[] }>
> = {
  es: {
    voices: ['ef_dora'],
    sentences: [
      'El museo abre a las 9:30 y la entrada cuesta 12 euros. 😀',
      'El telescopio mide 3,5 m y está a la izquierda de la sala.',
      'La Sra. López nació el 15 de mayo de 1891 en Sevilla.',
      'Puede leer más en https://example.org o preguntar a nuestro guía.',
    ],
  },
  fr: {
    voices: ['ff_siwis'],
    sentences: [
      "Le musée ouvre à 9h30 et l'entrée coûte 12 euros. 😀",
      'Le télescope mesure 3,5 m et se trouve à gauche de la salle.',
      'Mme Dupont est née le 15 mai 1891 à Lyon.',
      'Vous pouvez lire la suite sur https://example.org ou demander à notre guide.',
    ],
  },
  it: {
    voices: ['if_sara'],
    sentences: [
      "Il museo apre alle 9:30 e l'ingresso costa 12 euro. 😀",
      'Il telescopio è lungo 3,5 m e si trova a sinistra della sala.',
      'La signora Rossi è nata il 15 maggio 1891 a Torino.',
      'Potete leggere di più su https://example.org oppure chiedere alla nostra guida.',
    ],
  },
  pt: {
    voices: ['pf_dora'],
    sentences: [
      'O museu abre às 9:30 e a entrada custa 12 euros. 😀',
      'O telescópio mede 3,5 m e fica à esquerda da sala.',
      'A Sra. Silva nasceu em 15 de maio de 1891 em Lisboa.',
      'Você pode ler mais em https://example.org ou perguntar ao nosso guia.',
    ],
  },
};
