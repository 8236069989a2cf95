import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import type { Asr, Vad } from '../engines/contracts.ts';
import { Channel } from './channel.ts';
import {
  ENDPOINTING_DEFAULTS,
  type EndpointEvent,
  Endpointer,
  type EndpointingOptions,
  type Segment,
} from './endpointing.ts';
import { looksComplete } from './looks-complete.ts';
import { PcmRing } from './pcm-ring.ts';
import { type Transcription, transcribe } from './transcribe.ts';
import type { Timeouts } from './watchdog.ts';

/** A finished turn of a speaker. */
export interface HeardTurn {
  readonly text: string;
  /** Room clock at which the voice ended, ms. */
  readonly voiceEndMs: number;
  /** From the end of the voice until the turn was taken to be over, ms. */
  readonly endpointingMs: number;
  /** Time that the recogniser took for the last piece, ms; most of it passes while endpointing still waits. */
  readonly asrMs: number;
}

/** What a listener tells its room. */
export interface ListenerEvents {
  /** Enough voice to be sure that the player speaks: the moment for barge-in. */
  onSpeechStart(): void;
  /** The player seems to have said all of this; they may still go on. */
  onLikelyTurn(text: string): void;
  /** The player goes on after all. */
  onResume(): void;
  /** The player has finished; null when it was noise or nothing intelligible. */
  onTurn(turn: HeardTurn | null): void;
  /** An engine failed; the listener goes on. */
  onFailure(error: unknown): void;
}

/** `open`: endpointing decides when a turn ends. `push`: the player does, by letting go of the key. */
export type ListenMode = 'open' | 'push';

export interface ListenerOptions {
  readonly vad: Vad;
  readonly asr: Asr;
  readonly timeouts: Timeouts;
  readonly endpointing?: EndpointingOptions;
  readonly mode?: ListenMode;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}

/** Microphone audio that may wait for the voice detector: 5 s in frames of 20 ms. Beyond it frames are refused. */
const VAD_QUEUE_FRAMES = 250;
/** Transcribed pieces of one long turn that are kept, the newest. */
const MAX_PIECES = 12;
/** A microphone that sends nothing for this long in the middle of speech has fallen silent, ms. */
const STARVED_MS = 700;

interface Speculation {
  readonly controller: AbortController;
  readonly voiceEndSample: number;
  result: Transcription | null;
}

