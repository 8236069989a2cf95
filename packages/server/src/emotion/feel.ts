import { type Emotion, OCC_EMOTIONS, parseEmotion } from '@parley/sdk';
import type { MindPart } from '../persona/mind.ts';
import { classifyEmotion } from './classify-emotion.ts';

/** What a large model is told, so that it marks its answer. */
export const EMOTION_RULE = `Begin every answer with how you feel in square brackets, as in [joy:0.5]; the emotion is one of ${OCC_EMOTIONS.join(', ')}, and the number is from 0 to 1.`;

/** A mark is complete within so many characters, or it is none. */
const LONGEST_MARK = 40;

/**
 * Tells with an answer how its speaker feels: as a mark at its beginning says, which is taken out, or else by its words. It may
 * change while the words come.
 */
export async function* feel(
  parts: AsyncIterable<MindPart>,
  question: string,
): AsyncGenerator<MindPart, void, undefined> {
  let said = '';
  let held: string | null = '';
  let marked = false;
  let told = '';
  const tell = function* (emotion: Emotion | undefined): Generator<MindPart> {
    const key = emotion ? `${emotion.name}:${emotion.intensity}` : '';
    if (!emotion || key === told) return;
    told = key;
    yield { type: 'emotion', emotion };
  };
  for await (const part of parts) {
    if (part.type === 'emotion') marked = true;
    if (part.type !== 'text-delta') {
      if (part.type === 'finish' && held) {
        yield* tell(classifyEmotion(question, held));
        yield { type: 'text-delta', text: held };
        held = null;
      }
      yield part;
      continue;
    }
    let { text } = part;
    if (held !== null) {
      held += text;
      const start = held.trimStart();
      if (start === '' || (/^\[[^\]]*$/u.test(start) && start.length < LONGEST_MARK)) continue;
      const mark =
        /^\[\s*([\p{L}-]+)\s*[:, ]\s*([\d.]+)?\s*\]\s*/u.exec(start) ??
        /^\[\s*([\p{L}-]+)\s*\]\s*/u.exec(start);
      const emotion = mark && readMark(mark[1], mark[2]);
      text = emotion ? start.slice(mark[0].length) : held;
      held = null;
      if (emotion) {
        marked = true;
        yield* tell(emotion);
      }
      if (text === '') continue;
    }
    said += text;
    if (!marked) yield* tell(classifyEmotion(question, said));
    yield { type: 'text-delta', text };
  }
}

function readMark(name: string, intensity: string | undefined): Emotion | null {
  try {
    return parseEmotion(`${name.toLowerCase()}:${intensity ?? '0.5'}`);
  } catch {
    return null;
  }
}
