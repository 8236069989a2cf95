import { type Emotion, ParleyError } from '@parley/sdk';
import type { Engines, Tts } from '../engines/contracts.ts';
import type { Mind } from '../persona/mind.ts';
import type { Persona } from '../persona/persona.ts';
import type { NpcStatus } from '../room/parley-state.ts';
import type { SpeechBlocksOptions } from '../speech/speech-blocks.ts';
import { say } from './answer.ts';
import { ChatHistory } from './chat-history.ts';
import { Humming } from './humming.ts';
import type { InterruptionEvent } from './interruption.ts';
import type { HeardTurn } from './listener.ts';
import { pardonWords } from './pardon.ts';
import { PreparedAnswer } from './prepared-answer.ts';
import { sameWords } from './same-words.ts';
import { Speaking, type SpeechOutput } from './speak.ts';
import { TurnStopwatch, type TurnTimings } from './turn-timings.ts';
import { EngineError, type Timeouts } from './watchdog.ts';

/** What the room shows of an NPC; `NpcState` fits. */
export interface NpcFace {
  /** How it feels about what it says, `joy:0.6`, or ''. */
  emotion?: string;
  status: string;
  lookAt: string;
  caption: string;
  speakerId: string;
}

/** A question to an NPC, spoken or typed. */
export interface Question {
  readonly speakerId: string;
  readonly text: string;
  /** How it was heard; absent for typed words. */
  readonly heard?: HeardTurn;
}

/** What an NPC's turns tell the room. */
export interface NpcTurnEvents {
  /** A short message for one player. */
  onNotice(speakerId: string, code: string, message: string): void;
  /** A turn is over: what was asked, what was heard of the answer. */
  onTurnEnd(report: TurnReport): void;
}

/** Whom an utterance answers, and where the time went; or that it is a hum while somebody else speaks. */
export type UtteranceDetails =
  | { readonly speakerId: string; readonly timings: TurnTimings }
  | { readonly backchannel: true };

/** Where an NPC's utterances go. */
export interface NpcSpeechOutput extends Omit<SpeechOutput, 'begin'> {
  /** @returns The utterance's id. */
  begin(startMs: number, details: UtteranceDetails): number;
  /** The running utterance goes on at this share of its loudness, as somebody may be interrupting it. */
  duck(gain: number): void;
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

export interface NpcTurnsOptions {
  readonly persona: Persona;
  readonly mind: Pick<Mind, 'think' | 'leave' | 'close'>;
  /** A visitor's id that stays the same from visit to visit, where the room knows one. */
  readonly visitorId?: (speakerId: string) => string | undefined;
  /** A visitor's name as the others see it, where the room knows one. */
  readonly nameOf?: (speakerId: string) => string | undefined;
  readonly engines: Pick<Engines, 'face'>;
  readonly tts: Tts;
  readonly face: NpcFace;
  readonly output: NpcSpeechOutput;
  readonly events: NpcTurnEvents;
  readonly codec: Pick<SpeechBlocksOptions, 'layout' | 'fps' | 'neutral'>;
  readonly timeouts: Timeouts;
  readonly leadMs: number;
  readonly maxAheadMs: number;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}

/** A caption stays this long after the voice has ended, ms. */
const CAPTION_STAYS_MS = 6_000;
/** Longest question that goes to the model, in characters; of a longer one the end counts. */
const MAX_QUESTION_CHARACTERS = 600;

/** Loudness of a voice that may have been interrupted, against its own: -12 dB. */
const DUCKED_GAIN = 0.25;

interface Turn {
  /** A greeting and a "Sorry?" give way to whoever says something. */
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
  readonly #history = new ChatHistory();
  readonly #humming: Humming;
  #running: RunningTurn | null = null;
  /** What comes of what the player who holds the turn said while it ran. */
  #sequel: Turn | null = null;
  /** Another player's question. */
  #waiting: Question | null = null;
  #prepared: PreparedAnswer | null = null;
  #listeners = new Set<string>();
  #captionTimer: NodeJS.Timeout | null = null;
  #seed = 1;
  #utterance = 0;
  #ducked = false;
  #spokeUntilMs = Number.NEGATIVE_INFINITY;
  #lastWords = { speakerId: '', text: '' };
  /** Whose voice has stopped it, as long as nothing else has come of that voice. */
  #stoppedBy: string | null = null;
  #disposed = false;

  constructor(options: NpcTurnsOptions) {
    this.#options = options;
    this.#humming = new Humming(options);
  }

  /** Whether its voice can be heard now, or could until so long ago, ms. */
  isSpeaking(agoMs = 0): boolean {
    const { face, nowMs } = this.#options;
    return face.status === 'speaking' || nowMs() - this.#spokeUntilMs < agoMs;
  }

