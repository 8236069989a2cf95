import type { VadFrame } from '../engines/contracts.ts';
import type { Finish } from './how-finished.ts';

/** When speech begins and when a speaker is taken to have finished. All times are microphone time. */
export interface EndpointingOptions {
  /** Voice probability in (0, 1) at which speech begins. Default 0.5. */
  readonly startProbability: number;
  /** Voice probability in (0, 1) below which a window is silent once speech has begun. Default 0.35. */
  readonly endProbability: number;
  /** Voice that makes it speech rather than a click, ms. Default 250. */
  readonly minSpeechMs: number;
  /** Silence after which the speech so far is worth transcribing, ms. Default 128. */
  readonly pauseMs: number;
  /** Silence that ends a turn whose words are clearly a whole question or request, ms. Default 220. */
  readonly clearDelayMs: number;
  /** Silence that ends a turn whose words look complete, ms, unless its speaker has paused for longer. Default 500. */
  readonly minDelayMs: number;
  /** Silence that ends a turn which may well go on, ms. Default 900. */
  readonly openDelayMs: number;
  /** Silence that ends any turn, ms. Default 1500. */
  readonly maxDelayMs: number;
  /** Longest piece that goes to the recogniser at once, ms. Default 28000. */
  readonly maxUtteranceMs: number;
  /** Audio kept before the first and after the last voiced window, ms. Default 250. */
  readonly paddingMs: number;
}

export const ENDPOINTING_DEFAULTS: EndpointingOptions = {
  startProbability: 0.5,
  endProbability: 0.35,
  minSpeechMs: 250,
  pauseMs: 128,
  clearDelayMs: 220,
  minDelayMs: 500,
  openDelayMs: 900,
  maxDelayMs: 1500,
  maxUtteranceMs: 28_000,
  paddingMs: 250,
};

/** A stretch of the microphone's 16 kHz clock. */
export interface Segment {
  readonly startSample: number;
  readonly endSample: number;
}

export type EndpointEvent =
  /** Enough voice to be sure that somebody speaks. */
  | { readonly type: 'speech-start'; readonly startSample: number }
  /** The speaker pauses: this is the speech so far, padding included. */
  | { readonly type: 'pause'; readonly segment: Segment; readonly voiceEndSample: number }
  /** The speaker goes on after a pause of this length. */
  | { readonly type: 'resume'; readonly pauseMs: number }
  /** The piece has reached its longest; the speech goes on in a further piece. */
  | { readonly type: 'overflow'; readonly segment: Segment }
  /** The turn is over. */
  | { readonly type: 'end' };

type Phase = 'silence' | 'onset' | 'speech' | 'pause';

/** Silence after which voice that was not yet speech is forgotten, ms: within it come the gaps of "stop, please". */
const ONSET_SILENCE_MS = 320;
/** Who has paused within a turn and gone on may do so again, for this much longer, ms. */
const PAUSE_MARGIN_MS = 250;
/** How many windows back a piece that grew too long may be cut, to find the quietest place. */
const CUT_WINDOWS = 128;

/**
 * Turns voice probabilities into the events of a turn. Pure: time comes from the frames' sample indices only.
 *
 * The delay before a turn ends depends on how finished the words so far read: `clearDelayMs`, `minDelayMs`, `openDelayMs` or
 * `maxDelayMs`; whoever transcribes says so through {@link Endpointer.judge}. Until a judgement has come the turn does not
 * end before `maxDelayMs`, as its words would be needed anyway. Somebody who searched for words once in this turn gets as
 * long again where the words look complete, up to `openDelayMs`.
 * Paper: Raux & Eskenazi 2008, Optimizing endpointing thresholds using dialogue features, SIGdial
 */
export class Endpointer {
  readonly #options: EndpointingOptions;
  readonly #samplesPerMs: number;
  readonly #windowSamples: number;
  #phase: Phase = 'silence';
  #startSample = 0;
  #voiceEndSample = 0;
  #clock = 0;
  #voicedSamples = 0;
  #resumeSample = 0;
  #judgement: Finish = 'hanging';
  #longestPauseMs = 0;
  /** The last windows of the running piece, to cut at the quietest. */
  #recent: VadFrame[] = [];

  /**
   * @param options Times and thresholds.
   * @param rateHz Rate of the frames' sample indices.
   * @param windowSamples Samples in one VAD window.
   */
  constructor(options: EndpointingOptions = ENDPOINTING_DEFAULTS, rateHz = 16_000, windowSamples = 512) {
    this.#options = options;
    this.#samplesPerMs = rateHz / 1000;
    this.#windowSamples = windowSamples;
  }

  /** Whether speech has begun and not ended. */
  get speaking(): boolean {
    return this.#phase === 'speech' || this.#phase === 'pause';
  }

  /** Sample at which the running speech, or what may become it, began; padding included. */
  get startSample(): number {
    return this.#startSample;
  }

  /** Sample after the last window. */
  get clockSample(): number {
    return this.#clock;
  }

  /** Voice since the silence before it, pauses left out, ms; 0 in silence. */
  get voicedMs(): number {
    return this.#phase === 'silence' ? 0 : this.#voicedSamples / this.#samplesPerMs;
  }

  /** Silence since the last voiced window, ms. */
  get silenceMs(): number {
    return this.#silence() / this.#samplesPerMs;
  }

