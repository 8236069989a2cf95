import type { Tts } from '../engines/contracts.ts';
import type { Mind } from '../persona/mind.ts';
import type { Persona } from '../persona/persona.ts';
import { ChatHistory } from './chat-history.ts';
import { PreparedAnswer } from './prepared-answer.ts';
import { sameWords } from './same-words.ts';
import { TurnStopwatch } from './turn-timings.ts';
import type { Timeouts } from './watchdog.ts';

export interface NpcAnswersOptions {
  /** May change from turn to turn, and so may its voice. */
  readonly persona: Persona;
  readonly mind: Pick<Mind, 'think' | 'leave' | 'close'>;
  readonly tts: Tts;
  readonly timeouts: Timeouts;
  /** A visitor's id that stays the same from visit to visit, where the room knows one. */
  readonly visitorId?: (speakerId: string) => string | undefined;
  /** A visitor's name as the others see it, where the room knows one. */
  readonly nameOf?: (speakerId: string) => string | undefined;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}

/** What is asked, and by whom. */
interface Asked {
  readonly speakerId: string;
  readonly text: string;
}

/** Longest question that goes to the model, in characters; of a longer one the end counts. */
const MAX_QUESTION_CHARACTERS = 600;

/** What one NPC answers to visitors: made ahead where a question can be foreseen, and remembered as far as it was heard. */
export class NpcAnswers {
  readonly #options: NpcAnswersOptions;
  readonly #history = new ChatHistory();
  #prepared: PreparedAnswer | null = null;

  constructor(options: NpcAnswersOptions) {
    this.#options = options;
  }

  /** A visitor has most likely asked this: the answer is begun, in place of any other. */
  anticipate(question: Asked): void {
    if (this.#prepared && answers(this.#prepared, question)) return;
    this.#prepared?.cancel();
    this.#prepared = this.#prepare(question);
  }

  /** What was prepared for a visitor is not wanted. */
  abandon(speakerId: string): void {
    if (this.#prepared?.speakerId !== speakerId) return;
    this.#prepared.cancel();
    this.#prepared = null;
  }

  /** The answer that was prepared for this very question, or a new one. */
  take(question: Asked): PreparedAnswer {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared && answers(prepared, question)) return prepared;
    prepared?.cancel();
    return this.#prepare(question);
  }

  /** @param heard What was heard of the answer; a question that got none is forgotten. */
  remember({ speakerId, text }: Asked, heard: string): void {
    this.#history.add(speakerId, { question: text, answer: heard, atMs: this.#options.nowMs() });
  }

  /** The visitor has left. */
  leave(speakerId: string): void {
    this.abandon(speakerId);
    this.#history.forget(speakerId);
    this.#options.mind.leave(speakerId);
  }

  /** No answer is prepared any more. */
  cancel(): void {
    this.#prepared?.cancel();
    this.#prepared = null;
  }

  /** Resolves when what was talked about is remembered. */
  async close(): Promise<void> {
    this.cancel();
    await this.#options.mind.close();
  }

  #prepare(question: Asked): PreparedAnswer {
    const { persona, mind, tts, timeouts, nowMs, visitorId, nameOf } = this.#options;
    const { speakerId } = question;
    const thought = {
      speakerId,
      text: question.text.slice(-MAX_QUESTION_CHARACTERS),
      name: nameOf?.(speakerId),
      visitor: visitorId?.(speakerId),
      history: this.#history.messages(speakerId),
      before: this.#history.lastQuestion(speakerId, nowMs()),
      others: this.#history
        .ofOthers(speakerId, nowMs())
        .map(({ speakerId: id, question: said, answer }) => ({ name: nameOf?.(id), question: said, answer })),
    };
    const prepared = new PreparedAnswer(
      question,
      (asked) => ({
        think: (signal) => mind.think({ ...thought, asked }, signal),
        tts,
        maxSentences: persona.maxSentences,
        timeouts,
      }),
      new TurnStopwatch(nowMs),
    );
    prepared.emotion = persona.mood;
    return prepared;
  }
}

function answers(prepared: PreparedAnswer, { speakerId, text }: Asked): boolean {
  return prepared.speakerId === speakerId && sameWords(prepared.text, text);
}
