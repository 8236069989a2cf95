import { type Emotion, ParleyError } from '@parley/sdk';
import type { InterruptionEvent } from './interruption.ts';
import type { HeardTurn } from './listener.ts';
import { NpcAnswers, type NpcAnswersOptions } from './npc-answers.ts';
import { NpcDisplay, type ShownNpc } from './npc-display.ts';
import { NpcVoice, type NpcVoiceOptions } from './npc-voice.ts';
import { apologyOf, pardonOf } from './stock-phrases.ts';
import type { TurnTimings } from './turn-timings.ts';
import { EngineError } from './watchdog.ts';

/** A question to an NPC, spoken or typed. */
export interface Question {
  readonly speakerId: string;
  readonly text: string;
  /** How it was heard; absent for typed words. */
  readonly heard?: HeardTurn;
}

/** What an NPC's turns tell the room. */
export interface NpcTurnEvents {
  /** A short message for one visitor. */
  onNotice(speakerId: string, code: string, message: string): void;
  /** A turn is over: what was asked, what was heard of the answer. */
  onTurnEnd(report: TurnReport): void;
}

/** A finished turn. */
export interface TurnReport {
  /** Id of the last utterance of the turn, 0 when nothing was said. */
  readonly utterance: number;
  readonly npc: string;
  readonly speakerId: string;
  readonly question: string;
  readonly answer: string;
  readonly outcome: 'answered' | 'interrupted' | 'failed';
  readonly timings: TurnTimings;
  /** How the NPC felt, where anything showed. */
  readonly emotion?: Emotion | undefined;
  readonly error?: unknown;
}

export interface NpcTurnsOptions extends NpcVoiceOptions, NpcAnswersOptions {
  readonly shown: ShownNpc;
  readonly events: NpcTurnEvents;
}

/** A turn that an NPC has or will have. */
interface Turn {
  /** A greeting and a "Sorry?" are nobody's question and give way to whoever says something. */
  readonly kind: 'answer' | 'greeting' | 'pardon';
  readonly question: Question;
}

interface RunningTurn extends Turn {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/**
 * The turns of one NPC: one at a time, each with one AbortController. One question more may wait; further ones are told
 * that the NPC is busy. Whoever holds the turn may interrupt it.
 */
export class NpcTurns {
  readonly #options: NpcTurnsOptions;
  readonly #display: NpcDisplay;
  readonly #voice: NpcVoice;
  readonly #answers: NpcAnswers;
  /** Visitors who are speaking to it. */
  readonly #listeners = new Set<string>();
  #running: RunningTurn | null = null;
  /** What comes of what the visitor who holds the turn said while it ran. */
  #sequel: Turn | null = null;
  /** Another visitor's question. */
  #waiting: Question | null = null;
  /** What it said last, as far as it was heard, and to whom. */
  #lastWords = { speakerId: '', text: '' };
  /** Whose voice has stopped it, as long as nothing else has come of that voice. */
  #stoppedBy: string | null = null;
  #disposed = false;

  constructor(options: NpcTurnsOptions) {
    this.#options = options;
    this.#display = new NpcDisplay(options.shown);
    this.#voice = new NpcVoice(options, this.#display);
    this.#answers = new NpcAnswers(options);
  }

  /** Whether its voice can be heard now, or could until so long ago, ms. */
  isSpeaking(agoMs = 0): boolean {
    return this.#voice.isHeard(agoMs);
  }

  /** Whether it has asked this visitor something last. */
  awaits(speakerId: string): boolean {
    return this.#lastWords.speakerId === speakerId && /\?["'”’)]*$/u.test(this.#lastWords.text);
  }

  /** Whether it has nothing to do: neither a turn nor anybody who speaks to it. */
  get isFree(): boolean {
    return !this.#running && this.#listeners.size === 0 && !this.#disposed;
  }

  /** What it says or said last, as far as it was heard. */
  get lastWords(): string {
    return this.#display.caption === '' ? this.#lastWords.text : this.#display.caption;
  }