  /** Whether it has asked this player something last. */
  awaits(speakerId: string): boolean {
    return this.#lastWords.speakerId === speakerId && /\?["'”’)]*$/u.test(this.#lastWords.text);
  }

  /** Whether it has nothing to do: neither a turn nor anybody who speaks to it. */
  get isFree(): boolean {
    return !this.#running && this.#listeners.size === 0 && !this.#disposed;
  }

  /** What it says or said last, as far as it was heard. */
  get lastWords(): string {
    const { caption } = this.#options.face;
    return caption === '' ? this.#lastWords.text : caption;
  }

  /** A player begins to speak to this NPC: it turns to them. */
  hearStart(speakerId: string): void {
    if (this.#disposed) return;
    this.#listeners.add(speakerId);
    if (this.#stoppedBy === speakerId) this.#stoppedBy = null;
    // Who repeats it by themselves need not be asked.
    const running = this.#running;
    if (running?.kind === 'pardon' && this.#options.face.status !== 'speaking')
      running.controller.abort(bargeIn());
    this.#humming.prepare();
    this.#showRest();
  }

  /**
   * Hums to the player who speaks to it, if it has nothing else to do and nobody else speaks to it. No turn, no history and no
   * status knows of it.
   * @param withinMs It must be over by then, ms from now.
   * @returns Whether it does.
   */
  hum(speakerId: string, withinMs: number): boolean {
    const alone = this.#listeners.size === 1 && this.#listeners.has(speakerId);
    if (this.#disposed || this.#running || !alone) return false;
    return this.#humming.begin(withinMs);
  }

  /**
   * A player's voice while it speaks: it lowers its own at the first sign of words, goes on when it was nothing, and falls
   * silent when they take the floor. Only whom it answers may interrupt it.
   */
  interrupt(speakerId: string, event: InterruptionEvent): void {
    const running = this.#running;
    if (running?.question.speakerId !== speakerId || running.controller.signal.aborted) return;
    if (event === 'confirm') {
      if (this.#options.face.status !== 'speaking') return;
      // Who is not understood a second time is not asked again and again.
      this.#stoppedBy = running.kind === 'pardon' ? null : speakerId;
      running.controller.abort(bargeIn());
      return;
    }
    const ducked = event === 'suspect';
    if (this.#options.face.status !== 'speaking' || ducked === this.#ducked) return;
    this.#ducked = ducked;
    this.#options.output.duck(ducked ? DUCKED_GAIN : 1);
  }

  /** Says the persona's greeting to a player, unless it has none or something to do. @returns Whether it does. */
  greet(speakerId: string): boolean {
    if (!this.isFree || !this.#options.persona.greeting) return false;
    this.#start({ kind: 'greeting', question: { speakerId, text: '' } });
    return true;
  }

  /**
   * A player has most likely finished a question: the answer is prepared while endpointing still waits, so that the
   * model's and the voice's time is mostly saved.
   */
  anticipate(question: Question): void {
    if (this.#disposed || this.#running) return;
    const { speakerId, text } = question;
    if (this.#prepared?.speakerId === speakerId && sameWords(this.#prepared.text, text)) return;
    this.#prepared?.cancel();
    this.#prepared = this.#prepare(question);
  }

  /** The player goes on: what was prepared is not wanted. */
  abandon(speakerId: string): void {
    if (this.#prepared?.speakerId !== speakerId) return;
    this.#prepared.cancel();
    this.#prepared = null;
  }

  /** What the player said turned out to be nothing. */
  hearNothing(speakerId: string): void {
    this.#listeners.delete(speakerId);
    this.abandon(speakerId);
    if (this.#stoppedBy === speakerId) this.#stoppedBy = null;
    this.#showRest();
  }

  /**
   * What the player said was a voice of which nothing was understood. Where it stopped the NPC, the NPC asks them to say it
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

  /** A player's question. It is answered now, or next, or the player is told that the NPC is busy. */
  ask(question: Question): void {
    if (this.#disposed) return;
    this.#listeners.delete(question.speakerId);
    const running = this.#running;
    if (!running) {
      this.#start({ kind: 'answer', question });
    } else if (running.kind !== 'answer') {
      running.controller.abort(bargeIn());
      this.#sequel = { kind: 'answer', question };
    } else if (running.question.speakerId === question.speakerId) {
      // Not answered yet: the new words belong to the same question.
      const text =
        running.controller.signal.aborted || this.#options.face.status === 'speaking'
          ? question.text
          : `${running.question.text} ${question.text}`;
      running.controller.abort(bargeIn());
      this.#sequel = { kind: 'answer', question: { ...question, text } };
    } else if (this.#waiting === null || this.#waiting.speakerId === question.speakerId) {
      this.#waiting = question;
      this.#notice(
        question,
        'queued',
        `${this.#options.persona.name} is talking to somebody else and will answer you next.`,
      );
    } else {
      this.#notice(question, 'busy', `${this.#options.persona.name} is busy. Please ask again in a moment.`);
    }
  }

  /** The player has left: their turn ends, their talk is forgotten. */
  leave(speakerId: string): void {
    this.#listeners.delete(speakerId);
    this.abandon(speakerId);
    if (this.#sequel?.question.speakerId === speakerId) this.#sequel = null;
    if (this.#waiting?.speakerId === speakerId) this.#waiting = null;
    if (this.#running?.question.speakerId === speakerId) this.#running.controller.abort(bargeIn());
    this.#history.forget(speakerId);
    this.#options.mind.leave(speakerId);
    this.#showRest();
  }

  /** Ends the running turn and refuses further ones. Resolves when nothing runs any more. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#sequel = null;
    this.#waiting = null;
    this.#prepared?.cancel();
    if (this.#captionTimer) clearTimeout(this.#captionTimer);
    this.#humming.stop();
    this.#running?.controller.abort(new DOMException('The room is closing', 'AbortError'));
    await this.#running?.done;
    await this.#options.mind.close();
  }

  #start({ kind, question }: Turn): void {
    const controller = new AbortController();
    this.#ducked = false;
    this.#stoppedBy = null;
    const turn =
      kind === 'answer'
        ? this.#run(question, controller.signal)
        : this.#say(this.#wordsOf(kind), question, controller.signal);
    const run = turn.catch((error: unknown) => {
      this.#notice(question, 'turn-failed', error instanceof Error ? error.message : String(error));
    });
    const done = run.finally(() => {
      this.#running = null;
      const waiting: Turn | null = this.#waiting && { kind: 'answer', question: this.#waiting };
      const next = this.#sequel ?? waiting;
      if (this.#sequel) this.#sequel = null;
      else this.#waiting = null;
      if (next && !this.#disposed) this.#start(next);
      else this.#showRest();
    });
    this.#running = { kind, question, controller, done };
  }

  #wordsOf(kind: 'greeting' | 'pardon'): string {
    const { greeting, pardon, languages } = this.#options.persona;
    return kind === 'greeting' ? greeting : pardonWords(pardon, languages[0]);
  }

  /** Says something of its own to a player, which no history knows; a fault is no loss, as nobody asked. */
  async #say(words: string, { speakerId }: Question, signal: AbortSignal): Promise<void> {
    const { tts, timeouts, nowMs } = this.#options;
    async function* sentences(): AsyncGenerator<string, void, undefined> {
      for (const sentence of words.split(/(?<=[.!?])\s+/u)) yield sentence;
    }
    this.#show('thinking', speakerId, '');
    const speaking = this.#speaking(new TurnStopwatch(nowMs), speakerId);
    await speaking.run(say({ tts, clauses: sentences(), timeouts }, signal), signal).catch(() => {});
    this.#lastWords = { speakerId, text: speaking.heard };
    this.#fadeCaption();
  }

  async #run(question: Question, signal: AbortSignal): Promise<void> {
    const { persona, events } = this.#options;
    const { speakerId, text } = question;
    const prepared = this.#takePrepared(question);
    const { stopwatch } = prepared;
    prepared.confirm();
    stopwatch.asked(question.heard);
    signal.addEventListener('abort', () => prepared.cancel(), { once: true });
    this.#show('thinking', speakerId, '');
    this.#utterance = 0;
    const speaking = this.#speaking(stopwatch, speakerId, () => prepared.emotion);
    let outcome: TurnReport['outcome'] = 'answered';
    let failure: unknown;
    try {
      await speaking.run(prepared.parts, signal);
      if (!speaking.begun)
        throw new ParleyError('empty-answer', 'The language model gave no words to speak.');
    } catch (error) {
      outcome = signal.aborted ? 'interrupted' : 'failed';
      failure = signal.aborted ? undefined : error;
    } finally {
      prepared.cancel();
    }
    this.#history.add(speakerId, { question: text, answer: speaking.heard, atMs: this.#options.nowMs() });
    this.#lastWords = { speakerId, text: speaking.heard };
    if (failure !== undefined) await this.#apologise(question, failure, signal);
    events.onTurnEnd({
      utterance: this.#utterance,
      npc: persona.id,
      speakerId,
      question: text,
      answer: speaking.heard,
      outcome,
      timings: stopwatch.timings(),
      emotion: prepared.emotion,
      error: failure,
    });
    this.#fadeCaption();
  }

  /** The answer that was prepared for this very question, or a new one. */
  #takePrepared(question: Question): PreparedAnswer {
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared?.speakerId === question.speakerId && sameWords(prepared.text, question.text))
      return prepared;
    prepared?.cancel();
    return this.#prepare(question);
  }

  #prepare(question: Question): PreparedAnswer {
    const { persona, mind, tts, timeouts, nowMs } = this.#options;
    const { speakerId, text } = question;
    const history = this.#history.messages(speakerId);
    const { visitorId, nameOf } = this.#options;
    const visitor = visitorId?.(speakerId);
    const name = nameOf?.(speakerId);
    const others = this.#history
      .ofOthers(speakerId, nowMs())
      .map(({ speakerId: id, question: said, answer }) => ({ name: nameOf?.(id), question: said, answer }));
    const before = this.#history.lastQuestion(speakerId, nowMs());
    const words = text.slice(-MAX_QUESTION_CHARACTERS);
    const prepared = new PreparedAnswer(
      question,
      (asked) => ({
        think: (signal) =>
          mind.think({ speakerId, name, text: words, history, others, before, visitor, asked }, signal),
        tts,
        maxSentences: persona.maxSentences,
        timeouts,
      }),
      new TurnStopwatch(nowMs),
    );
    prepared.emotion = persona.mood;
    return prepared;
  }

  /** Tells the player what went wrong, and says so aloud where the voice still works. */
  async #apologise(question: Question, failure: unknown, signal: AbortSignal): Promise<void> {
    const { persona, tts, timeouts, face } = this.#options;
    const code = failure instanceof ParleyError ? failure.code : 'turn-failed';
    this.#notice(question, code, failure instanceof Error ? failure.message : String(failure));
    face.caption = persona.apology;
    const voiceWorks = !(
      failure instanceof EngineError &&
      (failure.engine === 'tts' || failure.engine === 'face')
    );
    if (!voiceWorks || signal.aborted) return;
    async function* apology(): AsyncGenerator<string, void, undefined> {
      yield persona.apology;
    }
    try {
      const speaking = this.#speaking(new TurnStopwatch(this.#options.nowMs), question.speakerId);
      await speaking.run(say({ tts, clauses: apology(), timeouts }, signal), signal);
    } catch {
      // The player has been told already, and the caption says it.
    }
  }

  #speaking(
    stopwatch: TurnStopwatch,
    speakerId: string,
    emotion: () => Emotion | undefined = () => this.#options.persona.mood,
  ): Speaking {
    const { engines, persona, codec, timeouts, output, nowMs, leadMs, maxAheadMs, face } = this.#options;
    return new Speaking({
      face: engines.face,
      seed: this.#seed++,
      emotion,
      ...codec,
      patience: timeouts.face,
      pitch: persona.voice.pitch,
      nowMs,
      leadMs,
      maxAheadMs,
      onFirstAudio: () => {
        stopwatch.firstAudio();
        const felt = emotion();
        face.emotion = felt ? `${felt.name}:${felt.intensity}` : '';
      },
      onCaption: (caption) => {
        face.caption = caption;
      },
      output: {
        begin: (startMs) => {
          this.#humming.stop();
          stopwatch.firstBlock();
          face.status = 'speaking';
          this.#utterance = output.begin(startMs, { speakerId, timings: stopwatch.timings() });
        },
        send: (block) => output.send(block),
        stop: (endSample) => output.stop(endSample),
        end: () => {
          this.#spokeUntilMs = nowMs();
          output.end();
        },
      },
    });
  }

  #notice(question: Question, code: string, message: string): void {
    this.#options.events.onNotice(question.speakerId, code, message);
  }

  /** Status between turns: listening while somebody speaks to the NPC, else idle. */
  #showRest(): void {
    if (this.#running) return;
    const speakerId = this.#listeners.values().next().value;
    if (speakerId === undefined) this.#show('idle', '');
    else this.#show('listening', speakerId);
  }

  #show(status: NpcStatus, speakerId: string, caption?: string): void {
    const { face } = this.#options;
    face.status = status;
    face.lookAt = speakerId;
    face.speakerId = speakerId;
    if (caption === undefined) return;
    face.caption = caption;
    if (this.#captionTimer) clearTimeout(this.#captionTimer);
    this.#captionTimer = null;
  }

  #fadeCaption(): void {
    if (this.#disposed) return;
    this.#captionTimer = setTimeout(() => {
      this.#options.face.caption = '';
    }, CAPTION_STAYS_MS);
    this.#captionTimer.unref();
  }
}

function bargeIn(): DOMException {
  return new DOMException('The player speaks', 'AbortError');
}
