import type { JitterBuffer, UtteranceMessage } from '@parley/sdk';
import { ContextClock } from './context-clock.ts';
import { PLAYER_PROCESSOR, type PlayerReport, type PlayerRequest, playerWorklet } from './player-worklet.ts';
import { ReportHistory, sampleAt } from './report-history.ts';
import {
  chooseOpusBackend,
  createSpeechDecoder,
  type OpusBackend,
  type SpeechDecoder,
} from './speech-decoder.ts';
import { addWorklet } from './worklet-module.ts';

/** Options of {@link SpeechPlayer.create}. */
export interface SpeechPlayerOptions {
  /** Room clock in ms, on which utterances start. */
  readonly roomMs: () => number;
  /** Sound is played this much later than the room says, the same on every utterance, in ms. Default 0. */
  readonly playoutDelayMs?: number;
  /** Default `auto`. */
  readonly opus?: OpusBackend;
  /** `performance.now()` by default. */
  readonly timeMs?: () => number;
}

/** Sound is decoded no further ahead than this. */
const AHEAD_MS = 4000;
/** A lost frame is given up when the voice is this close to it. */
const DEADLINE_MS = 60;
/** The voice is told when its start on the audio clock has moved by more than this: clocks drift, contexts pause. */
const ALIGN_SECONDS = 0.003;
/** Sound is looked for this often when no packet brings it. */
const PUMP_INTERVAL_MS = 100;

interface Voice {
  readonly message: UtteranceMessage;
  readonly buffer: JitterBuffer;
  readonly decoder: SpeechDecoder;
  /** Context time of sample 0 as the audio thread knows it. */
  startTime: number;
  ended: boolean;
}

/** What is heard at a moment; see {@link SpeechPlayer.readHeard}. */
export interface HeardSample {
  /** The utterance, or 0 when none is heard. */
  utterance: number;
  /** Its sample that is at the ear now, fractional. */
  sample: number;
}

/**
 * Plays an NPC's utterances in step with the room and tells which sample is at the ear. {@link node} is the sound; who
 * owns the player connects it.
 */
