import { MICROPHONE_RATE_HZ } from '@parley/sdk';
import type { Asr, Vad, VadFrame } from '../engines/contracts.ts';
import { Channel } from './channel.ts';
import type { EchoGate } from './echo-gate.ts';
import {
  ENDPOINTING_DEFAULTS,
  type EndpointEvent,
  Endpointer,
  type EndpointingOptions,
  type Segment,
} from './endpointing.ts';
import { type Finish, howFinished } from './how-finished.ts';
import { Interruption, type InterruptionEvent } from './interruption.ts';
import { MicrophoneSound } from './microphone-sound.ts';
import { Recogniser } from './recogniser.ts';
import { Starvation } from './starvation.ts';
import type { TranscribeInput, Transcription } from './transcribe.ts';
import type { Timeouts } from './watchdog.ts';

/** A finished turn of a speaker. */
export interface HeardTurn {
  readonly text: string;
  /** Room clock at which the voice ended, ms. */
  readonly voiceEndMs: number;
  /** The same on the microphone's 16 kHz clock, which a late process does not shift. */
  readonly voiceEndSample: number;
  /** From the end of the voice until the turn was taken to be over, ms. */
  readonly endpointingMs: number;
  /** Time that the recogniser took for the last piece, ms; most of it passes while endpointing still waits. */
  readonly asrMs: number;
  /** Whether an NPC was speaking when it began. */
  readonly overSpeech: boolean;
}

/** What a listener tells its room. */
export interface ListenerEvents {
  /** Enough voice to be sure that the player speaks. */
  onSpeechStart(): void;
  /** What the player's voice means for an NPC that is speaking. */
  onInterruption(event: InterruptionEvent): void;
  /** The words so far; they may still change. */
  onPartial(text: string): void;
  /** The player pauses within or after a turn. @param spokenMs Voice so far. */
  onPause(spokenMs: number): void;
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
  /** New speech after which the words so far are transcribed, ms. Default 900; `Infinity` for never. */
  readonly partialEveryMs?: number;
  /** Tells what the microphone hears of the NPCs' own voices. */
  readonly echo?: EchoGate;
  /** Whether somebody is speaking whom the player could interrupt. Default: nobody. */
  readonly overhears?: () => boolean;
  /** Whether words are what an NPC has just said. Default: never. */
  readonly repeats?: (text: string) => boolean;
  /** The room clock, ms. */
  readonly nowMs: () => number;
}

