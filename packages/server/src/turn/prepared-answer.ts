import type { Emotion } from '@parley/sdk';
import type { TtsPart } from '../engines/contracts.ts';
import { type AnswerOptions, answer } from './answer.ts';
import { Channel } from './channel.ts';
import type { TurnStopwatch } from './turn-timings.ts';

/** Synthesised clauses that may wait until somebody listens. */
const QUEUED_CLAUSES = 2;

/** An answer in the making: the model and the voice work ahead, as far as a short queue allows. */
export class PreparedAnswer {
  readonly speakerId: string;
  readonly text: string;
  readonly stopwatch: TurnStopwatch;
  /** How the NPC feels as it says this; it may change until the first clause is there. Undefined: neutral. */
  emotion: Emotion | undefined;
  readonly #parts = new Channel<TtsPart>(QUEUED_CLAUSES);
  readonly #controller = new AbortController();
  readonly #asked = Promise.withResolvers<void>();

  /**
   * @param question Whose question it answers; a different one needs another answer.
   * @param options What to say, given a promise that the question is really asked; the stopwatch is told of the first token and the first clause.
   */
  constructor(
    question: { readonly speakerId: string; readonly text: string },
    options: (asked: Promise<void>) => Omit<AnswerOptions, 'onFirstToken' | 'onFirstClause'>,
    stopwatch: TurnStopwatch,
  ) {
    this.speakerId = question.speakerId;
    this.text = question.text;
    this.stopwatch = stopwatch;
    void this.#make({
      ...options(this.#asked.promise),
      onEmotion: (emotion) => {
        this.emotion = emotion;
      },
      onFirstToken: () => stopwatch.firstToken(),
      onFirstClause: () => stopwatch.firstClause(),
    });
  }

  /** The voice, clause by clause. Can be read once. */
  get parts(): AsyncIterable<TtsPart> {
    return this.#parts;
  }

  /** The question is really asked: from now on the answer may change something. */
  confirm(): void {
    this.#asked.resolve();
  }

  cancel(): void {
    this.#controller.abort(new DOMException('The answer is not wanted any more', 'AbortError'));
    this.#parts.close();
  }

  async #make(options: AnswerOptions): Promise<void> {
    try {
      for await (const part of answer(options, this.#controller.signal))
        if (!(await this.#parts.send(part))) break;
      this.#parts.close();
    } catch (error) {
      this.#parts.fail(error);
    }
  }
}
