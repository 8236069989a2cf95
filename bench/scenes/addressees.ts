/** A place and where somebody looks: metres, and radians from +z towards +x. */
export interface Stance {
  readonly x: number;
  readonly z: number;
  readonly yaw: number;
}

/** Words with the scene around them, and whom they are for. */
export interface LabelledUtterance {
  readonly text: string;
  readonly mode: 'typed' | 'spoken';
  readonly speaker: Stance;
  /** Another visitor, named Ben. */
  readonly other?: Stance;
  /** What the speaker has said before in this scene, to the NPC that it was for. */
  readonly before?: { readonly text: string; readonly npc: 'mira' | 'orson' };
  /** What Ben and the speaker have just said to each other. */
  readonly amongPeople?: boolean;
  /** Whom the words are for: an NPC, the people, or nobody who could hear them. */
  readonly meant: 'mira' | 'orson' | 'people' | 'nobody';
}

// Mira stands at (0, 0.8), Orson at (5.6, 3.4). Headings are what a visitor's view gives, not perfectly aimed.
const BEFORE_MIRA: Stance = { x: 0.2, z: -1.2, yaw: -0.1 };
const BEFORE_ORSON: Stance = { x: 4.2, z: 1.6, yaw: 0.7 };
const BETWEEN_TO_MIRA: Stance = { x: 2.6, z: 0.8, yaw: -1.5 };
const BETWEEN_TO_ORSON: Stance = { x: 2.6, z: 0.8, yaw: 0.95 };
const BETWEEN_TO_NEITHER: Stance = { x: 2.4, z: 0.6, yaw: 3.0 };
const BEN_BESIDE: Stance = { x: 1.6, z: -1.4, yaw: -1.5 };
const FACING_BEN: Stance = { x: 0.2, z: -1.2, yaw: 1.7 };
const BEN_AT_ORSON: Stance = { x: 3.0, z: 2.6, yaw: 2.3 };
const ORSON_FACING_BEN: Stance = { x: 4.2, z: 1.6, yaw: -0.85 };
const FAR_AWAY: Stance = { x: -1, z: -9, yaw: 0.1 };

