import { ParleyError } from '@parley/sdk';
import type { MindPart } from './mind.ts';
import type { Persona } from './persona.ts';

/** What a moderator is asked about. */
export interface ModerationRequest {
  readonly npc: string;
  /** Session id of the visitor in this talk. */
  readonly speakerId: string;
  /** `input`: a visitor's words before anything is made of them. `output`: a sentence before it is spoken. */
  readonly direction: 'input' | 'output';
  readonly text: string;
}

/** `allow`, optionally with other words in the place of these; or refuse, and say something instead. */
export type ModerationVerdict =
  | { readonly allow: true; readonly text?: string }
  | { readonly allow: false; readonly say?: string };

/** A function of the host's that lets words pass, changes or refuses them. What it throws ends the turn: nothing unseen is said. */
export type Moderator = (
  request: ModerationRequest,
  signal: AbortSignal,
) => ModerationVerdict | Promise<ModerationVerdict>;

/** Passes an answer on sentence by sentence, each once it was allowed; the answer ends at the first that is refused. */
export async function* moderateOutput(
  parts: AsyncIterable<MindPart>,
  judge: (sentence: string) => Promise<ModerationVerdict>,
  refusal: string,
): AsyncGenerator<MindPart, void, undefined> {
  let waiting = '';
  async function verdictOn(sentence: string): Promise<{ text: string; ends: boolean }> {
    if (sentence.trim() === '') return { text: sentence, ends: false };
    const verdict = await judge(sentence.trim());
    if (verdict.allow)
      return { text: verdict.text === undefined ? sentence : `${verdict.text} `, ends: false };
    return { text: verdict.say ?? refusal, ends: true };
  }
  for await (const part of parts) {
    if (part.type === 'text-delta') {
      waiting += part.text;
      for (;;) {
        const end = /[.!?…]["'”’)]*\s+/u.exec(waiting);
        if (!end) break;
        const sentence = waiting.slice(0, end.index + end[0].length);
        waiting = waiting.slice(sentence.length);
        const { text, ends } = await verdictOn(sentence);
        yield { type: 'text-delta', text };
        if (ends) return yield { type: 'finish', reason: 'stop' };
      }
      continue;
    }
    if (part.type === 'finish' && waiting !== '') {
      const { text } = await verdictOn(waiting);
      waiting = '';
      yield { type: 'text-delta', text };
    }
    yield part;
  }
}

/** The moderator that a persona asks for, or null. @throws {ParleyError} `unknown-moderator` */
export function checkModeration(
  { id, moderation }: Persona,
  moderators: Readonly<Record<string, Moderator>> = {},
): Moderator | null {
  if (moderation === undefined) return null;
  const moderator = moderators[moderation];
  if (moderator) return moderator;
  const known = Object.keys(moderators).join(', ') || 'none';
  throw new ParleyError(
    'unknown-moderator',
    `${id} asks for the moderation "${moderation}", which is not there; the room has: ${known}`,
  );
}