/** Microphone audio that may wait for the voice detector: 5 s in frames of 20 ms. Beyond it frames are refused. */
const VAD_QUEUE_FRAMES = 250;
/** Frames that wait for the verdict on an echo at most: 380 ms. */
const MAX_UNDECIDED = 12;
/** Transcribed pieces of one long turn that are kept, the newest. */
const MAX_PIECES = 12;
/** Words so far are transcribed of this much speech at most, ms. */
const LONGEST_PARTIAL_MS = 15_000;
/** At most one part in this many of the recogniser's time goes to the words so far of one speaker. */
const PARTIAL_SHARE = 4;
/** Probability from which a window is a voice for sure. */
const SURE_PROBABILITY = 0.9;
/** Voice that is hardly a mere noise, ms. */
const WORDS_MS = 480;
/** What was said before a pause of this length is settled where it reads like a sentence, ms. */
const SETTLING_PAUSE_MS = 400;
/** Voice of this length is put to the recogniser whatever it sounds like, ms. */
const LONGEST_NOISE_MS = 800;
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
  readonly #sound: MicrophoneSound;
  readonly #starvation: Starvation;
  readonly #recogniser: Recogniser;
  readonly #interruption = new Interruption();
  readonly #vadInput = new Channel<Float32Array>(VAD_QUEUE_FRAMES);
  /** Transcripts of the pieces that are settled, in order; pieces still at work are promises. */
  #pieces: Promise<Transcription | null>[] = [];
  #speculation: Speculation | null = null;
  #refusedFrames = 0;
  /** Frames that wait until it is known whether they are an echo. */
  readonly #frames: VadFrame[] = [];
  /** Whether an NPC was speaking when the running speech began. */
  #overSpeech = false;
  #wasVoiced = false;
  /** Work on the words so far: what it has covered, and when the next may begin. */
  #partial: AbortController | null = null;
  #partialFromSample = 0;
  #partialAfterMs = 0;

  constructor(options: ListenerOptions, events: ListenerEvents) {
    this.#options = options;
    this.#events = events;
    const endpointing = options.endpointing ?? ENDPOINTING_DEFAULTS;
    const never = Number.POSITIVE_INFINITY;
    this.#endpointing =
      options.mode === 'push'
        ? { ...endpointing, clearDelayMs: never, minDelayMs: never, openDelayMs: never, maxDelayMs: never }
        : endpointing;
    this.#recogniser = Recogniser.of(options.asr);
    this.#endpointer = new Endpointer(this.#endpointing, MICROPHONE_RATE_HZ);
    const keptMs = this.#endpointing.maxUtteranceMs + 2 * this.#endpointing.paddingMs + 2000;
    this.#sound = new MicrophoneSound(keptMs, options.echo);
    this.#starvation = new Starvation(options.nowMs, () => this.#starved());
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
    this.#sound.receive(pcm, this.#starvation.feed());
  }

  /** The player lets go of the key or closes the microphone: what was said becomes a turn at once. */
  async finish(): Promise<void> {
    // What the detector has been given it still judges, within reason.
    const ringEnd = this.#sound.endSample;
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
    this.#starvation.rest();
    this.#speculation?.controller.abort();
    this.#partial?.abort();
    this.#tell(this.#interruption.reset());
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
      this.#frames.push(frame);
      this.#advance(MAX_UNDECIDED);
    }
    this.#advance(0);
  }

  /** Gives the endpointer all frames of which it is known whether they are an echo, and the others beyond so many. */
  #advance(undecided: number): void {
    for (let frame = this.#nextFrame(undecided); frame; frame = this.#nextFrame(undecided)) {
      const event = this.#endpointer.push(frame);
      this.#weigh(frame);
      if (event) this.#handle(event);
      else this.#hearPartly();
    }
  }

  /** The next frame for the endpointer: what the microphone hears of the NPCs' own voices is silence. Null: not known yet. */
  #nextFrame(undecided: number): VadFrame | null {
    const [frame] = this.#frames;
    if (!frame) return null;
    const voiced = frame.probability >= this.#endpointing.endProbability;
    const verdict = (voiced && this.#options.echo?.verdict(frame.startSample)) || 'own';
    if (verdict === 'undecided' && this.#frames.length <= undecided) return null;
    this.#frames.shift();
    return verdict === 'echo' ? { ...frame, probability: 0 } : frame;
  }

  /** Whether the voice means to interrupt whoever is speaking. */
  #weigh(frame: VadFrame): void {
    const { voicedMs, silenceMs } = this.#endpointer;
    const voiced = voicedMs > 0;
    if (voiced && !this.#wasVoiced) this.#overSpeech = this.#options.overhears?.() ?? false;
    if (!voiced && this.#wasVoiced) this.#tell(this.#interruption.reset());
    this.#wasVoiced = voiced;
    if (!voiced || silenceMs > 0 || !this.#options.overhears?.()) return;
    // A voice that began before the NPC did interrupts it as well.
    this.#overSpeech = true;
    this.#tell(
      this.#interruption.hear(
        voicedMs,
        () => this.#sound.classifyEnd(this.#endpointer.clockSample),
        frame.probability >= SURE_PROBABILITY,
      ),
    );
    if (this.#interruption.wantsWords(voicedMs)) this.#startPartial();
  }

  #tell(event: InterruptionEvent | null): void {
    if (event) this.#events.onInterruption(event);
  }

  /** The words, unless they are those of a loudspeaker. */
  #ownWords(text: string): string {
    return this.#options.repeats?.(text) ? '' : text;
  }

  /** Transcribes the speech so far when enough of it is new. */
  #hearPartly(): void {
    const { nowMs, partialEveryMs = 900 } = this.#options;
    if (!this.#endpointer.speaking || this.#endpointer.silenceMs > 0 || this.#partial) return;
    const from = Math.max(this.#partialFromSample, this.#endpointer.startSample);
    const newMs = ((this.#endpointer.clockSample - from) * 1000) / MICROPHONE_RATE_HZ;
    if (newMs >= partialEveryMs + this.#endpointing.paddingMs && nowMs() >= this.#partialAfterMs)
      this.#startPartial();
  }

  #startPartial(): void {
    if (this.#partial || this.#recogniser.busy) return;
    const controller = new AbortController();
    this.#partial = controller;
    const endSample = this.#endpointer.clockSample;
    const longest = (LONGEST_PARTIAL_MS * MICROPHONE_RATE_HZ) / 1000;
    const startSample = Math.max(this.#endpointer.startSample, endSample - longest);
    const signal = AbortSignal.any([controller.signal, this.#controller.signal]);
    const pieces = [...this.#pieces];
    void this.#recogniser
      .transcribePartly(this.#transcribing({ startSample, endSample }), signal)
      .then(async (result) => {
        if (!result) return;
        this.#partialFromSample = endSample;
        this.#partialAfterMs = this.#options.nowMs() + PARTIAL_SHARE * result.asrMs;
        const text = join([...(await Promise.all(pieces)), result]);
        if (signal.aborted || text === '' || !this.#endpointer.speaking) return;
        this.#tell(
          this.#overSpeech ? this.#interruption.hearWords(this.#ownWords(result.text), false) : null,
        );
        this.#events.onPartial(text);
        if (howFinished(text) === 'clear') this.#events.onLikelyTurn(text);
      })
      // The words so far are a courtesy; the words that count meet the same fault and tell it.
      .catch(() => {})
      .finally(() => {
        if (this.#partial === controller) this.#partial = null;
      });
  }

  #handle(event: EndpointEvent): void {
    switch (event.type) {
      case 'speech-start':
        if (this.#options.mode !== 'push') this.#starvation.watch();
        this.#events.onSpeechStart();
        return;
      case 'pause':
        this.#events.onPause(this.#endpointer.voicedMs);
        this.#speculate(event.segment, event.voiceEndSample);
        return;
      case 'resume':
        this.#resume(event.pauseMs);
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
    this.#partial?.abort();
    const controller = new AbortController();
    const speculation: Speculation = { controller, voiceEndSample, result: null };
    this.#speculation = speculation;
    const signal = AbortSignal.any([controller.signal, this.#controller.signal]);
    const heard = this.#isNoise(segment)
      ? Promise.resolve<Transcription>({ text: '', asrMs: 0 })
      : this.#transcribe(segment, signal);
    const work = heard.then(
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
    if (this.#overSpeech) this.#tell(this.#interruption.hearWords(this.#ownWords(result.text), true));
    const finish = result.text === '' ? this.#finishWithoutWords() : howFinished(result.text);
    const event = this.#endpointer.judge(finish);
    if (event) this.#handle(event);
    else if (result.text !== '') void this.#announce(finish !== 'hanging');
  }

  /** A longer voice that the recogniser made nothing of may be the beginning of a sentence. */
  #finishWithoutWords(): Finish {
    return this.#endpointer.voicedMs >= WORDS_MS ? 'hanging' : 'likely';
  }

  async #announce(likely: boolean): Promise<void> {
    const speculation = this.#speculation;
    const text = join(await Promise.all([...this.#pieces, this.#pending]));
    if (this.#speculation !== speculation || this.stopped) return;
    this.#events.onPartial(text);
    if (likely) this.#events.onLikelyTurn(text);
  }

  #resume(pauseMs: number): void {
    this.#events.onResume();
    const speculation = this.#speculation;
    this.#speculation = null;
    if (!speculation) return;
    const finish = speculation.result ? howFinished(speculation.result.text) : 'hanging';
    if (speculation.result && pauseMs >= SETTLING_PAUSE_MS && (finish === 'clear' || finish === 'likely')) {
      // A whole sentence is settled, so that a long turn is not transcribed again at every pause. Within a shorter pause
      // the recogniser may have taken half a sentence for one.
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
    const endSample = this.#sound.endSample;
    const { lastFrameMs } = this.#starvation;
    const decidedMs = nowMs();
    if (speculation) this.#keep(this.#pending);
    const pieces = this.#pieces;
    const overSpeech = this.#overSpeech;
    this.#pieces = [];
    this.#speculation = null;
    this.#partial?.abort();
    this.#starvation.rest();
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
      voiceEndSample,
      endpointingMs: decidedMs - voiceEndMs,
      asrMs: transcriptions.at(-1)?.asrMs ?? 0,
      overSpeech,
    });
  }

  /** A cough or a hum while somebody speaks is not worth words; recognisers would find some. */
  #isNoise(segment: Segment): boolean {
    const isShort = this.#endpointer.voicedMs < LONGEST_NOISE_MS;
    if (!this.#overSpeech || !isShort || this.#interruption.phase !== 'none') return false;
    const sound = this.#sound.classify(segment);
    return sound === 'hum' || sound === 'noise';
  }

  #transcribe(segment: Segment, signal: AbortSignal): Promise<Transcription> {
    return this.#recogniser.transcribe(this.#transcribing(segment), signal);
  }

  #transcribing(segment: Segment): TranscribeInput {
    const { asr, timeouts, nowMs } = this.#options;
    return { asr, pcm: this.#sound.read(segment), patience: timeouts.asr, nowMs };
  }

  #failed(error: unknown): null {
    if (!this.#controller.signal.aborted) this.#events.onFailure(error);
    return null;
  }

  /** The microphone has stopped sending: the turn ends with what has come. */
  #starved(): void {
    if (!this.#endpointer.speaking) return;
    const rest = this.#endpointer.close();
    if (rest) this.#speculate(rest.segment, rest.voiceEndSample);
    this.#end();
  }
}

function join(pieces: readonly (Transcription | null)[]): string {
  return pieces
    .map((piece) => piece?.text ?? '')
    .filter((text) => text !== '')
    .join(' ');
}