/** 40 utterances. Labelled by what a person standing there would understand, before the code saw them. */
export const LABELLED_UTTERANCES: readonly LabelledUtterance[] = [
  // Alone with one of them near.
  { text: 'When do you close?', mode: 'typed', speaker: BEFORE_MIRA, meant: 'mira' },
  { text: 'Where is the telescope?', mode: 'spoken', speaker: BEFORE_MIRA, meant: 'mira' },
  { text: 'What is the meaning of life?', mode: 'typed', speaker: BEFORE_ORSON, meant: 'orson' },
  { text: 'How old are you?', mode: 'spoken', speaker: BEFORE_ORSON, meant: 'orson' },
  { text: 'Is anybody there?', mode: 'typed', speaker: FAR_AWAY, meant: 'nobody' },
  // Between the two: gaze decides.
  { text: 'Do you like it here?', mode: 'typed', speaker: BETWEEN_TO_MIRA, meant: 'mira' },
  { text: 'What can you see from here?', mode: 'spoken', speaker: BETWEEN_TO_MIRA, meant: 'mira' },
  { text: 'Do you like it here?', mode: 'typed', speaker: BETWEEN_TO_ORSON, meant: 'orson' },
  { text: 'What do you think about love?', mode: 'spoken', speaker: BETWEEN_TO_ORSON, meant: 'orson' },
  // A name decides, wherever one looks.
  { text: 'Orson, are you happy?', mode: 'typed', speaker: BEFORE_MIRA, meant: 'orson' },
  { text: 'Hey Orson, how old are you?', mode: 'typed', speaker: BETWEEN_TO_MIRA, meant: 'orson' },
  { text: 'Good evening, Mira!', mode: 'typed', speaker: BETWEEN_TO_ORSON, meant: 'mira' },
  { text: 'Can you hear me, Orson?', mode: 'typed', speaker: BEFORE_MIRA, meant: 'orson' },
  { text: 'Thank you, Mira.', mode: 'typed', speaker: BEFORE_ORSON, meant: 'mira' },
  { text: 'Excuse me, Mira, where are the toilets?', mode: 'typed', speaker: FAR_AWAY, meant: 'mira' },
  { text: 'Mira what time is it?', mode: 'typed', speaker: BEFORE_ORSON, meant: 'mira' },
  {
    text: 'So tell me, Orson, who built the orrery?',
    mode: 'typed',
    speaker: BETWEEN_TO_NEITHER,
    meant: 'orson',
  },
  // A name that is talked about, not called.
  { text: 'What do you think of Orson?', mode: 'typed', speaker: BEFORE_MIRA, meant: 'mira' },
  { text: 'Is Mira nice to you?', mode: 'typed', speaker: BEFORE_ORSON, meant: 'orson' },
  { text: 'I heard that Orson built this hall.', mode: 'typed', speaker: BEFORE_MIRA, meant: 'mira' },
  { text: 'Who is Mira?', mode: 'spoken', speaker: BETWEEN_TO_ORSON, meant: 'orson' },
  // The thread of talk.
  {
    text: 'And on Mondays?',
    mode: 'typed',
    speaker: BETWEEN_TO_NEITHER,
    before: { text: 'Mira, when do you open?', npc: 'mira' },
    meant: 'mira',
  },
  {
    text: 'And why is that?',
    mode: 'typed',
    speaker: BETWEEN_TO_NEITHER,
    before: { text: 'Orson, what is your favourite star?', npc: 'orson' },
    meant: 'orson',
  },
  {
    text: 'Could you say that again?',
    mode: 'typed',
    speaker: { x: 2.9, z: 1.4, yaw: 0 },
    before: { text: 'Mira, where is the cafe?', npc: 'mira' },
    meant: 'mira',
  },
  {
    text: 'And you, what do you think?',
    mode: 'typed',
    speaker: BETWEEN_TO_ORSON,
    before: { text: 'Mira, is there life on other stars?', npc: 'mira' },
    meant: 'orson',
  },
  // People among themselves.
  { text: 'Shall we have some tea?', mode: 'typed', speaker: FACING_BEN, other: BEN_BESIDE, meant: 'people' },
  { text: 'Did you see that?', mode: 'spoken', speaker: FACING_BEN, other: BEN_BESIDE, meant: 'people' },
  { text: 'I think she is lovely.', mode: 'typed', speaker: FACING_BEN, other: BEN_BESIDE, meant: 'people' },
  { text: 'Ben, come over here!', mode: 'typed', speaker: BEFORE_MIRA, other: BEN_BESIDE, meant: 'people' },
  {
    text: 'What do you say, Ben?',
    mode: 'typed',
    speaker: BEFORE_ORSON,
    other: BEN_AT_ORSON,
    meant: 'people',
  },
  {
    text: 'He looks a bit pale.',
    mode: 'typed',
    speaker: ORSON_FACING_BEN,
    other: BEN_AT_ORSON,
    meant: 'people',
  },
  {
    text: 'Yes, good idea.',
    mode: 'typed',
    speaker: { x: 0.2, z: -1.2, yaw: 1.1 },
    other: BEN_BESIDE,
    amongPeople: true,
    meant: 'people',
  },
  {
    text: 'Let us go and see the moon rock.',
    mode: 'spoken',
    speaker: FACING_BEN,
    other: BEN_BESIDE,
    meant: 'people',
  },
  // Company, but an NPC is meant.
  { text: 'Where is the moon rock?', mode: 'typed', speaker: BEFORE_MIRA, other: BEN_BESIDE, meant: 'mira' },
  {
    text: 'May my friend touch it as well?',
    mode: 'typed',
    speaker: BEFORE_MIRA,
    other: BEN_BESIDE,
    meant: 'mira',
  },
  {
    text: 'Mira, can we both come in?',
    mode: 'typed',
    speaker: FACING_BEN,
    other: BEN_BESIDE,
    meant: 'mira',
  },
  { text: 'How much is it for two?', mode: 'spoken', speaker: BEFORE_MIRA, other: BEN_BESIDE, meant: 'mira' },
  {
    text: 'What is your best joke?',
    mode: 'typed',
    speaker: BEFORE_ORSON,
    other: BEN_AT_ORSON,
    meant: 'orson',
  },
  {
    text: 'Ben and I would like two tickets, Mira.',
    mode: 'typed',
    speaker: BEFORE_MIRA,
    other: BEN_BESIDE,
    meant: 'mira',
  },
  {
    text: 'And where can we eat?',
    mode: 'typed',
    speaker: BEFORE_MIRA,
    other: BEN_BESIDE,
    before: { text: 'How much is it for children?', npc: 'mira' },
    meant: 'mira',
  },
];
