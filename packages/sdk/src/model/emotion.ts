/**
 * The 22 categories of the OCC model, in the order in which the face model takes them. Book: Ortony, Clore and Collins
 * 1988, "The Cognitive Structure of Emotions".
 */
export const OCC_EMOTIONS = [
  'joy',
  'distress',
  'happy-for',
  'pity',
  'resentment',
  'gloating',
  'hope',
  'fear',
  'satisfaction',
  'fears-confirmed',
  'relief',
  'disappointment',
  'pride',
  'shame',
  'admiration',
  'reproach',
  'gratification',
  'remorse',
  'gratitude',
  'anger',
  'love',
  'hate',
] as const;

/** One of the 22 OCC categories. */
export type OccEmotion = (typeof OCC_EMOTIONS)[number];

/** What a face feels while it speaks; none is a neutral face. */
export interface Emotion {
  readonly name: OccEmotion;
  /** 0 (neutral) to 1 (as strong as it gets). */
  readonly intensity: number;
}

/**
 * Checks an emotion that comes from outside.
 * @returns The same emotion, with no other fields.
 * @throws RangeError for a name that is none of {@link OCC_EMOTIONS}, or an intensity outside 0..1.
 */
export function checkEmotion(emotion: { readonly name: string; readonly intensity: number }): Emotion {
  const { name, intensity } = emotion;
  if (!isOccEmotion(name))
    throw new RangeError(`There is no emotion "${name}". Known are: ${OCC_EMOTIONS.join(', ')}.`);
  if (!(intensity >= 0 && intensity <= 1))
    throw new RangeError(`The intensity of ${name} must be from 0 to 1, not ${intensity}.`);
  return { name, intensity };
}

/**
 * Reads an emotion as people write it: `joy` (intensity 1) or `joy:0.3`.
 * @throws RangeError as {@link checkEmotion}.
 */
export function parseEmotion(text: string): Emotion {
  const [name = '', intensity, ...rest] = text.trim().split(':');
  if (rest.length > 0 || intensity?.trim() === '' || Number.isNaN(Number(intensity ?? 1)))
    throw new RangeError(`"${text}" must be an emotion and an intensity, such as joy:0.3.`);
  return checkEmotion({ name: name.trim(), intensity: intensity === undefined ? 1 : Number(intensity) });
}

function isOccEmotion(name: string): name is OccEmotion {
  return (OCC_EMOTIONS as readonly string[]).includes(name);
}