  /** A visitor begins to speak to this NPC: it turns to them. */
  hearStart(speakerId: string): void {
    if (this.#disposed) return;
    this.#listeners.add(speakerId);
    this.#withdrawPardon(speakerId);
    this.#voice.prepareHums();
    this.#showRest();
  }

  /**
   * Hums to the visitor who speaks to it, if it has nothing else to do and nobody else speaks to it. No turn, no history and
   * no status knows of it.
   * @param withinMs It must be over by then, ms from now.
   * @returns Whether it does.
   */
  hum(speakerId: string, withinMs: number): boolean {
    const alone = this.#listeners.size === 1 && this.#listeners.has(speakerId);
    if (this.#disposed || this.#running || !alone) return false;
    return this.#voice.hum(withinMs);
  }

  /**
   * A visitor's voice while it speaks: it lowers its own at the first sign of words, goes on when it was nothing, and falls
   * silent when they take the floor. Only whom it answers may interrupt it.
   */
  interrupt(speakerId: string, event: InterruptionEvent): void {
    const running = this.#running;
    if (running?.question.speakerId !== speakerId || running.controller.signal.aborted) return;
    if (event !== 'confirm') {
      this.#voice.lower(event === 'suspect');
    } else if (this.#display.isSpeaking) {
      // Who is not understood a second time is not asked again and again.
      this.#stoppedBy = running.kind === 'pardon' ? null : speakerId;
      running.controller.abort(bargeIn());
    }
  }

  /** Says the persona's greeting to a visitor, unless it has something to do. @returns Whether it does. */
  greet(speakerId: string): boolean {
    if (!this.isFree || this.#wordsOf('greeting') === '') return false;
    this.#start({ kind: 'greeting', question: { speakerId, text: '' } });
    return true;
  }

  /**
   * A visitor has most likely finished a question: the answer is prepared while endpointing still waits, so that the
   * model's and the voice's time is mostly saved.
   */
  anticipate(question: Question): void {
    if (!this.#disposed && !this.#running) this.#answers.anticipate(question);
  }

  /** The visitor goes on: what was prepared is not wanted. */
  abandon(speakerId: string): void {
    this.#answers.abandon(speakerId);
  }

  /** What the visitor said turned out to be nothing. */
  hearNothing(speakerId: string): void {
    this.#listeners.delete(speakerId);
    this.#answers.abandon(speakerId);
    if (this.#stoppedBy === speakerId) this.#stoppedBy = null;
    this.#showRest();
  }

  /**
   * What the visitor said was a voice of which nothing was understood. Where it stopped the NPC, the NPC asks them to say it
   * again, unless it has something else to do.
   */
  hearUnclear(speakerId: string): void {
    const stopped = this.#stoppedBy === speakerId;
    this.hearNothing(speakerId);
    const isBusy = this.#disposed || this.#listeners.size > 0 || this.#sequel || this.#waiting;
    if (!stopped || isBusy || this.#wordsOf('pardon') === '') return;
    const pardon: Turn = { kind: 'pardon', question: { speakerId, text: '' } };
    // The turn that was stopped may not be quite over.
    if (this.#running) this.#sequel = pardon;
    else this.#start(pardon);
  }

  /** A visitor's question. It is answered now, or next, or the visitor is told that the NPC is busy. */
  ask(question: Question): void {
    if (this.#disposed) return;
    const { speakerId } = question;
    this.#listeners.delete(speakerId);
    const running = this.#running;
    if (!running) {
      this.#start({ kind: 'answer', question });
    } else if (running.kind !== 'answer') {
      running.controller.abort(bargeIn());
      this.#sequel = { kind: 'answer', question };
    } else if (running.question.speakerId === speakerId) {
      // Not answered yet: the new words belong to the same question.
      const isNew = running.controller.signal.aborted || this.#display.isSpeaking;
      const text = isNew ? question.text : `${running.question.text} ${question.text}`;
      running.controller.abort(bargeIn());
      this.#sequel = { kind: 'answer', question: { ...question, text } };
    } else if (this.#waiting === null || this.#waiting.speakerId === speakerId) {
      this.#waiting = question;
      const { name } = this.#options.persona;
      this.#notice(speakerId, 'queued', `${name} is talking to somebody else and will answer you next.`);
    } else {
      const { name } = this.#options.persona;
      this.#notice(speakerId, 'busy', `${name} is busy. Please ask again in a moment.`);
    }
  }

  /** The visitor has left: their turn ends, their talk is forgotten. */
  leave(speakerId: string): void {
    this.#listeners.delete(speakerId);
    if (this.#sequel?.question.speakerId === speakerId) this.#sequel = null;
    if (this.#waiting?.speakerId === speakerId) this.#waiting = null;
    if (this.#running?.question.speakerId === speakerId) this.#running.controller.abort(bargeIn());
    this.#answers.leave(speakerId);
    this.#showRest();
  }

  /** Ends the running turn and refuses further ones. Resolves when nothing runs any more. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#sequel = null;
    this.#waiting = null;
    this.#answers.cancel();
    this.#voice.dispose();
    this.#running?.controller.abort(new DOMException('The room is closing', 'AbortError'));
    await this.#running?.done;
    this.#display.dispose();
    await this.#answers.close();
  }

  #start(turn: Turn): void {
    const { speakerId } = turn.question;
    const controller = new AbortController();
    this.#stoppedBy = null;
    this.#voice.beginTurn();
    const run =
      turn.kind === 'answer'
        ? this.#answer(turn.question, controller.signal)
        : this.#speakUp(turn, controller.signal);
    const done = run
      .catch((error: unknown) => this.#notice(speakerId, 'turn-failed', messageOf(error)))
      .finally(() => {
        this.#running = null;
        const next = this.#takeNext();
        if (next && !this.#disposed) this.#start(next);
        else this.#showRest();
      });
    this.#running = { ...turn, controller, done };
  }

  #takeNext(): Turn | null {
    const sequel = this.#sequel;
    this.#sequel = null;
    if (sequel) return sequel;
    const question = this.#waiting;
    this.#waiting = null;
    return question && { kind: 'answer', question };
  }

  /** Says what nobody has asked for: no history knows of it. */
  async #speakUp({ kind, question: { speakerId } }: Turn, signal: AbortSignal): Promise<void> {
    this.#display.think(speakerId);
    const text = await this.#voice.say(this.#wordsOf(kind), speakerId, signal);
    this.#lastWords = { speakerId, text };
    this.#display.fadeCaption();
  }

  #wordsOf(kind: Turn['kind']): string {
    const { persona } = this.#options;
    return kind === 'greeting' ? persona.greeting : pardonOf(persona);
  }

  async #answer(question: Question, signal: AbortSignal): Promise<void> {
    const { persona, events } = this.#options;
    const { speakerId } = question;
    const prepared = this.#answers.take(question);
    const { stopwatch } = prepared;
    prepared.confirm();
    stopwatch.asked(question.heard);
    signal.addEventListener('abort', () => prepared.cancel(), { once: true });
    this.#display.think(speakerId);
    const speaking = this.#voice.utter(speakerId, stopwatch, () => prepared.emotion);
    let outcome: TurnReport['outcome'] = 'answered';
    let failure: unknown;
    try {
      await speaking.run(prepared.parts, signal);
      if (!speaking.begun)
        throw new ParleyError(
          'empty-answer',
          'The language model gave no words to speak. Ask again, or in other words.',
        );
    } catch (error) {
      outcome = signal.aborted ? 'interrupted' : 'failed';
      failure = signal.aborted ? undefined : error;
    } finally {
      prepared.cancel();
    }
    this.#answers.remember(question, speaking.heard);
    this.#lastWords = { speakerId, text: speaking.heard };
    if (failure !== undefined) await this.#apologise(speakerId, failure, signal);
    events.onTurnEnd({
      utterance: this.#voice.utterance,
      npc: persona.id,
      speakerId,
      question: question.text,
      answer: speaking.heard,
      outcome,
      timings: stopwatch.timings(),
      emotion: prepared.emotion,
      error: failure,
    });
    this.#display.fadeCaption();
  }

  /** Tells the visitor what went wrong, and says so aloud where the voice still works. */
  async #apologise(speakerId: string, failure: unknown, signal: AbortSignal): Promise<void> {
    const apology = apologyOf(this.#options.persona);
    const code = failure instanceof ParleyError ? failure.code : 'turn-failed';
    this.#notice(speakerId, code, messageOf(failure));
    this.#display.caption = apology;
    const isMute = failure instanceof EngineError && (failure.engine === 'tts' || failure.engine === 'face');
    // Where it fails too, the visitor has been told already, and the caption says it.
    if (!isMute && !signal.aborted) await this.#voice.say(apology, speakerId, signal);
  }

  /** A visitor speaks again by themselves and need not be asked to. */
  #withdrawPardon(speakerId: string): void {
    if (this.#stoppedBy === speakerId) this.#stoppedBy = null;
    if (this.#sequel?.kind === 'pardon') this.#sequel = null;
    if (this.#running?.kind === 'pardon' && !this.#display.isSpeaking)
      this.#running.controller.abort(bargeIn());
  }

  #notice(speakerId: string, code: string, message: string): void {
    this.#options.events.onNotice(speakerId, code, message);
  }

  /** Between turns: it listens while somebody speaks to it, else it is idle. */
  #showRest(): void {
    if (this.#running) return;
    const speakerId = this.#listeners.values().next().value;
    this.#display.show(speakerId === undefined ? 'idle' : 'listening', speakerId ?? '');
  }
}

function bargeIn(): DOMException {
  return new DOMException('The visitor speaks', 'AbortError');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