  /** Says how finished the words of the last pause read; may end the turn at once. */
  judge(finish: Finish): EndpointEvent | null {
    if (this.#phase !== 'pause') return null;
    this.#judgement = finish;
    return this.#endIfDue();
  }

  /** Feeds one window. At most one event comes of it. */
  push(frame: VadFrame): EndpointEvent | null {
    this.#clock = frame.startSample + this.#windowSamples;
    const options = this.#options;
    const voiced =
      frame.probability >= (this.#phase === 'silence' ? options.startProbability : options.endProbability);
    if (this.#phase !== 'silence') this.#remember(frame);
    switch (this.#phase) {
      case 'silence':
        if (voiced) {
          this.#phase = 'onset';
          this.#recent = [frame];
          this.#startSample = Math.max(0, frame.startSample - this.#samples(options.paddingMs));
          this.#voiceEndSample = this.#clock;
          this.#voicedSamples = this.#windowSamples;
        }
        return null;
      case 'onset':
        return this.#growOnset(voiced);
      case 'speech':
        if (voiced) this.#addVoice();
        if (this.#clock - this.#startSample >= this.#samples(options.maxUtteranceMs)) return this.#cut();
        if (!voiced && this.#silence() >= this.#samples(options.pauseMs)) return this.#pause();
        return null;
      case 'pause':
        if (frame.probability >= options.startProbability) {
          const pauseMs = (frame.startSample - this.#voiceEndSample) / this.#samplesPerMs;
          this.#phase = 'speech';
          this.#addVoice();
          this.#resumeSample = frame.startSample;
          this.#longestPauseMs = Math.max(this.#longestPauseMs, pauseMs);
          return { type: 'resume', pauseMs };
        }
        return this.#endIfDue();
    }
  }

  /**
   * Ends the speech by force, as when a push-to-talk key is released or the microphone falls silent altogether.
   * @returns The last stretch, or null when nobody was speaking or it has been given out by a pause already.
   */
  close(): { readonly segment: Segment; readonly voiceEndSample: number } | null {
    const wasSpeech = this.#phase === 'speech' || (this.#phase === 'onset' && this.#isSpeech());
    const segment = wasSpeech ? this.#segment(this.#clock) : null;
    const voiceEndSample = this.#voiceEndSample;
    this.reset();
    return segment && { segment, voiceEndSample };
  }

  /** After a resume: what was said before the pause is settled, the running piece begins after the pause. */
  settle(): void {
    this.#startSample = Math.max(0, this.#resumeSample - this.#samples(this.#options.paddingMs));
    this.#recent = [];
  }

  /** Back to silence; the clock goes on. */
  reset(): void {
    this.#phase = 'silence';
    this.#judgement = 'hanging';
    this.#longestPauseMs = 0;
    this.#recent = [];
  }

  #growOnset(voiced: boolean): EndpointEvent | null {
    if (voiced) {
      this.#addVoice();
      if (!this.#isSpeech()) return null;
      this.#phase = 'speech';
      return { type: 'speech-start', startSample: this.#startSample };
    }
    if (this.#silence() >= this.#samples(ONSET_SILENCE_MS)) this.reset();
    return null;
  }

  #isSpeech(): boolean {
    return this.#voicedSamples >= this.#samples(this.#options.minSpeechMs);
  }

  #pause(): EndpointEvent {
    this.#phase = 'pause';
    this.#judgement = 'hanging';
    return { type: 'pause', segment: this.#segment(this.#clock), voiceEndSample: this.#voiceEndSample };
  }

  #endIfDue(): EndpointEvent | null {
    if (this.#silence() < this.#samples(this.#delayMs())) return null;
    this.reset();
    return { type: 'end' };
  }

  #delayMs(): number {
    const { clearDelayMs, minDelayMs, openDelayMs, maxDelayMs } = this.#options;
    switch (this.#judgement) {
      case 'clear':
        return clearDelayMs;
      case 'likely':
        return Math.max(minDelayMs, Math.min(openDelayMs, this.#longestPauseMs + PAUSE_MARGIN_MS));
      case 'open':
        return openDelayMs;
      case 'hanging':
        return maxDelayMs;
    }
  }

  #addVoice(): void {
    this.#voiceEndSample = this.#clock;
    this.#voicedSamples += this.#windowSamples;
  }

  #cut(): EndpointEvent {
    let quietest = this.#recent[this.#recent.length - 1];
    for (const frame of this.#recent) if (frame.probability < quietest.probability) quietest = frame;
    const cutSample = quietest.startSample;
    const segment = { startSample: this.#startSample, endSample: cutSample };
    this.#startSample = cutSample;
    this.#recent = this.#recent.filter((frame) => frame.startSample >= cutSample);
    return { type: 'overflow', segment };
  }

  #segment(clock: number): Segment {
    const endSample = Math.min(clock, this.#voiceEndSample + this.#samples(this.#options.paddingMs));
    return { startSample: this.#startSample, endSample };
  }

  #remember(frame: VadFrame): void {
    this.#recent.push(frame);
    if (this.#recent.length > CUT_WINDOWS) this.#recent.shift();
  }

  #silence(): number {
    return this.#clock - this.#voiceEndSample;
  }

  #samples(durationMs: number): number {
    return durationMs * this.#samplesPerMs;
  }
}
