/** What is looked at to tell whether a sentence answers a question; all of it without knowing what the texts are about. */
export interface Features {
  /** Mean cosine of the question and the sentence's readings. */
  readonly likeness: number;
  /** How many of the question's words it has, exactly or nearly, rare ones counting more, 0 to 1. */
  readonly covered: number;
  /** Whether it has the shape of what was asked for (an amount, a time, a name); null where nothing in particular was. */
  readonly fits: boolean | null;
  /** Whether the question names somebody or something that no text has. */
  readonly stranger: boolean;
  /** Whether it is silent about a thing of the question that is a heading of the texts, or is in other sentences. */
  readonly otherTopic: boolean;
  readonly otherThing: boolean;
  /** How many words of the question no text has. */
  readonly unheard: number;
  /** Whether it tells other things of whom the question names. */
  readonly otherMatter: boolean;
  /** How far what is asked of the thing (how many of what, whose what) is from the sentence's own words, 0 to 1. */
  readonly unfocused: number;
  /** Whether it begins its paragraph: openings tell the general, later sentences the special. */
  readonly opening: boolean;
}

/** Share of the score that likeness of the whole sentence has; the rest is for the question's words being there. */
const LIKENESS_SHARE = 0.6;
const FITS_BONUS = 0.1;
const MISFIT_PENALTY = 0.15;
const STRANGER_PENALTY = 0.3;
const OTHER_TOPIC_PENALTY = 0.14;
const OTHER_THING_PENALTY = 0.08;
const OTHER_MATTER_PENALTY = 0.14;
const UNHEARD_PENALTY = 0.06;
const UNFOCUSED_PENALTY = 0.25;
const OPENING_BONUS = 0.02;

/** How well a sentence answers, mostly in 0..1. */
export function scoreOf(features: Features): number {
  const { likeness, covered, fits } = features;
  let score = LIKENESS_SHARE * likeness + (1 - LIKENESS_SHARE) * covered;
  if (fits !== null) score += fits ? FITS_BONUS : -MISFIT_PENALTY;
  if (features.stranger) score -= STRANGER_PENALTY;
  if (features.otherTopic) score -= OTHER_TOPIC_PENALTY;
  else if (features.otherThing) score -= OTHER_THING_PENALTY;
  if (features.otherMatter) score -= OTHER_MATTER_PENALTY;
  score -= UNHEARD_PENALTY * features.unheard + UNFOCUSED_PENALTY * features.unfocused;
  return features.opening ? score + OPENING_BONUS : score;
}