export class SpeechPlayer {
  /** Mono sound of the voice. */
  readonly node: AudioWorkletNode;
  readonly clock: ContextClock;
  /** Counts over the player's life. */
  readonly stats = { underruns: 0, lost: 0 };
  readonly #options: SpeechPlayerOptions;
  readonly #opus: 'webcodecs' | 'wasm';
  readonly #timeMs: () => number;
  readonly #voices: Voice[] = [];
  readonly #histories = new Map<number, ReportHistory>();
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(context: AudioContext, opus: 'webcodecs' | 'wasm', options: SpeechPlayerOptions) {
    this.#options = options;
    this.#opus = opus;
    this.#timeMs = options.timeMs ?? (() => performance.now());
    this.clock = new ContextClock(context);
    this.node = new AudioWorkletNode(context, PLAYER_PROCESSOR, {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    this.node.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => this.#receive(data);
    this.#timer = setInterval(() => this.pump(), PUMP_INTERVAL_MS);
  }

  /** Makes a player in `context`; the context may still be suspended. */
  static async create(context: AudioContext, options: SpeechPlayerOptions): Promise<SpeechPlayer> {
    const [opus] = await Promise.all([chooseOpusBackend(options.opus), addWorklet(context, playerWorklet)]);
    return new SpeechPlayer(context, opus, options);
  }

  /** The newest report of the running utterance, for display. */
  get report(): PlayerReport | undefined {
    const voice = this.#voices.at(-1);
    return voice && this.#histories.get(voice.message.utterance)?.newest;
  }

  /**
   * Begins an utterance whose audio comes out of `buffer`.
   *
   * @param buffer - The jitter buffer that packets are pushed to.
   */
  begin(message: UtteranceMessage, buffer: JitterBuffer): void {
    const { utterance, rateHz, codec } = message;
    if (this.#histories.has(utterance)) return;
    const nowMs = this.#timeMs();
    this.clock.update(nowMs);
    this.#histories.set(utterance, new ReportHistory());
    const decoder = createSpeechDecoder(
      codec,
      (startSample, pcm) => this.#send({ type: 'samples', utterance, startSample, pcm }, [pcm.buffer]),
      this.#opus,
    );
    const startTime = this.#startTime(message, nowMs);
    this.#voices.push({ message, buffer, decoder, startTime, ended: false });
    this.#send({ type: 'begin', utterance, rateHz, startTime });
    this.pump();
  }

  /** Hands over what has come; call it after each packet. */
  pump(): void {
    const nowMs = this.#timeMs();
    this.clock.update(nowMs);
    for (const voice of this.#voices) this.#pumpVoice(voice, nowMs);
  }

  /** Ends an utterance early at `endSample`, fading over `fadeMs` before it. */
  stop(utterance: number, endSample: number, fadeMs: number): void {
    const voice = this.#find(utterance);
    if (!voice) return;
    voice.ended = true;
    const fadeSamples = (fadeMs * voice.message.rateHz) / 1000;
    this.#send({ type: 'end', utterance, endSample, fadeSamples });
  }

  /**
   * Tells which sample is at the ear. Allocates nothing.
   *
   * @param localMs - A moment of `performance.now()`, now or shortly past.
   * @param out - Receives the answer.
   * @returns false when nothing is heard, also while the browser keeps the audio context suspended.
   */
  readHeard(localMs: number, out: HeardSample): boolean {
    this.clock.update(localMs);
    return this.#readAt(this.clock.audibleTimeAt(localMs), out);
  }

  /** As {@link readHeard}, by the browser's own output clock, where it has one: a second opinion for measurements. */
  readReported(localMs: number, out: HeardSample): boolean {
    const time = this.clock.reportedAudibleTimeAt(localMs);
    return Number.isFinite(time) && this.#readAt(time, out);
  }

  /** Stops at once and frees the audio node. */
  dispose(): void {
    clearInterval(this.#timer);
    for (const voice of this.#voices.splice(0)) voice.decoder.close();
    this.#histories.clear();
    this.node.port.postMessage({ type: 'close' } satisfies PlayerRequest);
    this.node.port.onmessage = null;
    this.node.port.close();
    this.node.disconnect();
  }

  #readAt(contextTime: number, out: HeardSample): boolean {
    out.utterance = 0;
    if (!this.clock.running) return false;
    for (let i = this.#voices.length - 1; i >= 0; i--) {
      const { utterance } = this.#voices[i].message;
      const report = this.#histories.get(utterance)?.at(contextTime);
      if (!report || report.state === 'waiting' || report.state === 'ended') continue;
      out.utterance = utterance;
      out.sample = sampleAt(report, contextTime);
      return true;
    }
    return false;
  }

  #pumpVoice(voice: Voice, nowMs: number): void {
    const { message, buffer, decoder } = voice;
    const perMs = message.rateHz / 1000;
    const report = this.#histories.get(message.utterance)?.newest;
    const wanted = (this.#options.roomMs() - message.startMs - this.#delayMs) * perMs;
    const played = report && report.state !== 'waiting' ? report.sample : wanted;
    const lostBefore = buffer.stats.lost;
    buffer.takeAudio(played + DEADLINE_MS * perMs, Math.max(0, played) + AHEAD_MS * perMs, (start, frame) => {
      if (frame) decoder.decode(start, frame);
    });
    this.stats.lost += buffer.stats.lost - lostBefore;
    if (!voice.ended && Number.isFinite(buffer.endSample)) {
      voice.ended = true;
      const { utterance } = message;
      this.#send({ type: 'end', utterance, endSample: buffer.endSample, fadeSamples: 0 });
    }
    const startTime = this.#startTime(message, nowMs);
    if (Math.abs(startTime - voice.startTime) > ALIGN_SECONDS) {
      voice.startTime = startTime;
      this.#send({ type: 'align', utterance: message.utterance, startTime });
    }
  }

  #receive(report: PlayerReport): void {
    const history = this.#histories.get(report.utterance);
    if (!history) return;
    this.stats.underruns += report.underruns - (history.newest?.underruns ?? 0);
    history.add(report);
    if (report.state !== 'ended') return;
    const latencyMs = this.clock.outputLatencySeconds * 1000;
    // What was played last is still on its way to the ear.
    setTimeout(() => this.#forget(report.utterance), latencyMs + 50);
  }

  #forget(utterance: number): void {
    const index = this.#voices.findIndex(({ message }) => message.utterance === utterance);
    if (index >= 0) this.#voices.splice(index, 1)[0].decoder.close();
    this.#histories.delete(utterance);
  }

  /** The context's time at which sample 0 plays. */
  #startTime(message: UtteranceMessage, nowMs: number): number {
    const inMs = message.startMs + this.#delayMs - this.#options.roomMs();
    return this.clock.timeAt(nowMs) + inMs / 1000;
  }

  get #delayMs(): number {
    return this.#options.playoutDelayMs ?? 0;
  }

  #find(utterance: number): Voice | undefined {
    return this.#voices.find(({ message }) => message.utterance === utterance);
  }

  #send(request: PlayerRequest, transfer: Transferable[] = []): void {
    this.node.port.postMessage(request, transfer);
  }
}
