import type { Emotion } from '@parley/sdk';
import type { Engines, Tts } from '../engines/contracts.ts';
import type { Persona } from '../persona/persona.ts';
import type { SpeechBlocksOptions } from '../speech/speech-blocks.ts';
import { say } from './answer.ts';
import { Humming } from './humming.ts';
import type { NpcDisplay } from './npc-display.ts';
import { Speaking, type SpeechOutput } from './speak.ts';
import { TurnStopwatch, type TurnTimings } from './turn-timings.ts';
import type { Timeouts } from './watchdog.ts';

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

export interface NpcVoiceOptions {
  /** May change from turn to turn, and so may its voice. */
  readonly persona: Persona;
  readonly tts: Tts;
  readonly engines: Pick<Engines, 'face'>;
  readonly output: NpcSpeechOutput;
  readonly codec: Pick<SpeechBlocksOptions, 'layout' | 'fps' | 'neutral'>;
  readonly timeouts: Timeouts;
  readonly leadMs: number;
  readonly maxAheadMs: number;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}

/** Loudness of a voice that may have been interrupted, against its own: -12 dB. */
const DUCKED_GAIN = 0.25;

/** What one NPC says aloud, with its face: answers, words of its own, hums. One at a time. */
export class NpcVoice {
  readonly #options: NpcVoiceOptions;
  readonly #display: NpcDisplay;
  readonly #humming: Humming;
  #seed = 1;
  #utterance = 0;
  #lowered = false;
  #spokeUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: NpcVoiceOptions, display: NpcDisplay) {
    this.#options = options;
    this.#display = display;
    this.#humming = new Humming(options);
  }

  /** Whether it can be heard now, or could until so long ago, ms. A hum does not count. */
  isHeard(agoMs = 0): boolean {
    return this.#display.isSpeaking || this.#options.nowMs() - this.#spokeUntilMs < agoMs;
  }

  /** Id of the turn's last utterance, 0 when nothing has been said. */
  get utterance(): number {
    return this.#utterance;
  }

  /** A turn begins, in which nothing has been said. */
  beginTurn(): void {
    this.#utterance = 0;
    this.#lowered = false;
  }

  /** Goes on more quietly, as somebody may be interrupting it, or as loudly as before. */
  lower(lowered: boolean): void {
    if (!this.#display.isSpeaking || lowered === this.#lowered) return;
    this.#lowered = lowered;
    this.#options.output.duck(lowered ? DUCKED_GAIN : 1);
  }

  /** Makes the hums, if the persona hums and they are not there yet. */
  prepareHums(): void {
    this.#humming.prepare();
  }

  /** Hums, if it can and has not just done so. @param withinMs It must be over by then, ms from now. */
  hum(withinMs: number): boolean {
    return this.#humming.begin(withinMs);
  }

  /** One utterance to a visitor, whose parts the caller has. */
  utter(
    speakerId: string,
    stopwatch: TurnStopwatch,
    emotion: () => Emotion | undefined = () => this.#options.persona.mood,
  ): Speaking {
    const { engines, persona, codec, timeouts, output, nowMs, leadMs, maxAheadMs } = this.#options;
    const display = this.#display;
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
        display.feel(emotion());
      },
      onCaption: (caption) => {
        display.caption = caption;
      },
      output: {
        begin: (startMs) => {
          this.#humming.stop();
          stopwatch.firstBlock();
          display.speak();
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

  /**
   * Says words of its own to a visitor.
   * @returns What was heard of them; less than all where `signal` cut them short or an engine failed, which is no loss, as
   * nobody has asked.
   */
  async say(words: string, speakerId: string, signal: AbortSignal): Promise<string> {
    const { tts, timeouts, nowMs } = this.#options;
    async function* sentences(): AsyncGenerator<string, void, undefined> {
      for (const sentence of words.split(/(?<=[.!?])\s+/u)) yield sentence;
    }
    const speaking = this.utter(speakerId, new TurnStopwatch(nowMs));
    await speaking.run(say({ tts, clauses: sentences(), timeouts }, signal), signal).catch(() => {});
    return speaking.heard;
  }

  dispose(): void {
    this.#humming.stop();
  }
}