/**
 * Listens to one open microphone: voice activity, endpointing, recognition. A pause is transcribed while endpointing
 * still waits, so that recognition costs no time in the usual case. Memory is bounded however long somebody talks.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #endpointing: EndpointingOptions;
  readonly #events: ListenerEvents;
  readonly #controller = new AbortController();
  readonly #endpointer: Endpointer;
  readonly #ring: PcmRing;
  readonly #vadInput = new Channel<Float32Array>(VAD_QUEUE_FRAMES);
  /** Transcripts of the pieces that are settled, in order; pieces still at work are promises. */
  #pieces: Promise<Transcription | null>[] = [];
  #speculation: Speculation | null = null;
  #starvation: NodeJS.Timeout | null = null;
  /** Room clock and sample index at the last received frame. */
  #lastFrameMs = 0;
  #refusedFrames = 0;

  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#options = options;
    this.#events = events;
    const endpointing = options.endpointing ?? ENDPOINTING_DEFAULTS;
    this.#endpointing =
      options.mode === 'push'
        ? { ...endpointing, minDelayMs: Number.POSITIVE_INFINITY, maxDelayMs: Number.POSITIVE_INFINITY }
        : endpointing;
    this.#endpointer = new Endpointer(this.#endpointing, MICROPHONE_RATE_HZ);
    const keptMs = this.#endpointing.maxUtteranceMs + 2 * this.#endpointing.paddingMs + 2000;
    this.#ring = new PcmRing(Math.ceil((keptMs * MICROPHONE_RATE_HZ) / 1000));
    void this.#watch();
  }

  /** Frames that were refused because the voice detector could not keep up. */
  get refusedFrames(): number {
    return this.#refusedFrames;
  }

  /** Whether it listens no more. */
  get stopped(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Takes the next 16 kHz PCM of the microphone. */
  receive(pcm: Float32Array): void {
    if (this.#controller.signal.aborted) return;
    if (!this.#vadInput.offer(pcm)) {
      this.#refusedFrames++;
      return;
    }
    this.#ring.write(pcm);
    this.#lastFrameMs = this.#options.nowMs();
  }

  /** The player lets go of the key or closes the microphone: what was said becomes a turn at once. */
  async finish(): Promise<void> {
    // What the detector has been given it still judges, within reason.
    const ringEnd = this.#ring.endSample;
    this.#vadInput.close();
    await Promise.race([this.#watching, new Promise((resolve) => setTimeout(resolve, 300))]);
    const spoke = this.#endpointer.speaking;
    const rest = this.#endpointer.close();
    if (rest)
      this.#speculate({ startSample: rest.segment.startSample, endSample: ringEnd }, rest.voiceEndSample);
    if (spoke || rest) this.#end();
    await this.#ending;
    this.stop();
  }

  /** Drops everything. */
  stop(): void {
    this.#controller.abort(new DOMException('The microphone was closed', 'AbortError'));
    this.#vadInput.close();
    if (this.#starvation) clearTimeout(this.#starvation);
    this.#speculation?.controller.abort();
  }

  #watching: Promise<void> = Promise.resolve();

  #watch(): void {
    this.#watching = this.#detect().catch((error) => {
      if (this.#controller.signal.aborted) return;
      this.stop();
      this.#events.onFailure(error);
    });
  }

  async #detect(): Promise<void> {
    for await (const frame of this.#options.vad.detect(this.#vadInput, this.#controller.signal)) {
      const event = this.#endpointer.push(frame);
      if (event) this.#handle(event);
    }
  }

  #handle(event: EndpointEvent): void {
    switch (event.type) {
      case 'speech-start':
        if (this.#options.mode !== 'push') this.#starvation ??= this.#armStarvation();
        this.#events.onSpeechStart();
        return;
      case 'pause':
        this.#speculate(event.segment, event.voiceEndSample);
        return;
      case 'resume':
        this.#resume();
        return;
      case 'overflow':
        this.#keep(
          this.#transcribe(event.segment, this.#controller.signal).catch((error) => this.#failed(error)),
        );
        return;
      case 'end':
        this.#end();
        return;
    }
  }

  /** Transcribes the speech so far, in case the turn ends here. */
  #speculate(segment: Segment, voiceEndSample: number): void {
    this.#speculation?.controller.abort();
    const controller = new AbortController();
    const speculation: Speculation = { controller, voiceEndSample, result: null };
    this.#speculation = speculation;
    const signal = AbortSignal.any([controller.signal, this.#controller.signal]);
    const work = this.#transcribe(segment, signal).then(
      (result) => {
        speculation.result = result;
        if (this.#speculation === speculation) this.#judge(result);
        return result;
      },
      (error) => (controller.signal.aborted ? null : this.#failed(error)),
    );
    this.#pending = work;
  }

  #pending: Promise<Transcription | null> = Promise.resolve(null);

  #judge(result: Transcription): void {
    const complete = result.text === '' || looksComplete(result.text);
    const event = this.#endpointer.judge(complete);
    if (event) this.#handle(event);
    else if (complete && result.text !== '') void this.#announce();
  }

  async #announce(): Promise<void> {
    const speculation = this.#speculation;
    const text = join(await Promise.all([...this.#pieces, this.#pending]));
    if (this.#speculation === speculation && !this.stopped) this.#events.onLikelyTurn(text);
  }

  #resume(): void {
    this.#events.onResume();
    const speculation = this.#speculation;
    this.#speculation = null;
    if (!speculation) return;
    if (speculation.result && looksComplete(speculation.result.text)) {
      // A whole sentence is settled, so that a long turn is not transcribed again at every pause.
      this.#keep(Promise.resolve(speculation.result));
      this.#endpointer.settle();
    } else {
      speculation.controller.abort();
    }
  }

  #keep(piece: Promise<Transcription | null>): void {
    this.#pieces.push(piece);
    if (this.#pieces.length > MAX_PIECES) this.#pieces.shift();
  }

  /** The turn is over; its words may still be on their way. */
  #end(): void {
    const complete = this.#complete().catch((error) => void this.#failed(error));
    this.#ending = Promise.all([this.#ending, complete]).then(() => {});
  }

  #ending: Promise<void> = Promise.resolve();

  async #complete(): Promise<void> {
    const { nowMs } = this.#options;
    const speculation = this.#speculation;
    const endSample = this.#ring.endSample;
    const lastFrameMs = this.#lastFrameMs;
    const decidedMs = nowMs();
    if (speculation) this.#keep(this.#pending);
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#speculation = null;
    if (this.#starvation) clearTimeout(this.#starvation);
    this.#starvation = null;
    const transcriptions = await Promise.all(pieces);
    if (this.#controller.signal.aborted) return;
    const text = join(transcriptions);
    if (text === '') {
      this.#events.onTurn(null);
      return;
    }
    const voiceEndSample = speculation?.voiceEndSample ?? endSample;
    const voiceEndMs = lastFrameMs - ((endSample - voiceEndSample) * 1000) / MICROPHONE_RATE_HZ;
    this.#events.onTurn({
      text,
      voiceEndMs,
      endpointingMs: decidedMs - voiceEndMs,
      asrMs: transcriptions.at(-1)?.asrMs ?? 0,
    });
  }

  #transcribe(segment: Segment, signal: AbortSignal): Promise<Transcription> {
    const { asr, timeouts, nowMs } = this.#options;
    const pcm = this.#ring.read(Math.round(segment.startSample), Math.round(segment.endSample));
    return transcribe({ asr, pcm, patience: timeouts.asr, nowMs }, signal);
  }

  #failed(error: unknown): null {
    if (!this.#controller.signal.aborted) this.#events.onFailure(error);
    return null;
  }

  /** Ends a turn whose microphone stopped sending, as a muted track or a lost connection does. */
  #armStarvation(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#starvation = null;
      if (!this.#endpointer.speaking) return;
      const quietMs = this.#options.nowMs() - this.#lastFrameMs;
      if (quietMs < STARVED_MS) {
        this.#starvation = this.#armStarvation();
        return;
      }
      const rest = this.#endpointer.close();
      if (rest) this.#speculate(rest.segment, rest.voiceEndSample);
      this.#end();
    }, STARVED_MS);
  }
}

function join(pieces: readonly (Transcription | null)[]): string {
  return pieces
    .map((piece) => piece?.text ?? '')
    .filter((text) => text !== '')
    .join(' ');
}
