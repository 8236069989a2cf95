import { setTimeout as delay } from 'node:timers/promises';
import { SPEECH_RATE_HZ } from '@parley/sdk';
import type { TtsPart } from '../engines/contracts.ts';
import {
  type ClauseSpan,
  type SpeechBlock,
  type SpeechBlocksOptions,
  speechBlocks,
} from '../speech/speech-blocks.ts';
import { heardText } from './heard-text.ts';

/** Where the blocks of one utterance go. */
export interface SpeechOutput {
  /** Announces the utterance. @param startMs Room clock at which sample 0 plays. */
  begin(startMs: number): void;
  send(block: SpeechBlock): void;
  /** The utterance ends early, at this sample. */
  stop(endSample: number): void;
  /** The utterance is over, whether it was stopped or has played out. */
  end(): void;
}

export interface SpeakOptions extends Omit<SpeechBlocksOptions, 'headroomMs' | 'onClause'> {
  readonly output: SpeechOutput;
  /** The room clock, ms. */
  readonly nowMs: () => number;
  /** A clause begins to be heard; the words so far, this clause included. */
  readonly onCaption: (heardSoFar: string) => void;
  /** First synthesised audio, before its face is known. */
  readonly onFirstAudio: () => void;
  /** Sample 0 will play this long after the first block is sent, so that listeners have something in hand, ms. */
  readonly leadMs: number;
  /** Blocks are sent at most this long before they play, so that barge-in wastes little, ms. */
  readonly maxAheadMs: number;
}

/** From the moment of barge-in until the voice is silent: time for the news to arrive and for the fade, ms. */
export const STOP_AHEAD_MS = 120;

/** Speaks one utterance on the room's clock. */
export class Speaking {
  readonly #options: SpeakOptions;
  readonly #clauses: ClauseSpan[] = [];
  readonly #captionTimers = new Set<NodeJS.Timeout>();
  #startMs: number | null = null;
  #sentSamples = 0;
  #endSample: number | null = null;

  constructor(options: SpeakOptions) {
    this.#options = options;
  }

  /** Whether anything was sent. */
  get begun(): boolean {
    return this.#startMs !== null;
  }

  /** What listeners have heard, or will have when the utterance has played out. */
  get heard(): string {
    return this.begun ? heardText(this.#clauses, this.#endSample ?? this.#sentSamples) : '';
  }

  /** Sends the blocks in step with the clock; resolves when the last has been heard. */
  async run(parts: AsyncIterable<TtsPart>, signal: AbortSignal): Promise<void> {
    const { output, nowMs, leadMs, maxAheadMs } = this.#options;
    const blocks = speechBlocks(
      parts,
      {
        ...this.#options,
        headroomMs: (producedSamples) =>
          this.#startMs === null ? Number.POSITIVE_INFINITY : this.#playMs(producedSamples) - nowMs(),
        onClause: (clause) => this.#addClause(clause),
      },
      signal,
    );
    try {
      for await (const block of blocks) {
        if (this.#startMs === null) {
          this.#startMs = nowMs() + leadMs;
          output.begin(this.#startMs);
          for (const clause of this.#clauses) this.#scheduleCaption(clause);
        }
        await sleepUntil(this.#playMs(block.startSample) - maxAheadMs, nowMs, signal);
        output.send(block);
        this.#sentSamples = block.startSample + (block.audio.length * SPEECH_RATE_HZ) / 50;
      }
      if (this.#startMs !== null) await sleepUntil(this.#playMs(this.#sentSamples), nowMs, signal);
    } catch (error) {
      this.#stop();
      throw error;
    } finally {
      for (const timer of this.#captionTimers) clearTimeout(timer);
      if (this.begun) output.end();
    }
  }

  #stop(): void {
    if (this.#startMs === null) return;
    const elapsedMs = this.#options.nowMs() - this.#startMs + STOP_AHEAD_MS;
    const elapsed = Math.max(0, Math.round((elapsedMs * SPEECH_RATE_HZ) / 1000));
    this.#endSample = Math.min(elapsed, this.#sentSamples);
    this.#options.output.stop(this.#endSample);
  }

  #addClause(clause: ClauseSpan): void {
    if (this.#clauses.length === 0) this.#options.onFirstAudio();
    this.#clauses.push(clause);
    if (this.#startMs !== null) this.#scheduleCaption(clause);
  }

  #scheduleCaption(clause: ClauseSpan): void {
    const timer = setTimeout(
      () => {
        this.#captionTimers.delete(timer);
        this.#options.onCaption(heardText(this.#clauses, clause.endSample));
      },
      Math.max(0, this.#playMs(clause.startSample) - this.#options.nowMs()),
    );
    this.#captionTimers.add(timer);
  }

  #playMs(sample: number): number {
    return (this.#startMs ?? 0) + (1000 * sample) / SPEECH_RATE_HZ;
  }
}

async function sleepUntil(untilMs: number, nowMs: () => number, signal: AbortSignal): Promise<void> {
  const waitMs = untilMs - nowMs();
  if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}
