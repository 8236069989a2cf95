import type { ChatMessage } from '../engines/contracts.ts';

/** One question and what was heard of its answer. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
  /** When it was over, ms. */
  readonly atMs: number;
}

/** What somebody else said to the NPC in the hearing of all. */
export interface Overheard extends Exchange {
  readonly speakerId: string;
}

/** Conversations with this many visitors are remembered, the most recent ones. */
const MAX_SPEAKERS = 32;
/** Of the talk of others, so many exchanges of the last minutes are of interest. */
const MAX_OVERHEARD = 3;
const OVERHEARD_MS = 120_000;

/** What an NPC remembers of its talks, apart for each visitor, bounded. */
export class ChatHistory {
  readonly #maxExchanges: number;
  readonly #bySpeaker = new Map<string, Exchange[]>();

  /** @param maxExchanges Exchanges remembered for each visitor. Small models lose the thread with many. */
  constructor(maxExchanges = 2) {
    this.#maxExchanges = maxExchanges;
  }

  /** The talk with a visitor so far, oldest first. */
  messages(speakerId: string): ChatMessage[] {
    return (this.#bySpeaker.get(speakerId) ?? []).flatMap(({ question, answer }) => [
      { role: 'user' as const, content: question },
      { role: 'assistant' as const, content: answer },
    ]);
  }

  /** What others said to the NPC in the last two minutes, oldest first. */
  ofOthers(speakerId: string, nowMs: number): Overheard[] {
    return [...this.#bySpeaker]
      .filter(([id]) => id !== speakerId)
      .flatMap(([id, talk]) => talk.map((exchange) => ({ ...exchange, speakerId: id })))
      .filter(({ atMs }) => nowMs - atMs <= OVERHEARD_MS)
      .toSorted((a, b) => a.atMs - b.atMs)
      .slice(-MAX_OVERHEARD);
  }

  /** What was asked last: by anybody in the last two minutes, else by this speaker; '' where nothing was. */
  lastQuestion(speakerId: string, nowMs: number): string {
    const own = this.#bySpeaker.get(speakerId)?.at(-1);
    const other = this.ofOthers(speakerId, nowMs).at(-1);
    return (own && other ? (own.atMs >= other.atMs ? own : other) : (own ?? other))?.question ?? '';
  }

  /** Remembers an exchange. An answer of which nothing was heard is forgotten, as it never happened. */
  add(speakerId: string, exchange: Exchange): void {
    if (exchange.answer === '') return;
    const talk = this.#bySpeaker.get(speakerId) ?? [];
    this.#bySpeaker.delete(speakerId);
    this.#bySpeaker.set(speakerId, [...talk, exchange].slice(-this.#maxExchanges));
    const oldest = this.#bySpeaker.keys().next();
    if (this.#bySpeaker.size > MAX_SPEAKERS && !oldest.done) this.#bySpeaker.delete(oldest.value);
  }

  forget(speakerId: string): void {
    this.#bySpeaker.delete(speakerId);
  }
}
