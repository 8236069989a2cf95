import type { Emotion, OccEmotion } from '@parley/sdk';

/** Signs in an NPC's own words, strongest first; the emotion is the speaker's. */
const SAID: readonly (readonly [RegExp, OccEmotion, number])[] = [
  [/\b(?:how dare|outrage|furious|enough of this)\b/iu, 'anger', 0.7],
  [/\b(?:i|we) (?:really )?hate\b|\bcannot stand\b|\bdespise\b/iu, 'hate', 0.6],
  [/\b(?:sorry|apologi[sz]e|forgive me|my (?:fault|mistake))\b/iu, 'remorse', 0.5],
  [/\bashamed\b|\bembarrass/iu, 'shame', 0.6],
  [/\b(?:poor (?:you|thing)|sorry to hear|my condolences|what a pity)\b/iu, 'pity', 0.6],
  [
    /\b(?:i am afraid|unfortunately|alas|regret|sadly|do not know|don't know|cannot)\b/iu,
    'disappointment',
    0.4,
  ],
  [/\b(?:sad|died|death|burnt|burned|lost|mourn|grief|lonely|miss (?:him|her|them))\b/iu, 'distress', 0.45],
  [/\b(?:dangerous|beware|careful|frighten|scared|terrible)\b/iu, 'fear', 0.45],
  [/\bat last\b|\bfinally\b|\bthank (?:god|goodness|heavens)\b|\bphew\b/iu, 'relief', 0.5],
  [/\b(?:should not|shouldn't|must not|not allowed|may not|please do not|shame on you)\b/iu, 'reproach', 0.3],
  [/\bcongratulations\b|\bhappy for you\b|\bgood for you\b|\bwell done\b/iu, 'happy-for', 0.7],
  [/\bthank(?:s| you)\b|\bgrateful\b|\bkind of you\b/iu, 'gratitude', 0.6],
  [/\b(?:my|our) (?:pride|own work)\b|\bproud\b|\bi built\b|\bi founded\b/iu, 'pride', 0.6],
  [
    /\b(?:magnificent|marvell?ous|masterpiece|genius|brilliant|finest|amazing|wonder of)\b/iu,
    'admiration',
    0.55,
  ],
  [/\b(?:i|we) (?:really |dearly )?(?:love|adore)\b|\bmy dear\b|\bfavou?rite\b/iu, 'love', 0.5],
  [/\b(?:hope|wish|perhaps|soon|may the sky|look forward)\b/iu, 'hope', 0.4],
  [
    /\b(?:glad|happy|delighted|pleased|welcome|hello|wonderful|lovely|enjoy|cheerful|nice to)\b|!/iu,
    'joy',
    0.5,
  ],
  [/\bhere you are\b|\bthere you go\b|\bgladly\b|\bof course\b|\byes\b/iu, 'satisfaction', 0.4],
];

/** What a visitor's words do to the one who hears them; weaker, as the answer may show more. */
const HEARD: readonly (readonly [RegExp, OccEmotion, number])[] = [
  [/\b(?:stupid|idiot|shut up|useless|liar|ugly|i hate you)\b/iu, 'reproach', 0.6],
  [/\b(?:thank you|thanks)\b/iu, 'gratification', 0.5],
  [
    /\b(?:my (?:\p{L}+ )?(?:died|is ill|is sick)|i am (?:so )?(?:sad|lonely|afraid|unhappy)|i feel (?:bad|sad|terrible))\b/iu,
    'pity',
    0.6,
  ],
  [
    /\b(?:i (?:got|am getting) (?:married|engaged)|i passed|i won|it's my birthday|it is my birthday|good news)\b/iu,
    'happy-for',
    0.7,
  ],
  [
    /\b(?:you are|you're) (?:so |very )?(?:great|wonderful|kind|beautiful|funny|smart|the best)\b|\bi love you\b/iu,
    'gratification',
    0.6,
  ],
  [/\b(?:hello|hi|good (?:morning|evening|afternoon)|hey)\b/iu, 'joy', 0.4],
];

/**
 * How the speaker of an answer feels, by words that show it, for a model that does not say so itself; English. The kinds of
 * emotion are those of the OCC model (Ortony, Clore and Collins 1988): about events, about what somebody did, about things.
 * @returns undefined where nothing shows.
 */
export function classifyEmotion(question: string, answer: string): Emotion | undefined {
  const said = SAID.find(([sign]) => sign.test(answer));
  const heard = HEARD.find(([sign]) => sign.test(question));
  // What was heard outweighs a mere politeness of the answer.
  const strongest = heard && (!said || said[2] <= heard[2]) ? heard : said;
  return strongest && { name: strongest[1], intensity: strongest[2] };
}
